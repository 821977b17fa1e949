/** At which steps of a recorded run a process is to die. */
import { posix } from 'node:path'
import type { Death } from '../../support/die-at.ts'

export interface Step {
  name: string
  possible: Death['when'][]
}

/** The lines of a trace of `die-at.ts`. */
export function readTrace(text: string): Step[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [possible = '', name = ''] = line.split('\t')
      return { name, possible: possible.split(' ') as Death['when'][] }
    })
}

/** Each step of the run in each way, in its order; `from`: index of the first one that is taken. */
export function everyKill(steps: readonly Step[], from = 0): Death[] {
  const met = new Map<string, number>()
  return steps.flatMap(({ name, possible }, index) => {
    const nth = (met.get(name) ?? 0) + 1
    met.set(name, nth)
    return index < from ? [] : possible.map((when) => ({ step: name, nth, when }))
  })
}

/** Which of the steps at the same place. */
export const turns = ['first', 'middle', 'last'] as const
type Turn = (typeof turns)[number]

/**
 * Of the steps at the same place the first, the middle and the last, or the one whose turn it is; of the same commit, call or
 * program the first. A program that was not started yet is left out for one that was.
 */
export function someKills(steps: readonly Step[], turn: Turn | null): Death[] {
  const kills = everyKill(steps).filter(({ step, when }) => !isFlush(step) && !(isStart(step) && when === 'before'))
  return [...Map.groupBy(kills, ({ step }) => groupOf(step))].flatMap(([name, group]) => {
    if (placeOf(name) === null) return group.filter(({ nth }) => nth === group[0]?.nth)
    const places = { first: 0, middle: group.length >> 1, last: group.length - 1 }
    const picked = new Set(turn === null ? Object.values(places) : [places[turn]])
    return group.filter((_, index) => picked.has(index))
  })
}

function isStart(step: string): boolean {
  return step.startsWith('start ')
}

/** A killed process leaves the same before a flush and after it. */
export function isFlush(step: string): boolean {
  return /^f?(data)?sync /.test(step)
}

/** Files of one folder are made one after the other, and so are the folders of a set; the commit record decides. */
function groupOf(step: string): string {
  const place = placeOf(step)
  if (place === null) return step
  if (place.includes('/tagmanifest')) return 'in the commit record'
  if (step.startsWith('mkdir '))
    return place.includes('/data') ? 'in the folders of a set' : 'in the folders of a location'
  return `in ${posix.dirname(place)}`
}

function placeOf(step: string): string | null {
  return /^(?:open|write\w*|mkdir|mkdtemp|rename|link|unlink|rm|rmdir|utimes|in) (.+)$/.exec(step)?.[1] ?? null
}
