import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openCommands, type Outcome } from './commands.ts'

export type { Outcome }

const bin = fileURLToPath(new URL('../../src/cli/holdfast.js', import.meta.url))

/** Runs the command line as a process of its own, as a person would. */
export function cli(...argv: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...argv], { maxBuffer: 1 << 26, env: process.env }, (error, out, err) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
      resolve({ code, out, err })
    })
  })
}

/** What a command with `--output json` printed; fails with what it said when that was none. */
// The shape is the caller's word: a test reads what it names.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function withJson<T>(argv: readonly string[], { code, out, err }: Outcome): { code: number; json: T; err: string } {
  try {
    return { code, err, json: JSON.parse(out) as T }
  } catch {
    throw new Error(`holdfast ${argv.join(' ')} printed no JSON (exit ${code}):\n${out}\n${err}`)
  }
}

export function startCli(...argv: string[]): ChildProcess {
  return spawn(process.execPath, [bin, ...argv], { stdio: ['ignore', 'pipe', 'pipe'], env: process.env })
}

export interface TestLab extends AsyncDisposable {
  dir: string
  /** Path of its holdfast.yaml. */
  config: string
  clone: string
  share: string
  /** Runs a command with the lab's configuration, in a process that has run others before. */
  holdfast(...argv: string[]): Promise<Outcome>
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  json<T = Record<string, unknown>>(...argv: string[]): Promise<{ code: number; json: T; err: string }>
  break(kind: string, subject: string, detail?: string): Promise<void>
  repair(kind: string, subject: string): Promise<void>
  /** What an administrator does with his own hands. */
  do(act: string, subject: string, detail?: string): Promise<void>
  /** What the deployment holds of a subject: `kind` -> name -> texts. */
  content(subject: string): Promise<Record<string, Record<string, string[]> | null>>
  /** Changes a file of the clone, commits and pushes it. */
  commit(file: string, change: (text: string) => string): Promise<void>
}

/** A lab of its own for one test file: processes, ports and folders; gone when disposed. */
export async function startLab(from?: string): Promise<TestLab> {
  await using started = new AsyncDisposableStack()
  const commands = started.use(openCommands())
  const holdfast = (...argv: string[]): Promise<Outcome> => commands.run(argv)
  const dir = join(await mkdtemp(join(tmpdir(), 'holdfast-e2e-')), 'lab')
  const options = ['lab', 'up', dir, '--detach', ...(from === undefined ? [] : ['--from', from]), '--output', 'json']
  const up = withJson<{ config: string; clone: string; share: string }>(options, await holdfast(...options))
  if (up.code !== 0) throw new Error(`lab up failed: ${up.err}`)
  const { config, clone, share } = up.json
  const succeed = async (...argv: string[]): Promise<void> => {
    const { code, out, err } = await holdfast(...argv)
    if (code !== 0) throw new Error(`holdfast ${argv.join(' ')} ended with ${code}:\n${out}${err}`)
  }
  const processes = started.move()
  return {
    dir,
    config,
    clone,
    share,
    holdfast: (...argv) => holdfast(...argv, '--config', config),
    json: async (...argv) => withJson(argv, await holdfast(...argv, '--output', 'json', '--config', config)),
    break: (kind, subject, detail) =>
      succeed('lab', 'break', kind, subject, ...(detail === undefined ? [] : [detail]), '--dir', dir),
    repair: (kind, subject) => succeed('lab', 'repair', kind, subject, '--dir', dir),
    do: (act, subject, detail) =>
      succeed('lab', 'do', act, subject, ...(detail === undefined ? [] : [detail]), '--dir', dir),
    async content(subject) {
      const argv = ['lab', 'content', subject, '--dir', dir, '--output', 'json']
      const { json } = withJson<{
        content: { kind: string; content: Record<string, string[]> | null }[]
      }>(argv, await holdfast(...argv))
      return Object.fromEntries(json.content.map(({ kind, content }) => [kind, content]))
    },
    async commit(file, change) {
      const path = join(clone, file)
      await writeFile(path, change(await readFile(path, 'utf8')))
      await git(clone, 'commit', '--all', '--message', 'Change')
      await git(clone, 'push', '--quiet')
    },
    async [Symbol.asyncDispose]() {
      await holdfast('lab', 'down', dir)
      await processes.disposeAsync()
      await rm(join(dir, '..'), { recursive: true, force: true })
    },
  }
}

export function git(cwd: string, ...argv: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('git', argv, { cwd }, (error, out, err) => {
      if (error) reject(new Error(`git ${argv.join(' ')}: ${err}`))
      else resolve(out)
    })
  })
}

/** `sha256sum -c`, as a stranger would run it. */
export function sha256sumCheck(folder: string, manifest: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile('sha256sum', ['--check', '--quiet', manifest], { cwd: folder }, (error, out, err) => {
      resolve({ code: error ? 1 : 0, out, err })
    })
  })
}
