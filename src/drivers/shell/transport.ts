import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'
import { scrub } from '../../base/log.ts'

/** A process that talks over its standard streams. */
export interface ShellProcess {
  readonly lines: AsyncIterable<Buffer>
  write(text: string): void
  /** Resolves when the process has ended, with a word on how; also when it never started. */
  readonly ended: Promise<string>
  /** The last lines it wrote to standard error. */
  complaints(): string
  /** Closes its input, upon which it ends by itself. */
  closeInput(): void
  /** Ends it with all it started, and the process `pid` too where that is another one. True once all are gone. */
  end(pid: number | null): Promise<boolean>
}

/** Starts `command` on this machine, in a process group of its own and with no more environment than an engine needs. */
export function startLocal(command: readonly string[], folder: string, clock: Clock): ShellProcess {
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, {
    cwd: folder,
    env: environment(),
    stdio: 'pipe',
    detached: !windows,
    windowsHide: true,
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4096)))
  child.stdin.on('error', () => {}) // its end is told by `ended`
  const ended = Promise.race([
    once(child, 'exit').then(([code, signal]) =>
      code === null ? `by signal ${String(signal)}` : `with code ${String(code)}`,
    ),
    new Promise<string>((resolve) => child.on('error', (error) => resolve(error.message))),
  ])
  ended.catch(() => {})
  return {
    lines: child.stdout as AsyncIterable<Buffer>,
    write: (text) => void child.stdin.write(text),
    ended,
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
    'COMMONPROGRAMFILES PSMODULEPATH PROCESSOR_ARCHITECTURE LANG LC_ALL TZ'
  ).split(' '),
)

function environment(): NodeJS.ProcessEnv {
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
