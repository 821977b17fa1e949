/** Whose turn it is to look: each kind of fact has room for some looks, and all that ask the shell have one together. */
import PQueue from 'p-queue'
import type { Clock } from '../base/clock.ts'
import type { ProbedFact } from '../domain/cadence.ts'
import type { Probe } from './probe.ts'

/** Those who wait for the same turns. */
export interface Lane {
  readonly queue: PQueue
  /** When something in it last came to an end, or it began after a rest (monotonic). */
  movedAt: number
}

export interface Turns {
  take(fact: ProbedFact, look: () => Promise<void>): Promise<void>
  laneOf(fact: ProbedFact): Lane
  /** Something that a look at this fact asked came to an end: the look goes on. */
  moved(fact: ProbedFact): void
}

export function createTurns(
  probes: { readonly [F in ProbedFact]: Pick<Probe<F>, 'atOnce'> },
  clock: Pick<Clock, 'monotonic'>,
): Turns {
  const laneFor = (concurrency: number): Lane => ({ queue: new PQueue({ concurrency }), movedAt: 0 })
  const shell = laneFor(1)
  const lanes = new Map(
    Object.entries(probes).map(([fact, { atOnce }]) => [
      fact,
      typeof atOnce === 'number'
        ? { lane: laneFor(atOnce), priority: 0 }
        : { lane: shell, priority: atOnce === 'shell-first' ? 1 : 0 },
    ]),
  )
  const of = (fact: ProbedFact): { lane: Lane; priority: number } => lanes.get(fact) ?? { lane: shell, priority: 0 }
  const touch = (lane: Lane): void => {
    lane.movedAt = clock.monotonic()
  }
  return {
    async take(fact, look) {
      const { lane, priority } = of(fact)
      if (lane.queue.size + lane.queue.pending === 0) touch(lane)
      await lane.queue.add(look, { priority })
      touch(lane)
    },
    laneOf: (fact) => of(fact).lane,
    moved(fact) {
      touch(of(fact).lane)
    },
  }
}
