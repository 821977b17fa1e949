/** One look: with a deadline, never two at a time on a subject, and whatever goes wrong makes the fact unknown. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Patience } from '../base/patience.ts'
import { Problem } from '../base/problem.ts'
import type { ProbedFact } from '../domain/cadence.ts'
import type { Facts } from '../domain/facts.ts'
import { showsSets } from '../domain/location-faults.ts'
import type { Subject } from '../domain/words.ts'
import { deadline, untilAborted } from '../drivers/deadline.ts'
import type { Catalogue } from './catalogue.ts'
import { createRecords } from './environment-records.ts'
import type { Probe, ProbeTools } from './probe.ts'
import { probes } from './probes.ts'
import type { LookResult, Snapshot } from './snapshot.ts'
import { unseen } from './unseen.ts'

interface LookerOptions {
  snapshot: Snapshot
  catalogue: Catalogue
  clock: Clock
  log: Log
  /** Waits for what keeps the sets. */
  untilTaken: Patience
  /** Called when a look showed something else than before. */
  changed: () => void
}

export type Look = (tools: ProbeTools, signal: AbortSignal) => Promise<void>

/** Makes the look at one subject. It never rejects, and records nothing once its signal is aborted. */
export function createLooker({ snapshot, catalogue, clock, log, untilTaken, changed }: LookerOptions) {
  const readRecords = createRecords(snapshot, catalogue, clock)
  return (fact: ProbedFact, subject: Subject): Look => {
    const probe = probes[fact] as Probe<ProbedFact>
    /** When a look began that was given up and still has not come back. */
    let missing: string | null = null

    async function see(tools: ProbeTools, signal: AbortSignal): Promise<Facts[ProbedFact]> {
      if (missing !== null) throw late(subject, `The look that began at ${missing} still has not come back.`)
      const noAnswer = () => late(subject, `No answer within ${probe.deadlineSeconds} s.`)
      using limit = deadline(clock, probe.deadlineSeconds * 1000, noAnswer, signal)
      missing = clock.now()
      const work = lookWhole(tools, limit.signal).finally(() => (missing = null))
      return await untilAborted(work, limit.signal)
    }

    async function lookWhole(tools: ProbeTools, signal: AbortSignal): Promise<Facts[ProbedFact]> {
      const value = await probe.look(subject, tools, signal, snapshot.known(fact, subject))
      return 'identity' in value ? withSets(value, tools, signal) : value
    }

    /** A location is known when its sets are. Of a share that may not be ours they stay as they were last seen. */
    async function withSets(
      value: Facts['location'],
      { desired }: ProbeTools,
      signal: AbortSignal,
    ): Promise<Facts['location']> {
      const location = desired.locations.find(({ name }) => name === subject)
      const isOurs = location !== undefined && showsSets(location, value, desired.deployment.name)
      if (isOurs && (await catalogue.read(location))) changed()
      if (await readRecords(signal)) changed()
      const odd = [...(value.odd ?? []), ...(isOurs ? catalogue.odd(location.name) : [])]
      return odd.length === 0 ? value : { ...value, odd: odd.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }
    }

    return async (tools, signal) => {
      // That the store takes no sets for a while says nothing of their share.
      const sight = await untilTaken(() => see(tools, signal), signal).then(
        (value): LookResult<Facts[ProbedFact]> => ({ at: clock.now(), source: probe.source, known: true, value }),
        (thrown: unknown): LookResult<Facts[ProbedFact]> => {
          log.debug({ fact, subject, err: thrown }, 'a look failed')
          return { at: clock.now(), source: probe.source, ...unseen(thrown) }
        },
      )
      if (signal.aborted) return
      if (snapshot.record<ProbedFact>(fact, subject, sight, probe.essence)) changed()
    }
  }
}

function late(subject: Subject, message: string): Problem {
  return new Problem('look-timed-out', { subject, message, hint: 'See whether the machine answers at all.' })
}
