import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'
import { scrub } from '../../base/log.ts'
import type { Problem } from '../../base/problem.ts'

/** A process that talks over its standard streams. */
export interface ShellProcess {
  readonly lines: AsyncIterable<Buffer>
  write(data: string | Uint8Array): void
  /** Resolves when the process has ended, with a word on how; also when it never started. */
  readonly ended: Promise<string>
  /** The last lines it wrote to standard error. */
  complaints(): string
  /** Why the way to it broke, once it has ended; null: it ended by itself. `greeted`: it had said its hello. */
  fault(greeted: boolean): Problem | null
  /** Closes its input, upon which it ends by itself. */
  closeInput(): void
  /** Ends it with all it started, and the process `pid` too where that is another one. True once all are gone. */
  end(pid: number | null): Promise<boolean>
}

export interface LocalProcess extends ShellProcess {
  /** False where there was no such program. */
  readonly started: boolean
  /** Null while it runs, when it never started, and when a signal ended it. */
  readonly exitCode: number | null
  /** As `ended`, once all it wrote was read: later where something it started still holds its streams. */
  readonly closed: Promise<string>
}

export interface ProcessOptions {
  command: readonly string[]
  /** Where it is started. */
  folder: string
  clock: Clock
  /** Variables beside those that an engine needs. */
  environment?: Readonly<Record<string, string>>
}

/** Starts `command` on this machine, in a process group of its own and with no more environment than it needs. */
export function startLocal({ command, folder, clock, environment = {} }: ProcessOptions): LocalProcess {
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, {
    cwd: folder,
    env: { ...inherited(), ...environment },
    stdio: 'pipe',
    detached: !windows,
    windowsHide: true,
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4096)))
  child.stdin.on('error', () => {}) // its end is reported by `ended`
  const failed = new Promise<string>((resolve) => child.on('error', (error) => resolve(error.message)))
  const after = (event: 'exit' | 'close'): Promise<string> =>
    new Promise((resolve) =>
      child.on(event, (code, signal) => resolve(code === null ? `by signal ${String(signal)}` : `with code ${code}`)),
    )
  const ended = Promise.race([failed, after('exit')])
  return {
    lines: child.stdout as AsyncIterable<Buffer>,
    write: (data) => void child.stdin.write(data),
    ended,
    closed: Promise.race([failed, after('close')]),
    started: child.pid !== undefined,
    get exitCode() {
      return child.exitCode
    },
    fault: () => null,
    complaints: () => scrub(complaints.trim().split(/\r?\n/).slice(-10).join('\n')),
    closeInput: () => void child.stdin.end(),
    end: (pid) => endTree(child.pid ?? null, pid, ended, clock),
  }
}

const windows = process.platform === 'win32'

/** What Windows PowerShell and its modules need to start; nothing of ours, so no secret is handed down. */
const passedOn = new Set(
  (
    'PATH PATHEXT SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC TEMP TMP TMPDIR HOME HOMEDRIVE HOMEPATH USERPROFILE USERNAME ' +
    'USERDOMAIN USERDNSDOMAIN COMPUTERNAME APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86) PROGRAMW6432 ' +
    'COMMONPROGRAMFILES PSMODULEPATH KRB5CCNAME KRB5_CONFIG PROCESSOR_ARCHITECTURE LANG LC_ALL TZ'
  ).split(' '),
)

function inherited(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => passedOn.has(name.toUpperCase()))
  // No escape codes in its output, and nothing sent to its vendor.
  return { ...Object.fromEntries(kept), NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' }
}

const graceMilliseconds = 5_000

async function endTree(
  group: number | null,
  pid: number | null,
  ended: Promise<unknown>,
  clock: Clock,
): Promise<boolean> {
  const all = [group, pid].filter((one) => one !== null)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (windows) for (const one of all) await taskkill(one)
    else {
      if (group !== null) send(-group, signal)
      if (pid !== null && pid !== group) send(pid, signal)
    }
    if (await gone(all, ended, clock)) {
      if (!windows && group !== null) send(-group, 'SIGKILL') // what ignored the first signal and outlived its parent
      return true
    }
  }
  return false
}

async function gone(pids: readonly number[], ended: Promise<unknown>, clock: Clock): Promise<boolean> {
  const stop = new AbortController()
  const late = clock.sleep(graceMilliseconds, stop.signal).then(
    () => true,
    () => false,
  )
  const waited = await Promise.race([ended.then(() => false), late])
  stop.abort()
  for (let looks = waited ? 1 : 20; looks > 0; looks--) {
    if (!pids.some(isAlive)) return true
    await clock.sleep(100)
  }
  return false
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // gone already
  }
}

async function taskkill(pid: number): Promise<void> {
  const killer = spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true })
  await once(killer, 'exit').catch(() => {})
}

/** A zombie is dead: nobody but its parent can remove it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
