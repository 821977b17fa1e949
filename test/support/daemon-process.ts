/** A daemon as a process of its own, with what it logs. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { StatusView } from '../../src/views/status.ts'
import { startCli, type TestLab } from './lab.ts'
import { until } from './until.ts'

export interface LogLine {
  level: number
  msg: string
  code?: string
}

export interface DaemonProcess extends AsyncDisposable {
  /** What it has logged, oldest first. */
  lines(): LogLine[]
  /** All that it wrote to standard error. */
  err(): string
  isAlive(): boolean
  signal(name: 'SIGTERM' | 'SIGKILL'): void
  /** Its exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>
  /** The first line with this code, or of these words. */
  says(what: string): Promise<LogLine>
}

export function startDaemonProcess(config: string, ...options: string[]): DaemonProcess {
  const child = startCli('run', ...options, '--config', config)
  let err = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const lines = (): LogLine[] =>
    err
      .slice(0, err.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine)
  return {
    lines,
    err: () => err,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    signal: (name) => void child.kill(name),
    exited,
    says: (what) =>
      until(() => {
        const found = lines().find(({ code, msg }) => code === what || msg === what)
        if (!found && child.exitCode !== null) throw new Error(`it ended, and never said ${what}:\n${err}`)
        return Promise.resolve(found)
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The daemon of a lab, once it has made a pass: before that, commands tell what a former one left. */
export async function startedDaemon(lab: TestLab): Promise<ChildProcess> {
  const since = new Date().toISOString()
  const daemon = startCli('run', '--config', lab.config)
  await until(async () => {
    const { running, lastPassAt } = (await lab.json<Pick<StatusView, 'daemon'>>('status')).json.daemon
    return running && lastPassAt !== null && lastPassAt > since ? true : undefined
  })
  return daemon
}

/** Folders of sets on a share, as `policy/name`, and whether each has its commit record. */
export function setsOn(share: string): { id: string; committed: boolean }[] {
  return readdirSync(share, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'current')
    .flatMap(({ name: policy }) => readdirSync(join(share, policy)).map((name) => `${policy}/${name}`))
    .filter((id) => /\/\d{8}T\d{6}Z-/.test(id))
    .map((id) => ({ id, committed: existsSync(join(share, id, 'tagmanifest-sha256.txt')) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** What the journal says, oldest first, as `type subject`. */
export async function journalOf(lab: TestLab): Promise<string[]> {
  const { json } = await lab.json<{ entries: { type: string; subject: string }[] }>('audit', 'list', '--limit', '1000')
  return json.entries.map(({ type, subject }) => `${type} ${subject}`)
}
