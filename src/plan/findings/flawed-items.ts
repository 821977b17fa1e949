import type { FlawedItem, SetSummary } from '../../domain/backup-set.ts'
import { compareAge, isCommitted } from '../../domain/recovery-point.ts'
import type { Finding } from '../../domain/statement.ts'
import { foldSubject, itemKey } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** Items that the newest set which has them does not hold in a good state. */
export const flawedItems: FindingRule = {
  codes: ['item-suspect', 'item-failed'],
  find,
}

function find(digest: Digest): Fresh<Finding>[] {
  const compare = compareAge(digest.now)
  const newest = new Map<string, Flaw>()
  for (const set of digest.observed.sets) {
    if (set.flawed === undefined || !isCommitted(set) || set.state === 'damaged') continue
    for (const item of set.flawed) {
      const id = itemKey(item)
      const known = newest.get(id)
      if (!known || compare(set, known.set) > 0) newest.set(id, { item, set })
    }
  }
  const current = [...newest].filter(([id, { set }]) => {
    const ok = digest.copies.get(id)
    return !ok || compare(ok, set) <= 0
  })
  return bySubject(current.map(([, flaw]) => flaw)).map(flawedSubject)
}

interface Flaw {
  item: FlawedItem
  set: SetSummary
}

/** A pool may have several bad items: one row tells all that are bad in the same way. */
function bySubject(flaws: readonly Flaw[]): [Flaw, ...Flaw[]][] {
  const groups = new Map<string, [Flaw, ...Flaw[]]>()
  for (const flaw of flaws) {
    const id = `${codeOf(flaw.item)} ${foldSubject(flaw.item.subject)}`
    const group = groups.get(id)
    if (group) group.push(flaw)
    else groups.set(id, [flaw])
  }
  return [...groups.values()]
}

function codeOf({ outcome }: FlawedItem): 'item-suspect' | 'item-failed' {
  return outcome === 'suspect' ? 'item-suspect' : 'item-failed'
}

function flawedSubject(flaws: [Flaw, ...Flaw[]]): Fresh<Finding> {
  const code = codeOf(flaws[0].item)
  const told = flaws.map(({ item, set }) => `${item.kind} in ${set.id}`).sort()
  return {
    code,
    severity: code === 'item-suspect' ? 'warning' : 'error',
    subject: flaws[0].item.subject,
    desired: 'ok in the newest set',
    observed: `${code === 'item-suspect' ? 'suspect' : 'not taken'}: ${told.join(', ')}`,
    message:
      code === 'item-suspect'
        ? `It was taken, but holds far less than before, and does not count as a copy: ${told.join(', ')}.`
        : `It could not be taken: ${told.join(', ')}.`,
  }
}
