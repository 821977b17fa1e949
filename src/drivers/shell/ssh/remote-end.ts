import type { Clock } from '../../../base/clock.ts'
import type { SshShell } from '../../../config/config-shell.ts'

/** How a short command ended on the management host. */
export interface Answer {
  code: number | null
  output: string
}

/** What ends a process with all it started, and what shows whether it is still there. The pid is the hello's. */
interface Platform {
  end(pid: number): readonly string[]
  ask(pid: number): readonly string[]
  /** Whether the answer says that it is gone; an answer that cannot be understood says nothing. */
  isGone(pid: number, answer: Answer): boolean
}

const windows: Platform = {
  end: (pid) => ['taskkill', '/T', '/F', '/PID', `${pid}`],
  ask: (pid) => ['tasklist', '/NH', '/FO', 'CSV', '/FI', `PID eq ${pid}`],
  // Where there is none it says so in the language of that machine; the row of a process holds its id in quotes.
  isGone: (pid, { code, output }) => code === 0 && !output.includes(`"${pid}"`),
}

/** sshd makes the command the leader of a process group. */
const posix: Platform = {
  end: (pid) => ['kill', '-s', 'KILL', '--', `-${pid}`, `${pid}`],
  ask: (pid) => ['ps', '-o', 'stat=', '-p', `${pid}`],
  isGone: (_, { code, output }) => (code === 1 && output === '') || (code === 0 && output.trim().startsWith('Z')),
}

const looks = 5

/**
 * Ends the process tree of `pid` on the management host, where `run` runs short commands. True only when that machine
 * was asked and said that it is gone.
 */
export async function endThere(
  run: (words: readonly string[]) => Promise<Answer>,
  settings: SshShell,
  pid: number,
  clock: Clock,
): Promise<boolean> {
  const platform = isWindows(settings) ? windows : posix
  try {
    await run(platform.end(pid))
    for (let look = 1; look <= looks; look++) {
      if (platform.isGone(pid, await run(platform.ask(pid)))) return true
      await clock.sleep(1000)
    }
  } catch {
    // Not reached: what it does now is unknown.
  }
  return false
}

/** The scratch folder is a path of that machine. */
export function isWindows({ scratch }: SshShell): boolean {
  return !scratch.startsWith('/')
}
