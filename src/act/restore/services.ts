import { Problem, toProblem } from '../../base/problem.ts'
import type { ServiceFacts } from '../../domain/facts.ts'
import type { Subject } from '../../domain/words.ts'
import { deadline } from '../../drivers/deadline.ts'
import type { CallName } from '../../drivers/shell/host.ts'
import { objectsOf } from '../../observed/answer.ts'
import { readServices } from '../../observed/probes/services.ts'
import type { Tools } from '../handler.ts'
import type { Restored } from './restorer.ts'

/** How long all of them may take, beside the cmdlets themselves: a first Front End loads its whole store. */
const patienceSeconds = 30 * 60
const lookEverySeconds = 5

/** The services of the product on a server, as they are now. */
export async function lookAtServices(
  server: Subject,
  { drivers }: Pick<Tools, 'drivers'>,
  signal: AbortSignal,
): Promise<ServiceFacts[]> {
  const parameters = { ComputerName: server, ExcludeActivityLevel: true }
  return readServices(objectsOf(await drivers.shell.call('services', parameters, signal)))
}

export const isStopped = ({ status }: ServiceFacts): boolean => status === 'Stopped'
const isRunning = ({ status }: ServiceFacts): boolean => status === 'Running'

/**
 * Stops the services of these servers and waits until each is seen stopped; those that are stopped are left alone. Throws
 * Problem `services-not-settled` with server, service and state, and what a call ends with.
 */
export async function stopServices(servers: readonly Subject[], tools: Tools, signal: AbortSignal): Promise<Restored> {
  const settled = settling((seen) => seen.every(isStopped), 'stopped', tools, signal)
  const left = await settled.missing(servers)
  const said = await callEach(
    'stop-services',
    left.map((ComputerName) => ({ ComputerName })),
    tools,
    signal,
  )
  await settled.wait(left, said)
  return { message: `The services of ${servers.join(', ')} are stopped.`, ...resumed(left, servers) }
}

/**
 * Starts the services of a pool together and waits until all run; servers whose services all run are left alone. `how`: as the
 * operation `start-services` has it. Throws as `stopServices` does.
 */
export async function startServices(
  { pool, servers, how }: { pool: Subject; servers: readonly Subject[]; how: 'pool' | 'servers-together' },
  tools: Tools,
  signal: AbortSignal,
): Promise<Restored> {
  const settled = settling((seen) => seen.length > 0 && seen.every(isRunning), 'started', tools, signal)
  const left = await settled.missing(servers)
  // Without NoWait the first Front End of a cold pool would wait for the others, which nobody started yet.
  const each = left.map((ComputerName) => ({ ComputerName, NoWait: true }))
  const asked = how === 'pool' && left.length > 0 ? [{ PoolFqdn: pool }] : each
  const said = await callEach(how === 'pool' ? 'start-pool' : 'start-services', asked, tools, signal)
  await settled.wait(left, said)
  return { message: `The services of ${servers.join(', ')} run.`, ...resumed(left, servers) }
}

/** `left`: those that were not as wanted before. */
function resumed(left: readonly Subject[], servers: readonly Subject[]): Pick<Restored, 'resumed'> {
  return left.length < servers.length ? { resumed: true } : {}
}

/** What the calls complained of without ending; what is seen afterwards decides. */
async function callEach(
  call: CallName,
  parameters: readonly Readonly<Record<string, string | boolean>>[],
  { drivers }: Tools,
  signal: AbortSignal,
): Promise<string[]> {
  const said: string[] = []
  for (const one of parameters)
    said.push(...(await drivers.shell.call(call, one, signal)).errors.map(({ message }) => message))
  return said
}

interface Settling {
  /** Those that are not as wanted. */
  missing(servers: readonly Subject[]): Promise<Subject[]>
  /** Waits until none is missing. */
  wait(servers: readonly Subject[], said: readonly string[]): Promise<void>
}

function settling(
  holds: (seen: readonly ServiceFacts[]) => boolean,
  wanted: 'stopped' | 'started',
  tools: Tools,
  outer: AbortSignal,
): Settling {
  /** How each was when it was looked at last. */
  const states = new Map<Subject, string>()

  async function isMissing(server: Subject, signal: AbortSignal): Promise<boolean> {
    try {
      const seen = await lookAtServices(server, tools, signal)
      states.set(server, stateOf(seen, wanted))
      return !holds(seen)
    } catch (thrown) {
      // A server that comes up or goes down may not answer for a moment.
      if (toProblem(thrown).code !== 'shell-call-failed') throw thrown
      states.set(server, toProblem(thrown).message)
      return true
    }
  }

  async function missing(servers: readonly Subject[], signal = outer): Promise<Subject[]> {
    const found: Subject[] = []
    for (const server of servers) if (await isMissing(server, signal)) found.push(server)
    return found
  }

  return {
    missing: (servers) => missing(servers),
    async wait(servers, said) {
      const { clock } = tools.drivers
      let left = servers
      using limit = deadline(clock, patienceSeconds * 1000, () => late(left, states, wanted, said), outer)
      try {
        for (;;) {
          left = await missing(left, limit.signal)
          if (left.length === 0) return
          await clock.sleep(lookEverySeconds * 1000, limit.signal)
        }
      } catch (thrown) {
        outer.throwIfAborted()
        throw limit.signal.aborted ? limit.signal.reason : thrown
      }
    },
  }
}

function stateOf(seen: readonly ServiceFacts[], wanted: 'stopped' | 'started'): string {
  if (seen.length === 0) return 'it has no services'
  const others = seen.filter((one) => !(wanted === 'stopped' ? isStopped(one) : isRunning(one)))
  return others.map(({ name, status }) => `${name} is ${status}`).join(', ')
}

function late(
  servers: readonly Subject[],
  states: ReadonlyMap<Subject, string>,
  wanted: string,
  said: readonly string[],
): Problem {
  const those = servers.map((server) => `${server}: ${states.get(server) ?? 'not seen'}`).join('; ')
  const complaint = said[0] === undefined ? '' : ` The cmdlet said: ${said[0]}`
  return new Problem('services-not-settled', {
    ...(servers[0] === undefined ? {} : { subject: servers[0] }),
    message: `Not all services were ${wanted} within ${patienceSeconds / 60} minutes. ${those}.${complaint}`,
    hint: 'Look at the event log of that server. Front Ends of a pool start together; certificates and databases have to be there before.',
  })
}
