import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import type { Random } from '../../base/random.ts'
import type { Config } from '../../config/config.ts'
import { untilAborted } from '../deadline.ts'
import { checkCall } from './calls.ts'
import type { ShellHost } from './host.ts'
import { localScratch } from './scratch.ts'
import { startSession, type Session } from './session.ts'
import { startLocal } from './transport.ts'

interface Options {
  settings: Config['shell']
  /** Where the command is started: the folder of holdfast.yaml. */
  folder: string
  clock: Clock
  random: Random
}

const longestWaitMilliseconds = 60_000

/** Starts a process at the first call, keeps it, and replaces it when it is gone. Calls run one after another. */
export function openShellHost({ settings, folder, clock, random }: Options): ShellHost & AsyncDisposable {
  const inTurn = turns()
  const closing = new AbortController()
  let session: Session | null = null
  let failures = 0
  let notBefore = 0

  async function ready(signal: AbortSignal): Promise<Session> {
    if (session?.usable) return session
    session = null
    const wait = notBefore - clock.monotonic()
    if (wait > 0) await clock.sleep(wait, signal)
    return (session = await startSession(startLocal(configured(settings).command, folder, clock), clock, signal))
  }

  /** A host that keeps failing is started ever more seldom. */
  function count(failed: boolean): void {
    failures = failed ? failures + 1 : 0
    if (failed) notBefore = clock.monotonic() + Math.min(1000 * 2 ** (failures - 1), longestWaitMilliseconds)
  }

  return {
    async call(name, parameters, outer) {
      configured(settings)
      checkCall(name, parameters)
      const signal = AbortSignal.any([outer, closing.signal])
      return await inTurn(signal, async () => {
        try {
          return await (await ready(signal)).request(name, parameters, signal)
        } finally {
          if (!signal.aborted) count(!session?.usable)
        }
      })
    },
    scratch: async () => await localScratch(configured(settings).scratch, random),
    async [Symbol.asyncDispose]() {
      closing.abort(new Problem('interrupted', { message: 'The shell host was closed.' }))
      await inTurn(new AbortController().signal, async () => await session?.close())
      session = null
    },
  }
}

/** Runs one piece of work at a time, in the order in which it was asked for. */
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

function configured(settings: Config['shell']): NonNullable<Config['shell']> {
  if (settings) return settings
  throw new Problem('shell-not-configured', {
    message: 'This needs a cmdlet of the Management Shell, and holdfast.yaml names no shell host.',
    hint: "Add to holdfast.yaml:  shell: { transport: local, command: [powershell.exe, -NoProfile, -NonInteractive, -File, holdfast.ps1], scratch: 'C:\\LyncBackup' }",
  })
}
