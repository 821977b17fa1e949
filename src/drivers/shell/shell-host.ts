import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { Problem, toProblem } from '../../base/problem.ts'
import type { Random } from '../../base/random.ts'
import { reconnectAfter } from '../../base/retry.ts'
import type { ShellConfig } from '../../config/config-shell.ts'
import { addSeconds, type Time } from '../../base/time.ts'
import { formatDuration } from '../../base/units.ts'
import type { ChildList } from '../child/child-list.ts'
import { deadline, untilAborted } from '../deadline.ts'
import { checkCall, cmdletOf } from './calls.ts'
import type { CallName, CallResult, ScratchFolder, ShellHost } from './host.ts'
import { localScratch, removeLocalLeftovers, scratchNames } from './scratch.ts'
import { patienceMilliseconds, startSession, type Session } from './session.ts'
import { removeLeftoversThere, scratchThere } from './ssh/scratch.ts'
import { openSsh } from './ssh/ssh.ts'
import { startLocal, type ShellProcess } from './transport.ts'

interface Options {
  settings: ShellConfig | null
  /** Where the command is started: the folder of holdfast.yaml. */
  folder: string
  clock: Clock
  random: Random
  /** Owner id of the process that holds the lease; left out: it does not. */
  actor?: string | null
  log?: Log
  /** What this process starts, and what a killed one left running. */
  children?: ChildList | undefined
}

/** A call waits so long for the next start; where that is later still, it fails at once. */
const startPatience = 5_000

/** The machine where the shell host runs. */
interface Place {
  /** For a person. */
  name: string
  start(): ShellProcess
  scratch(): Promise<ScratchFolder>
  removeLeftovers(): Promise<void>
}

/**
 * Starts a process at the first call, keeps it, and replaces it when it is gone. Calls run one after another, each until
 * the deadline of the settings at most.
 */
export function openShellHost(options: Options): ShellHost & AsyncDisposable {
  const { clock, log } = options
  const place = placeOf(options)
  const inTurn = turns()
  const closing = new AbortController()
  let session: Session | null = null
  let starting: Promise<Session> | null = null
  let silentSince: Time | null = null
  let failures = 0
  let down: { notBefore: number; why: unknown } | null = null

  const complain = (said: string): void => log?.info({ said }, 'the shell host said something beside its answers')

  /** Nobody queues for a host that is known to be down: a look or an item would only be late, and all behind it. */
  async function waitForStart(signal: AbortSignal): Promise<void> {
    if (session?.usable || starting || !down) return
    const wait = down.notBefore - clock.monotonic()
    if (wait > startPatience) throw down.why
    if (wait > 0) await clock.sleep(wait, signal)
  }

  async function ready(signal: AbortSignal): Promise<Session> {
    if (session?.usable) return session
    starting ??= start().finally(() => (starting = null))
    return await untilAborted(starting, signal)
  }

  /** Goes on when its caller gives up: a slow host is not started over for each of them. */
  async function start(): Promise<Session> {
    const began = clock.now()
    session = null
    try {
      session = await startSession(place.start(), { clock, signal: closing.signal, complain })
      silentSince = null
      return session
    } catch (thrown) {
      throw failed(toProblem(thrown).code === 'shell-silent' ? silent(toProblem(thrown), began) : thrown)
    }
  }

  /** Nobody asks it again for a while: else each would wait as long as the first. */
  function silent({ message, hint, cause }: Problem, began: Time): Problem {
    silentSince ??= began
    const again = addSeconds(clock.now(), patienceMilliseconds / 1000)
    return new Problem('shell-silent', {
      message: `The shell host on ${place.name} has been silent since ${silentSince}, and is asked again after ${again}. ${message}`,
      ...(hint === null ? {} : { hint }),
      cause,
    })
  }

  /** A host that keeps failing is started ever more seldom. */
  function failed(why: unknown): unknown {
    failures++
    const wait = toProblem(why).code === 'shell-silent' ? patienceMilliseconds : reconnectAfter(failures) * 1000
    down = { notBefore: clock.monotonic() + wait, why }
    return why
  }

  function answered(): void {
    failures = 0
    down = null
  }

  return {
    async call(name, parameters, outer, take) {
      const { deadlineSeconds } = configured(options.settings)
      checkCall(name, parameters)
      const signal = AbortSignal.any([outer, closing.signal])
      const ask = async (): Promise<CallResult> => {
        await waitForStart(signal)
        const running = await ready(signal)
        try {
          using limit = deadline(clock, deadlineSeconds * 1000, () => late(name, deadlineSeconds), signal)
          return await running.request(name, parameters, limit.signal, take)
        } catch (thrown) {
          // A cmdlet that hung says nothing of the machine: the next call need not wait.
          if (!signal.aborted && !running.usable && toProblem(thrown).code !== 'shell-deadline') failed(thrown)
          throw thrown
        } finally {
          if (running.usable) answered()
        }
      }
      try {
        return await inTurn(signal, ask)
      } catch (thrown) {
        throw signal.aborted && !(thrown instanceof Problem) ? notBegun(name, thrown) : thrown
      }
    },
    scratch: () => place.scratch(),
    async removeLeftovers() {
      for (const ended of (await options.children?.endLeft()) ?? [])
        log?.warn(ended, 'a shell host that a killed process had left running was ended')
      await place.removeLeftovers()
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Problem('interrupted', { message: 'The shell host was closed.' }))
      await starting?.catch(() => {}) // ended with what it had begun
      await inTurn(new AbortController().signal, async () => await session?.close())
      session = null
    },
  }
}

function placeOf({ settings, folder, clock, random, actor = null, children }: Options): Place {
  const names = scratchNames(actor, random)
  if (settings?.transport === 'ssh') {
    const ssh = openSsh(settings, folder, clock, children)
    return {
      name: settings.host,
      start: () => ssh.start(),
      scratch: () => scratchThere(ssh, settings, names),
      removeLeftovers: () => removeLeftoversThere(ssh, settings, names),
    }
  }
  return {
    name: 'this machine',
    start: () => startLocal({ command: configured(settings).command, folder, clock, children }),
    scratch: async () => await localScratch(configured(settings).scratch, names),
    removeLeftovers: async () => {
      if (settings) await removeLocalLeftovers(settings.scratch, names, 0)
    },
  }
}

/**
 * Runs one piece of work at a time, in the order in which it was asked for. What is aborted while it waits leaves at once;
 * what runs keeps its turn until it is over, and p-queue would let the next one in.
 */
function turns(): <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return async (signal, work) => {
    const before = last
    const done = Promise.withResolvers<undefined>()
    last = before.then(() => done.promise)
    try {
      await untilAborted(before, signal)
      return await work()
    } finally {
      done.resolve(undefined)
    }
  }
}

/** The caller gave up while the call waited for its turn or for a session. */
function notBegun(call: CallName, reason: unknown): Problem {
  return new Problem('shell-deadline', {
    message: `${cmdletOf(call).cmdlet} was given up before it began: ${toProblem(reason).message}`,
    hint: 'Nothing was sent. It waited for another call, or for the shell host to start.',
    cause: reason,
  })
}

function late(call: CallName, deadlineSeconds: number): Problem {
  return new Problem('shell-deadline', {
    message: `${cmdletOf(call).cmdlet} did not end within ${formatDuration(deadlineSeconds)}`,
    hint: 'Run the same cmdlet by hand and find out what it waits for. If it only takes long, raise shell.deadline in holdfast.yaml.',
  })
}

function configured(settings: ShellConfig | null): ShellConfig {
  if (settings) return settings
  throw new Problem('shell-not-configured', {
    message: 'This needs a cmdlet of the Management Shell, and holdfast.yaml names no shell host.',
    hint: "Add to holdfast.yaml:  shell: { transport: local, command: [powershell.exe, -NoProfile, -NonInteractive, -File, holdfast.ps1], scratch: 'C:\\LyncBackup' }",
  })
}
