import type { Clock } from '../../base/clock.ts'
import { scrub } from '../../base/log.ts'
import { Problem, toProblem } from '../../base/problem.ts'
import { deadline, untilAborted } from '../deadline.ts'
import type { CallResult, ShellError, TakeObject } from './host.ts'
import { isUnmarkedHello, readEvent, readHello, type Hello, type ShellEvent } from './messages.ts'
import { createNoise } from './noise.ts'
import { broken, recordsOf } from './records.ts'
import type { ShellProcess } from './transport.ts'

/** One process of the shell host, from its hello to its end. Takes one request at a time. */
export interface Session {
  /** False once the process is gone or its word cannot be trusted any more. */
  readonly usable: boolean
  /** Ends the process when the signal is aborted, since nothing else stops a cmdlet. `take` gets each object instead of the result. */
  request(call: string, parameters: object, signal: AbortSignal, take?: TakeObject): Promise<CallResult>
  close(): Promise<void>
}

interface Call {
  id: string
  objects: unknown[]
  errors: ShellError[]
  warnings: string[]
  /** What was said so far, of which all is kept, but for the objects that somebody takes. */
  messages: number
  characters: number
  take: TakeObject | null
  /** Characters of the objects that were taken. */
  taken: number
  finished: PromiseWithResolvers<CallResult>
}

/** The first import of the module takes up to two minutes on a real server. A host is given so long for each word. */
export const patienceMilliseconds = 120_000
const closeMilliseconds = 5_000
const longestMessage = 64 * 1024 * 1024
/** The largest deployments have 100,000 users, and an export may warn of each; the topology of one is a few megabytes. */
const mostMessages = 250_000
const mostCharacters = longestMessage
/** What is taken fills no memory: ten times the directory of 100,000 users. */
const mostTaken = 2 ** 30

interface SessionOptions {
  clock: Clock
  signal: AbortSignal
  /** Takes for the log what the host says beside its answers. */
  complain?: (what: string) => void
}

/**
 * Waits for the hello, and for the answer to a first question that no server is needed for; a process without them is
 * ended. Throws Problem `shell-silent` for one that says nothing, `shell-module-failed` for one without the cmdlets.
 */
export async function startSession(process: ShellProcess, options: SessionOptions): Promise<Session> {
  const { clock, signal, complain = () => {} } = options
  const greeted = Promise.withResolvers<Hello>()
  greeted.promise.catch(() => {})
  let isGreeted = false
  let fault: Problem | null = null
  let current: Call | null = null
  let last = 0

  const noise = createNoise((line) => {
    if (!isGreeted && isUnmarkedHello(line)) throw broken('it speaks an older version of it.')
    complain(line)
  })
  /** Characters of noise since the last request. */
  let loudness = 0

  function overhear(piece: string): void {
    loudness += piece.length
    if (loudness > mostCharacters) throw tooLarge(`${mostCharacters >> 20} MiB of output beside its messages`)
    noise.hear(piece)
  }

  async function receive(text: string): Promise<void> {
    if (!isGreeted) {
      const hello = readHello(text)
      isGreeted = true
      process.greeted(hello.pid)
      checkModules(hello, complain)
      greeted.resolve(hello)
      return
    }
    const event = readEvent(text)
    // How many lines it took for requests, nobody knows: what it answers next may be for one before.
    if (event.id === '') throw broken(event.event === 'error' ? event.message : 'It could not read a request.')
    if (current?.id === event.id) {
      const call = current
      count(call, event, text.length)
      if (event.event === 'object' && call.take) await hand(call, event.value, call.take)
      else apply(call, event)
      if (event.event === 'end') current = null
    } else if (!(Number(event.id) <= last)) throw broken(`it answers a request ${event.id} that was not made.`)
  }

  /** What it said that is no answer. */
  const said = (): string => quote([process.complaints(), ...noise.lines()])

  async function listen(): Promise<void> {
    try {
      for await (const heard of recordsOf(process.lines, longestMessage))
        if ('message' in heard) await receive(heard.message)
        else overhear(heard.noise)
      const how = await process.ended
      fault = process.fault(isGreeted) ?? died(how, said(), isGreeted)
      if (current) await process.end() // where only the way to it broke, it may go on
    } catch (thrown) {
      fault = toProblem(thrown)
      void process.end()
    }
    greeted.reject(fault)
    current?.finished.reject(fault)
  }

  void listen()

  /** A process that takes too long for it is ended. */
  async function inTime(lack: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    using limit = deadline(clock, patienceMilliseconds, () => silent(lack, said()), signal)
    try {
      await work(limit.signal)
    } catch (thrown) {
      await process.end()
      throw limit.signal.aborted ? limit.signal.reason : thrown
    }
  }

  const session: Session = {
    get usable() {
      return fault === null
    },
    async request(call, parameters, signal, take) {
      if (fault) throw fault
      signal.throwIfAborted()
      const id = String(++last)
      const finished = Promise.withResolvers<CallResult>()
      const kept = { objects: [], errors: [], warnings: [], messages: 0, characters: 0 }
      current = { id, ...kept, take: take ?? null, taken: 0, finished }
      loudness = 0
      process.write(`${JSON.stringify({ id, call, parameters })}\n`)
      try {
        return await untilAborted(finished.promise, signal)
      } catch (thrown) {
        if (!signal.aborted || (thrown instanceof Problem && thrown !== signal.reason)) throw thrown
        current = null
        fault = ended(call, await process.end(), signal.reason)
        throw fault
      } finally {
        current = null
      }
    },
    async close() {
      process.closeInput()
      const stop = new AbortController()
      await Promise.race([process.ended, clock.sleep(closeMilliseconds, stop.signal).catch(() => {})])
      stop.abort()
      await process.end()
    },
  }

  await inTime('did not say hello', (limit) => untilAborted(greeted.promise, limit))
  await inTime('said hello, and did not answer a first question', async (limit) => {
    await session.request('commands', { Name: 'Get-Command' }, limit).catch((thrown: unknown) => {
      if (toProblem(thrown).code !== 'shell-call-failed') throw thrown // an error is an answer
    })
  })
  return session
}

/** Throws `shell-answer-too-large` for what no cmdlet says: it would fill the memory of the daemon. */
function count(call: Call, { event }: ShellEvent, characters: number): void {
  if (event === 'object' && call.take) {
    call.taken += characters
    if (call.taken > mostTaken) throw tooLarge(`${mostTaken >> 20} MiB`)
    return
  }
  call.messages++
  call.characters += characters
  if (call.messages > mostMessages) throw tooLarge(`${mostMessages} messages`)
  if (call.characters > mostCharacters) throw tooLarge(`${mostCharacters >> 20} MiB`)
}

function tooLarge(limit: string): Problem {
  return new Problem('shell-answer-too-large', {
    message: `The shell host answered one call with more than ${limit}. Its process was ended.`,
    hint: 'Run the same cmdlet by hand and look at what it repeats.',
  })
}

/** Without a single module of those that are installed there are no cmdlets: throws `shell-module-failed`. */
function checkModules({ modules, failed }: Hello, complain: (what: string) => void): void {
  const faults = Object.entries(failed).map(([module, reason]) => `The module ${module} was not loaded: ${reason}`)
  for (const fault of faults) complain(fault)
  if (modules.length > 0 || faults.length === 0) return
  throw new Problem('shell-module-failed', {
    message: faults.join('\n'),
    hint: 'Load it by hand on that machine, under the account of the daemon:  Import-Module SkypeForBusiness -Verbose  (or Lync).',
  })
}

/** What cannot be taken fails the call, and the host is heard to the end: it did nothing wrong. */
async function hand(call: Call, value: unknown, take: TakeObject): Promise<void> {
  try {
    await take(value)
  } catch (thrown) {
    call.take = () => Promise.resolve()
    call.finished.reject(thrown)
  }
}

function apply(call: Call, event: ShellEvent): void {
  switch (event.event) {
    case 'object':
      call.objects.push(event.value)
      return
    case 'warning':
      call.warnings.push(event.message)
      return
    case 'error':
      call.errors.push({ message: event.message, category: event.category, terminating: event.terminating })
      return
    case 'end':
      if (event.ok) call.finished.resolve({ objects: call.objects, errors: call.errors, warnings: call.warnings })
      else call.finished.reject(failed(call.errors))
  }
}

function failed(errors: readonly ShellError[]): Problem {
  const error = errors.findLast(({ terminating }) => terminating) ?? errors.at(-1)
  return new Problem('shell-call-failed', {
    message: error ? `${error.message} (${error.category})` : 'The cmdlet failed without an error record.',
    hint: remedyFor(error ?? null),
  })
}

function remedyFor(error: ShellError | null): string {
  const same = 'Run the same cmdlet in the Management Shell on that machine, under the account of the daemon.'
  if (error === null || !deniedCategories.has(error.category)) return same
  return `The account of the daemon lacks a right: RTCUniversalServerAdmins runs imports and services, CsPersistentChatAdministrator runs those of Persistent Chat, and services of another server need a local administrator there. A session learns of a new group when the daemon is started anew. ${same}`
}

const deniedCategories = new Set(['PermissionDenied', 'SecurityError', 'AuthenticationError'])

function died(how: string, said: string, greeted: boolean): Problem {
  return new Problem(greeted ? 'shell-died' : 'shell-unreachable', {
    message: `The shell host ended ${how}${greeted ? '' : ' before it said hello'}.${said}`,
    hint: greeted
      ? 'Look at the event log of that machine. The next call starts a new process.'
      : 'Start the command of `shell` in holdfast.yaml by hand, under the account of the daemon.',
  })
}

function silent(lack: string, said: string): Problem {
  return new Problem('shell-silent', {
    message: `It ${lack} within ${patienceMilliseconds / 1000} seconds.${said}`,
    hint: 'Start the command of `shell` in holdfast.yaml by hand, under the account of the daemon, and see how long it takes.',
  })
}

function ended(call: string, gone: boolean, reason: unknown): Problem {
  const late = reason instanceof Problem && reason.code === 'shell-deadline' ? reason : null
  return new Problem('shell-deadline', {
    message: `${late?.message ?? `The call ${call} was stopped`}: ${gone ? 'its process was ended with everything it had started.' : 'its process could not be ended, what it does now is unknown.'}`,
    hint: late?.hint ?? 'Run the same cmdlet by hand and find out what it waits for.',
    cause: reason,
  })
}

function quote(lines: readonly string[]): string {
  const text = scrub(lines.filter((line) => line !== '').join('\n'))
  return text === '' ? '' : ` It said: ${text}`
}
