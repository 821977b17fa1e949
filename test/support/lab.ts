import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const bin = join(import.meta.dirname, '..', '..', 'src', 'cli', 'holdfast.js')

export interface Outcome {
  code: number
  out: string
  err: string
}

/** Runs the command line as a process of its own, as a person would. */
export function cli(...argv: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...argv], { maxBuffer: 1 << 26, env: process.env }, (error, out, err) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
      resolve({ code, out, err })
    })
  })
}

/** The same, with its JSON; fails with what the command said when it printed none. */
// The shape is the caller's word: a test reads what it names.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
async function cliJson<T = Record<string, unknown>>(
  ...argv: string[]
): Promise<{ code: number; json: T; err: string }> {
  const { code, out, err } = await cli(...argv, '--output', 'json')
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
  /** Runs a command with the lab's configuration. */
  holdfast(...argv: string[]): Promise<Outcome>
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  json<T = Record<string, unknown>>(...argv: string[]): Promise<{ code: number; json: T; err: string }>
  break(kind: string, subject: string, detail?: string): Promise<void>
  repair(kind: string, subject: string): Promise<void>
  /** Changes a file of the clone, commits and pushes it. */
  commit(file: string, change: (text: string) => string): Promise<void>
}

/** A lab of its own for one test file: processes, ports and folders; gone when disposed. */
export async function startLab(from?: string): Promise<TestLab> {
  const dir = join(await mkdtemp(join(tmpdir(), 'holdfast-e2e-')), 'lab')
  const up = await cliJson<{ config: string; clone: string; share: string }>(
    'lab',
    'up',
    dir,
    '--detach',
    ...(from === undefined ? [] : ['--from', from]),
  )
  if (up.code !== 0) throw new Error(`lab up failed: ${up.err}`)
  const { config, clone, share } = up.json
  const succeed = async (...argv: string[]): Promise<void> => {
    const { code, out, err } = await cli(...argv)
    if (code !== 0) throw new Error(`holdfast ${argv.join(' ')} ended with ${code}:\n${out}${err}`)
  }
  return {
    dir,
    config,
    clone,
    share,
    holdfast: (...argv) => cli(...argv, '--config', config),
    json: (...argv) => cliJson(...argv, '--config', config),
    break: (kind, subject, detail) =>
      succeed('lab', 'break', kind, subject, ...(detail === undefined ? [] : [detail]), '--dir', dir),
    repair: (kind, subject) => succeed('lab', 'repair', kind, subject, '--dir', dir),
    async commit(file, change) {
      const path = join(clone, file)
      await writeFile(path, change(await readFile(path, 'utf8')))
      await git(clone, 'commit', '--all', '--message', 'Change')
      await git(clone, 'push', '--quiet')
    },
    async [Symbol.asyncDispose]() {
      await cli('lab', 'down', dir)
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
