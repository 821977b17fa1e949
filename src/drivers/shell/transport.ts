import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import { startChild, type Child } from '../child/child.ts'
import type { ChildList } from '../child/child-list.ts'
import type { Descendant } from '../child/descendant.ts'
import type { NotStarted } from '../child/not-started.ts'

/** A process that talks over its standard streams, on this machine or on another one. */
export interface ShellProcess extends Pick<Child, 'lines' | 'write' | 'ended' | 'complaints' | 'closeInput'> {
  /** Why the way to it broke, once it has ended; null: it ended by itself. `greeted`: it had said its hello. */
  fault(greeted: boolean): Problem | null
  /** Takes the number of the process that said hello, which `end` then ends too. */
  greeted(pid: number): void
  /** Ends it with all it started. True once all are gone, and with them what said hello. */
  end(): Promise<boolean>
}

export interface ProcessOptions {
  command: readonly string[]
  /** Where it is started. */
  folder: string
  clock: Clock
  /** Variables beside those that an engine needs. */
  environment?: Readonly<Record<string, string>>
  /** Where it is written down, to be ended by the next start should this process be killed. */
  children?: ChildList | undefined
}

/** Starts a program on this machine with no more environment than an engine needs. */
export function startEngine({ environment = {}, children, ...options }: ProcessOptions): Child {
  const child = startChild({ ...options, environment: { ...inherited(), ...environment } })
  const { pid } = child
  if (children && pid !== null) {
    children.add(pid)
    void child.ended.then(() => children.remove(pid))
  }
  return child
}

/**
 * Starts the shell host on this machine. Nothing but what it started itself is ever sent a signal: the number in its hello
 * may be that of a stranger, of this process, or of a process on another machine.
 */
export function startLocal(options: ProcessOptions): ShellProcess {
  const child = startEngine(options)
  let host: Descendant | null = null
  let isElsewhere = false
  return {
    ...child,
    fault: () => (child.failure ? unreachable(child.failure) : null),
    greeted(pid) {
      if (child.pid !== null) options.children?.add(child.pid) // by now it may run another program
      host = child.below(pid)
      isElsewhere = host === null && pid !== child.pid
    },
    end: async () => (await child.end(host)) && !isElsewhere,
  }
}

function unreachable({ message, hint, cause }: NotStarted): Problem {
  return new Problem('shell-unreachable', {
    message,
    hint: `${hint} Check shell.command in holdfast.yaml.`,
    cause,
  })
}

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
