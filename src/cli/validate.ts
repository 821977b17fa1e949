import type { Command } from 'commander'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Problem } from '../base/problem.ts'
import { systemClock } from '../base/clock.ts'
import type { Fault, Loaded } from '../desired/load.ts'
import { loadApart } from '../desired/load-apart.ts'
import { readFolder, readOne } from '../desired/folder.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'

/** `holdfast validate [PATH]`: checks a tree of desired state as the daemon would; needs no daemon and no network. */
export const addValidate: AddCommand = (program, run) => {
  program
    .command('validate')
    .argument('[path]', 'a folder of desired state, or one file that holds it all')
    .description('check desired state: every fault with its place and what to do')
    .action((path: string | undefined, _options: object, _command: Command) =>
      run(async (context) => {
        const loaded = await loadAt(context.terminal, path)
        print(loaded, context)
        return loaded.ok ? exitCode.done : exitCode.invalidInput
      }),
    )
}

async function loadAt({ cwd, signal }: Context['terminal'], given: string | undefined): Promise<Loaded> {
  const path = given ?? (existsSync(join(cwd, 'desired-state')) ? 'desired-state' : '.')
  const found = statSync(resolve(cwd, path), { throwIfNoEntry: false })
  if (!found)
    throw new Problem('path-not-found', {
      subject: path,
      message: 'There is no such file or folder.',
      hint: 'Give the folder of desired state: holdfast validate desired-state',
    })
  const absolute = resolve(cwd, path)
  const [read, name] = found.isDirectory()
    ? [() => readFolder(absolute), (file: string) => join(path, file).replaceAll('\\', '/')]
    : [async () => [await readOne(absolute)], () => path]
  return renamed(await loadApart('', read, { clock: systemClock, signal }), name)
}

/** Places are told as the person would open them. */
function renamed(loaded: Loaded, name: (file: string) => string): Loaded {
  const rename = (faults: Fault[]): Fault[] => faults.map((fault) => ({ ...fault, file: name(fault.file) }))
  const warnings = rename(loaded.warnings)
  return loaded.ok ? { ...loaded, warnings } : { ...loaded, errors: rename(loaded.errors), warnings }
}

function print(loaded: Loaded, { output, terminal }: Context): void {
  const errors = loaded.ok ? [] : loaded.errors
  const { ok, warnings } = loaded
  if (output === 'json') {
    terminal.out(`${JSON.stringify({ ok, errors, warnings })}\n`)
    return
  }
  const line = output === 'markdown' ? markdownLine : textLine
  for (const error of errors) terminal.out(line('error', error))
  for (const warning of warnings) terminal.out(line('warning', warning))
  const counts = `${plural(errors.length, 'error')}, ${plural(warnings.length, 'warning')}`
  terminal.out(
    `${errors.length + warnings.length > 0 ? '\n' : ''}${counts}${loaded.ok ? `: ${contents(loaded)}` : ''}\n`,
  )
}

function textLine(severity: string, { code, file, line, column, message, hint }: Fault): string {
  return `${file}:${line}:${column}: ${severity}: ${message} [${code}]\n    ${hint}\n`
}

function markdownLine(severity: string, { code, file, line, column, message, hint }: Fault): string {
  const plain = (text: string): string => text.replace(/[\\`*_<>[\]|]/g, '\\$&')
  return `- **${severity}** \`${file.replaceAll('`', '')}:${line}:${column}\` ${plain(message)} ${plain(hint)} (${code})\n`
}

function contents({ desired }: Loaded & { ok: true }): string {
  const { pools, sqlStores, fileStores, locations, policies } = desired
  const servers = new Set(pools.flatMap((pool) => pool.servers.map((server) => server.toLowerCase())))
  return [
    `deployment ${desired.deployment.name}`,
    plural(pools.length, 'pool'),
    plural(servers.size, 'server'),
    plural(sqlStores.length, 'SQL store'),
    plural(fileStores.length, 'file store'),
    plural(locations.length, 'location'),
    policies.length === 1 ? '1 policy' : `${policies.length} policies`,
  ].join(', ')
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
