/** At which steps of a scene of a restore a process is to die. */
import type { Death } from '../../support/die-at.ts'
import { everyKill, isFlush, type Step } from './kills.ts'

/** What every run writes, a backup does too; how often a pass has something to write depends on who is faster. */
export const ofEveryRun =
  /^\w+ (state\.db|shares\/backup01\.)|^(start|close|execute) |^commit (observation|owner|remembered)$/

/** Before a step is begun, one start is like the other. */
export function begunIn(trace: readonly Step[]): number {
  return trace.findIndex(({ name }) => name === 'commit intent, journal') + 1
}

/**
 * Of the kills at the same place the one in the middle; none at a place that is among `known` already. Before a call nothing
 * is other than after what came before it, which counts only where that is a call too; half a write is worth more than none.
 */
export function restoreKills(trace: readonly Step[], known: ReadonlySet<string>): Death[] {
  const isTold = ({ name, possible }: Step, at: number): boolean =>
    !isFlush(name) && !possible.includes('torn') && (!isCall(name) || isCall(trace[at - 1]?.name ?? ''))
  const before = new Set(trace.filter(isTold).map(({ name }) => name))
  const kills = everyKill(trace, begunIn(trace)).filter(
    ({ step, when }) => !ofEveryRun.test(step) && (when !== 'before' || before.has(step)),
  )
  const places = [...Map.groupBy(kills, restorePlaceOf)].filter(([place]) => !known.has(place))
  const picked = new Set(places.map(([, group]) => group[group.length >> 1]))
  return kills.filter((kill) => picked.has(kill))
}

const isCall = (step: string): boolean => /^(call|send) /.test(step)

/** What is done in a scratch folder, or in a file store: to a file that has no name yet, or has it. All exports are one place. */
export function restorePlaceOf({ step, when }: Death): string {
  if (isCall(step)) return step.startsWith('call Export-') ? 'an export' : `${when} ${step}`
  const [, verb = '', place = ''] = /^(\w+) (scratch|shares)/.exec(step) ?? []
  if (place === '') return step
  if (place === 'scratch') return `${/^(rm|rmdir|unlink)$/.test(verb) ? 'remove' : verb} in scratch`
  return `${verb} in a file store${step.endsWith('.part') ? ', without a name' : ''}`
}
