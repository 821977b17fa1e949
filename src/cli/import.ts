import { readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { Problem, systemCode } from '../base/problem.ts'
import { systemRandom } from '../base/random.ts'
import { readConfig } from '../config/config.ts'
import { deadline } from '../drivers/deadline.ts'
import { openDrivers } from '../drivers/drivers.ts'
import { textAnswer } from '../observed/answer.ts'
import { interpret } from '../topology/interpret.ts'
import { readTopology } from '../topology/read.ts'
import type { WrittenResource } from '../topology/resource.ts'
import { toResources } from '../topology/resources.ts'
import type { Warning } from '../topology/warning.ts'
import { fileNameOf, yamlOf, yamlStream } from '../topology/written.ts'
import { maximumDocument } from '../topology/zip.ts'
import type { AddCommand, Context, Terminal } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { fillNewFolder } from './new-folder.ts'

/** `holdfast import FILE [--to DIR]`, `holdfast import --live`: a topology -> desired state. */
export const addImport: AddCommand = (program, run) => {
  program
    .command('import')
    .summary('turn a topology document, or the live deployment, into desired state')
    .description(
      'Turns a topology into desired state: a file (the output of Get-CsTopology -AsXml, a .tbxml file of Topology Builder, or the ZIP file of Export-CsConfiguration), or what is published now, asked of the shell host that holdfast.yaml names.',
    )
    .argument('[file]', 'the topology document')
    .option('--live', 'ask the deployment itself, in place of a file')
    .option('--to <dir>', 'write one file per resource into this new or empty folder, in place of standard output')
    .action((file: string | undefined, { live = false, to }: { live?: boolean; to?: string }) =>
      run(async (context) => {
        const bytes = await (live ? readLive(file, context) : readBounded(file, context))
        return importDocument(bytes, to ?? null, context)
      }),
    )
}

async function importDocument(bytes: Uint8Array, to: string | null, { output, terminal }: Context): Promise<number> {
  const { topology, warnings: found } = interpret(await readTopology(bytes))
  const { resources, warnings: assumed } = toResources(topology)
  const warnings = [...found, ...assumed]
  if (to !== null) await writeInto(resolve(terminal.cwd, to), resources)
  if (output === 'json') terminal.out(`${JSON.stringify({ resources, warnings }, null, 2)}\n`)
  else {
    if (to === null) terminal.out(yamlStream(resources))
    else terminal.out(`${resources.length} resources written to ${to}. Next: holdfast validate ${to}\n`)
    tell(warnings, terminal)
  }
  return topology.dangling > 0 ? exitCode.partly : exitCode.done
}

const liveSeconds = 300

/** The published topology, through the shell host. Neither Git nor a desired state is needed. */
async function readLive(file: string | undefined, { configFile, terminal }: Context): Promise<Uint8Array> {
  if (file !== undefined)
    throw new Problem('usage', {
      message: `A file (${file}) and --live: one of the two is imported.`,
      hint: 'Leave out the file, or --live.',
    })
  const config = await readConfig(configFile, 'leave')
  await using drivers = openDrivers(config, systemClock, systemRandom)
  using limit = deadline(systemClock, liveSeconds * 1000, late, terminal.signal)
  return Buffer.from(textAnswer(await drivers.shell.call('published-topology', { AsXml: true }, limit.signal)))
}

function late(): Problem {
  return new Problem('shell-deadline', {
    message: `The shell host did not tell the published topology within ${liveSeconds} seconds.`,
    hint: 'Run Get-CsTopology -AsXml in the Management Shell on that machine, and see where it waits.',
  })
}

async function readBounded(file: string | undefined, { terminal }: Context): Promise<Uint8Array> {
  if (file === undefined)
    throw new Problem('usage', {
      message: 'Nothing to import is named.',
      hint: 'Give the file of a topology document, or --live.',
    })
  const path = resolve(terminal.cwd, file)
  try {
    const { size } = await stat(path)
    if (size > maximumDocument)
      throw new Problem('topology-too-large', {
        subject: path,
        message: `The file is larger than ${maximumDocument / 1024 / 1024} MiB: no topology looks like that.`,
        hint: 'Use a document that comes straight from Get-CsTopology, Topology Builder or Export-CsConfiguration.',
      })
    return await readFile(path)
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown
    throw new Problem('import-file-unreadable', {
      subject: path,
      message: `The file cannot be read (${systemCode(thrown) ?? String(thrown)}).`,
      hint: 'Check the path and the rights on the file.',
      cause: thrown,
    })
  }
}

function writeInto(folder: string, resources: readonly WrittenResource[]): Promise<void> {
  const write = async (): Promise<void> => {
    for (const resource of resources)
      await writeFile(join(folder, fileNameOf(resource)), yamlOf(resource), { flag: 'wx' })
  }
  return fillNewFolder(folder, write, {
    notEmpty: 'import-folder-not-empty',
    unwritable: 'import-folder-unwritable',
    hint: 'Import into a new folder, compare, and take over what you want.',
  })
}

function tell(warnings: readonly Warning[], terminal: Terminal): void {
  for (const { code, message } of warnings) terminal.err(`warning: ${message} [${code}]\n`)
}
