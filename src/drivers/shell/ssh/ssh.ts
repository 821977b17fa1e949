import type { Clock } from '../../../base/clock.ts'
import type { Problem } from '../../../base/problem.ts'
import type { SshShell } from '../../../config/config-shell.ts'
import { outputOf, type Child } from '../../child/child.ts'
import type { ChildList } from '../../child/child-list.ts'
import { deadline } from '../../deadline.ts'
import { startEngine, type ShellProcess } from '../transport.ts'
import { openChannel } from './channel.ts'
import { client, commandThere, environmentOf, sftpThere } from './client.ts'
import { connectionFailed, faultOf, sshProblem } from './problems.ts'
import { endThere, type Answer } from './remote-end.ts'
import { sftpOver, type Sftp } from './sftp.ts'

/** The management host, reached by the system's OpenSSH client: one connection for each piece of work. */
export interface Ssh {
  /** Starts the shell host there. */
  start(): ShellProcess
  /** Runs a short command there to its end. Throws `ssh-...` where that machine could not be reached. */
  run(words: readonly string[], signal?: AbortSignal): Promise<Answer>
  sftp(): Promise<Sftp>
  /** What the client on this machine calls itself. Throws `ssh-client-missing`. */
  version(signal: AbortSignal): Promise<string>
}

const longestRunSeconds = 60

/** `children`: where a client that runs the shell host is written down. */
export function openSsh(settings: SshShell, folder: string, clock: Clock, children?: ChildList): Ssh {
  const startClient = (command: readonly string[], children?: ChildList): Child =>
    startEngine({ command, folder, clock, environment: environmentOf(settings), children })
  const startThere = (words: readonly string[]): Child => startClient(commandThere(settings, words))

  async function finish(process: Child, signal?: AbortSignal): Promise<Answer> {
    const late = (): Problem => sshProblem(settings, `no end within ${longestRunSeconds} seconds`, false)
    using limit = deadline(clock, longestRunSeconds * 1000, late, signal)
    const output = await outputOf(process, limit.signal)
    const fault = faultOf(settings, process, false)
    if (fault) throw fault
    return { code: process.exitCode, output }
  }

  const run: Ssh['run'] = (words, signal) => finish(startThere(words), signal)

  return {
    run,
    start() {
      const process = startClient(commandThere(settings, settings.command), children)
      let pid: number | null = null
      return {
        ...process,
        ended: process.closed,
        fault: (greeted) => faultOf(settings, process, greeted),
        greeted: (number) => void (pid = number),
        async end() {
          const over = process.exitCode !== null && process.exitCode !== connectionFailed
          const gone = over || (pid !== null && (await endThere(run, settings, pid, clock)))
          await process.end()
          return gone
        },
      }
    },
    sftp: async () => sftpOver(await openChannel(startClient(sftpThere(settings)), settings, clock)),
    async version(signal) {
      const process = startClient([client, '-V'])
      await finish(process, signal)
      return process.complaints()
    },
  }
}
