import { oneLine } from '../base/text.ts'

/**
 * Why something of a file store is not in its copy. The first three are gaps: content that could not be read. `remade`:
 * it could not be read either, but its server makes it anew (`ABFiles`). `rule`: no content, by the rules for a store in
 * use; `volume-folder`: it belongs to the volume; `excluded`: by `exclude` in Git.
 */
const notTakenReasons = [
  'denied',
  'locked',
  'unreadable',
  'remade',
  'link',
  'not-a-file',
  'vanished',
  'rule',
  'volume-folder',
  'excluded',
] as const
export type NotTakenReason = (typeof notTakenReasons)[number]

/** How many; the first few of them by name. A folder that was not entered counts as one. */
export interface LeftOut {
  count: number
  names: string[]
}

/** By reason. A later version may have recorded reasons that are unknown here. */
export type NotTaken = Record<string, LeftOut>

const gaps: readonly NotTakenReason[] = ['denied', 'locked', 'unreadable']
const notFollowed: readonly NotTakenReason[] = ['link', 'not-a-file', 'vanished']

/** Whether it is content that could not be read. */
export function isGap(reason: NotTakenReason): boolean {
  return gaps.includes(reason)
}

/**
 * What is missing in a copy that holds so many files; null: nothing. Links and what vanished are normal, but for a copy
 * that holds fewer files than were left out so.
 */
export function missingIn(notTaken: NotTaken = {}, files = 0): LeftOut | null {
  const lost = together(notTaken, notFollowed).count > files ? notFollowed : []
  const missing = together(notTaken, [...gaps, ...lost])
  return missing.count === 0 ? null : missing
}

function together(notTaken: NotTaken, reasons: readonly NotTakenReason[]): LeftOut {
  const found = reasons.flatMap((reason) => notTaken[reason] ?? [])
  return {
    count: found.reduce((sum, { count }) => sum + count, 0),
    names: found.flatMap(({ names }) => names).slice(0, mostNamed),
  }
}

/** Why one thing is left out, and the same in words. */
export interface Skip {
  reason: NotTakenReason
  why: string
}

const mostNamed = 5
const longestName = 300

/** Counts what is left out, in any order and in constant memory. `all`: undefined where nothing was. */
export function countNotTaken(): { add(reason: NotTakenReason, name: string): void; all(): NotTaken | undefined } {
  const found = new Map<NotTakenReason, { count: number; names: string[] }>()
  return {
    add(reason, name) {
      const of = found.get(reason) ?? { count: 0, names: [] }
      found.set(reason, of)
      of.count += 1
      const place = of.names.findIndex((other) => name < other)
      of.names.splice(place === -1 ? of.names.length : place, 0, oneLine(name, longestName))
      if (of.names.length > mostNamed) of.names.pop()
    },
    all() {
      const counted = notTakenReasons.flatMap((reason) => {
        const of = found.get(reason)
        return of ? [[reason, of] as const] : []
      })
      return counted.length === 0 ? undefined : Object.fromEntries(counted)
    },
  }
}

const inWords: Readonly<Record<NotTakenReason, string>> = {
  denied: 'denied',
  locked: 'locked by another program',
  unreadable: 'unreadable',
  remade: 'unreadable, but made anew by the server',
  link: 'a link, not followed',
  'not-a-file': 'neither file nor folder',
  vanished: 'vanished during the copy',
  rule: 'no content, by rule',
  'volume-folder': 'of the volume itself',
  excluded: 'excluded in Git',
}

/** A line for each reason, gaps first: `2 denied: a.xml, b.xml`. */
export function tellNotTaken(notTaken: NotTaken = {}): string[] {
  return Object.entries(notTaken).map(([reason, left]) => {
    const words = (inWords as Readonly<Record<string, string>>)[reason] ?? reason
    return `${left.count} ${words}: ${tellNames(left)}`
  })
}

export function tellNames({ count, names }: LeftOut): string {
  return count > names.length ? `${names.join(', ')} and ${count - names.length} more` : names.join(', ')
}
