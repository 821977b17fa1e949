import type { ProblemCode } from '../base/problem-codes.ts'
import type { ItemOutcome } from './backup-set.ts'
import { missingIn, tellNames } from './not-taken.ts'

/** Below this share of the size of the newest ok copy, something is missing. */
const sharplyFallen = 0.2
/** Sizes below this are too small to judge by: a few settings more or less are not a loss. */
const smallestToJudge = 64 * 1024
/** What is counted is judged only when there was more than a handful. */
const fewestToJudge = 10

/**
 * An ok item whose content says that something is wrong is suspect: it is kept and reported, but it is not a copy to rely on.
 * "A backup of an emptied server is a complete backup of nothing: compare counts with the set before; a fall to zero is
 * suspect" (domain reference, 6.13); Export-CsUserData may stop at a bad user and still write a file (section 3.1).
 * `before`: the newest ok copy; without one there is nothing to compare with.
 */
export function judge(outcome: ItemOutcome, before: ItemOutcome | null): ItemOutcome {
  const isUsable = outcome.outcome === 'ok' || outcome.doubt === 'incomplete'
  if (!isUsable || before === null || outcome.kind === 'environment') return outcome
  const doubt = emptied(outcome, before) ?? fewer(outcome, before) ?? smaller(outcome, before)
  return doubt === null ? outcome : doubtContent(outcome, 'item-suspect', doubt)
}

/** It was taken, and is no copy to rely on. */
export function doubtContent(outcome: ItemOutcome, code: ProblemCode, message: string): ItemOutcome {
  return { ...outcome, outcome: 'suspect', doubt: 'content', code, message }
}

/** A copy of a file store from which content is missing can be restored from, but for its gaps. */
export function doubtIncomplete(outcome: ItemOutcome): ItemOutcome {
  const missing = missingIn(outcome.notTaken, outcome.counts?.['files'])
  if (missing === null) return outcome
  const message = `${missing.count} of its files or folders could not be taken: ${tellNames(missing)}.`
  return { ...outcome, outcome: 'suspect', doubt: 'incomplete', code: 'item-incomplete', message }
}

/** The same of what was taken while its data lived on what is lost: `lost` says on what; null: they do not. */
export function doubtLost(outcome: ItemOutcome, lost: string | null): ItemOutcome {
  const isTaken = outcome.outcome === 'ok' || outcome.outcome === 'suspect'
  return lost === null || !isTaken ? outcome : doubtContent(outcome, 'flagged', lost)
}

function emptied({ counts = {} }: ItemOutcome, before: ItemOutcome): string | null {
  for (const [what, number] of Object.entries(before.counts ?? {}))
    if (number > 0 && counts[what] === 0 && !renamed(number, counts, before))
      return `${what}: 0; the newest ok copy holds ${number}.`
  return null
}

/** All elements of an export, whatever they are called. */
const total = 'elements'

/**
 * Some names in exports are known from public scripts only: where the whole export holds no fewer elements than that, a
 * version calls them otherwise, and nothing is lost.
 */
function renamed(lost: number, counts: Record<string, number>, before: ItemOutcome): boolean {
  const [now, then] = [counts[total], before.counts?.[total]]
  return now !== undefined && then !== undefined && now > then - lost
}

function fewer({ counts = {} }: ItemOutcome, before: ItemOutcome): string | null {
  for (const [what, number] of Object.entries(before.counts ?? {})) {
    const now = counts[what]
    if (now === undefined || number < fewestToJudge || now >= number * sharplyFallen) continue
    if (!renamed(number - now, counts, before)) return `${what}: ${now}; the newest ok copy holds ${number}.`
  }
  return null
}

function smaller({ bytes }: ItemOutcome, before: ItemOutcome): string | null {
  if (before.bytes < smallestToJudge || bytes >= before.bytes * sharplyFallen) return null
  return `${bytes} bytes; the newest ok copy has ${before.bytes}.`
}
