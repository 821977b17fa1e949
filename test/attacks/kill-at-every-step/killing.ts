/** Kills that are shared out between lanes, and what came of them. */
import type { Death } from '../../support/die-at.ts'
import { turns } from './kills.ts'

const wanted = process.env['HOLDFAST_KILLS']

/** HOLDFAST_KILLS=every: each single step, and each kill is told as it ends. */
export const isEvery = wanted === 'every'

/** HOLDFAST_KILLS=first, middle or last: of the steps at the same place that one, as a run of the check takes it (ADR 0047). */
export const turn = turns.find((one) => one === wanted) ?? null

export interface Killed {
  /** The deaths that were died, one after the other: of those that were asked for the first ones, or none. */
  deaths: readonly Death[]
  /** What was not as it must be. */
  faults: string[]
}

export interface AllKilled {
  killed: readonly Killed[]
  /** Nobody came to these. */
  missed: readonly Death[]
}

/**
 * All of it, one after the other on each lane. `rounds`: deaths that are died one after the other, each by the start after the
 * one before. What a round does not come to any more begins another one.
 */
export async function killAll<Lane>(
  lanes: readonly Lane[],
  rounds: readonly (readonly Death[])[],
  kill: (lane: Lane, deaths: readonly Death[]) => Promise<Killed>,
): Promise<AllKilled> {
  const left = [...rounds]
  const killed: Killed[] = []
  const missed: Death[] = []
  await Promise.all(
    lanes.map(async (lane) => {
      for (let round = left.shift(); round; round = left.shift()) {
        const one = await kill(lane, round)
        killed.push(one)
        if (one.deaths.length === 0) missed.push(...round.slice(0, 1))
        const others = round.slice(Math.max(one.deaths.length, 1))
        if (others.length > 0) left.push(others)
        if (isEvery) process.stdout.write(`${left.length} left; ${tell(one)}\n`)
      }
    }),
  )
  return { killed, missed }
}

function tell({ deaths, faults }: Killed): string {
  const died = deaths.map(({ step, nth, when }) => `${when} ${step} (${nth})`).join(', then ')
  return `killed ${died === '' ? 'never' : died}: ${faults.length === 0 ? 'ok' : faults.join('; ')}`
}

/** What went wrong; a step that came less often this time must have come once, but for those that come by chance. */
export function wrong({ killed, missed }: AllKilled, byChance?: RegExp): string[] {
  const met = new Set(killed.flatMap(({ deaths }) => deaths.map(({ step }) => step)))
  return [
    ...killed.filter(({ faults }) => faults.length > 0).map(tell),
    ...missed
      .filter(({ step }) => !met.has(step) && byChance?.test(step) !== true)
      .map(({ step }) => `nobody ever came to ${step}`),
  ]
}
