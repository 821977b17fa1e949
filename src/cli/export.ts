import { constants, copyFile, open, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { readOwner } from '../config/owner.ts'
import { readReferences, readSettings } from '../config/config.ts'
import { openStore, type Journal } from '../store/store.ts'
import type { ExportView } from '../views/export.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { fillNewFolder } from './new-folder.ts'
import { counted } from './render.ts'

/** `holdfast export FOLDER`: what to keep elsewhere, so that another machine can go on where this one ended. */
export const addExport: AddCommand = (program, run) => {
  program
    .command('export')
    .summary('write what to keep elsewhere: configuration, id, journal')
    .description(
      'Writes what another machine needs to go on where this one ended: the configuration, which holds no secret, the id of this daemon, and the journal as JSON Lines. Names the secrets that are to be kept besides. The how-to is docs/how-to/daemon-lost.md.',
    )
    .argument('<folder>', 'a new or empty folder')
    .action((folder: string) => run((context) => exportTo(folder, context)))
}

async function exportTo(name: string, context: Context): Promise<number> {
  const folder = resolve(context.terminal.cwd, name)
  const { state } = await readSettings(context.configFile)
  const secrets = await readReferences(context.configFile)
  const owner = await readOwner(context.configFile)
  using store = openStore(state, 'read', systemClock)
  const files = ['holdfast.yaml', ...(owner === null ? [] : ['owner.id']), 'journal.jsonl']
  const write = async (): Promise<void> => {
    await copyFile(context.configFile, join(folder, 'holdfast.yaml'), constants.COPYFILE_EXCL)
    if (owner !== null) await writeFile(join(folder, 'owner.id'), `${owner}\n`, { flag: 'wx', mode: 0o600 })
    await writeJournal(join(folder, 'journal.jsonl'), store.journal)
  }
  await fillNewFolder(folder, write, {
    notEmpty: 'export-folder-not-empty',
    unwritable: 'export-folder-unwritable',
    hint: 'Export into a new folder each time: an older export stays as it was.',
  })
  const view = { folder, files, journal: store.journal.head(), secrets }
  context.terminal.out(context.output === 'json' ? `${JSON.stringify(view)}\n` : inWords(view))
  return exitCode.done
}

async function writeJournal(file: string, journal: Journal): Promise<void> {
  await using handle = await open(file, 'wx')
  for (const entries of journal.pages())
    await handle.writeFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  await handle.sync()
}

function inWords({ folder, files, journal, secrets }: ExportView): string {
  const others = secrets.map((one) => `  ${'file' in one ? one.file : `the environment variable ${one.env}`}\n`)
  return [
    `${folder}\n`,
    ...files.map((name) => `  ${name}\n`),
    `The journal has ${counted(journal.sequence, 'entry')}; its newest hash is ${journal.hash}\n`,
    files.includes('owner.id') ? '' : 'There is no owner.id yet: this daemon never acted.\n',
    others.length === 0 ? '' : `Keep these secrets too, in a safe place; they are not in it:\n${others.join('')}`,
  ].join('')
}
