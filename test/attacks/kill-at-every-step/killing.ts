/** Kills that are shared out between lanes, and what came of them. */
import type { Death } from '../../support/die-at.ts'

/** HOLDFAST_KILLS=every: each single step, and each kill is told as it ends. */
export const isEvery = process.env['HOLDFAST_KILLS'] === 'every'

export interface Killed {
  death: Death
  how: 'killed' | 'whole'
  /** What was not as it must be. */
  faults: string[]
}

/** All kills, one after the other on each lane. */
export async function killAll<Lane>(
  lanes: readonly Lane[],
  kills: readonly Death[],
  kill: (lane: Lane, death: Death) => Promise<Killed>,
): Promise<Killed[]> {
  const ended: Killed[] = []
  let next = 0
  await Promise.all(
    lanes.map(async (lane) => {
      for (let death = kills[next++]; death; death = kills[next++]) {
        const one = await kill(lane, death)
        ended.push(one)
        if (isEvery) process.stdout.write(`${ended.length}/${kills.length} ${tell(one)}\n`)
      }
    }),
  )
  return ended
}

function tell({ death: { step, nth, when }, how, faults }: Killed): string {
  return `${how} ${when} ${step} (${nth}): ${faults.length === 0 ? 'ok' : faults.join('; ')}`
}

/** What went wrong; a step that came less often this time must have come once. */
export function wrong(ended: readonly Killed[]): string[] {
  const met = new Set(ended.filter(({ how }) => how === 'killed').map(({ death }) => death.step))
  return [
    ...ended.filter(({ faults }) => faults.length > 0).map(tell),
    ...ended.filter(({ death }) => !met.has(death.step)).map(({ death }) => `nobody ever came to ${death.step}`),
  ]
}
