/** Whose turn it is to look: each kind of fact has room for some looks, and all that ask the shell have one together. */
import PQueue from 'p-queue'
import type { ProbedFact } from '../domain/cadence.ts'
import type { Probe } from './probe.ts'

export type Turns = (fact: ProbedFact, look: () => Promise<void>) => Promise<void>

export function createTurns(probes: { readonly [F in ProbedFact]: Pick<Probe<F>, 'atOnce'> }): Turns {
  const shell = new PQueue({ concurrency: 1 })
  const lanes = new Map(
    Object.entries(probes).map(([fact, { atOnce }]) => [
      fact,
      typeof atOnce === 'number'
        ? { queue: new PQueue({ concurrency: atOnce }), priority: 0 }
        : { queue: shell, priority: atOnce === 'shell-first' ? 1 : 0 },
    ]),
  )
  return async (fact, look) => {
    const lane = lanes.get(fact)
    await lane?.queue.add(look, { priority: lane.priority })
  }
}
