import { reasonOf, type FlawedItem } from '../../domain/backup-set.ts'
import type { Finding } from '../../domain/statement.ts'
import { isRequired } from '../../domain/inventory.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import { currentFlaws, type Flaw } from '../flaws.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** Items that the newest set which has them does not hold in a good state. */
export const flawedItems: FindingRule = {
  codes: ['item-suspect', 'item-incomplete', 'item-failed'],
  find,
}

function find(digest: Digest): Fresh<Finding>[] {
  return bySubject(currentFlaws(digest)).map(flawedSubject)
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

type Code = 'item-suspect' | 'item-incomplete' | 'item-failed'

function codeOf({ outcome, missing }: FlawedItem): Code {
  return outcome !== 'suspect' ? 'item-failed' : missing ? 'item-incomplete' : 'item-suspect'
}

const meanings: Readonly<Record<Code, string>> = {
  'item-suspect': 'It was taken, but does not count as a copy.',
  'item-incomplete': 'It was taken and can be restored from, but not all of it.',
  'item-failed': 'It could not be taken.',
}

function flawedSubject(flaws: [Flaw, ...Flaw[]]): Fresh<Finding> {
  const code = codeOf(flaws[0].item)
  const told = flaws.map(({ item, set }) => `${item.kind} in ${set.id}`).sort()
  const why = flaws
    .flatMap(({ item }) => (item.message === undefined ? [] : [`${item.kind}: ${reasonOf(item)}`]))
    .sort()
  return {
    code,
    severity: code === 'item-failed' && flaws.some(({ item }) => isRequired(item)) ? 'error' : 'warning',
    subject: flaws[0].item.subject,
    desired: 'ok in the newest set',
    observed: `${code.slice('item-'.length)}: ${told.join(', ')}`,
    message: [meanings[code], ...why].join(' '),
  }
}
