import { onceFor } from '../base/once-for.ts'
import { comparedFacts, foldedIn } from './environment-differences.ts'
import { none, unknown, type EnvironmentRecord } from './environment-record.ts'
import type { Facts } from './facts.ts'
import { foldSubject } from './subject.ts'

const texts: ReadonlySet<string> = new Set(Object.values(comparedFacts).flatMap(({ text }) => text ?? []))

/** What is seen in the world and compared; the text of a certificate belongs to its thumbprint. */
function isSeen(key: string): boolean {
  return comparedFacts[key]?.seenBy !== undefined || texts.has(key)
}

/**
 * Whether a record of something that is seen says nothing of how it should be: nobody saw it, or nothing was there at
 * that moment. What Git said is always meant.
 */
function isSilent(key: string, value: string): boolean {
  return isSeen(key) && (value === unknown || value === none)
}

/**
 * The environment that a restore of a set wants: what the set recorded; where it recorded nothing, what the newest set
 * before it did. A broken moment is no desire.
 */
export const wantedBy = onceFor(({ record, earlier = {} }: Facts['environmentRecord']): EnvironmentRecord => {
  const filled = Object.entries(record).flatMap(([subject, facts]) => {
    const silent = Object.keys(facts).filter((key) => isSilent(key, facts[key] ?? unknown))
    const instead = silent.map((key) => [key, earlier[subject]?.[key] ?? unknown] as const)
    return instead.some(([key, value]) => facts[key] !== value)
      ? [[subject, { ...facts, ...Object.fromEntries(instead) }] as const]
      : []
  })
  return filled.length === 0 ? record : { ...record, ...Object.fromEntries(filled) }
})

/** What older sets want of that of which this record says nothing. `older`: newest first, as `wantedBy` gives them. */
export function earlierThan(record: EnvironmentRecord, older: readonly EnvironmentRecord[]): EnvironmentRecord {
  const found: EnvironmentRecord = {}
  for (const [subject, facts] of Object.entries(record))
    for (const [key, value] of Object.entries(facts)) {
      if (!isSilent(key, value)) continue
      const said = older
        .map((one) => foldedIn(one).get(foldSubject(subject))?.[key])
        .find((text) => text !== undefined && !isSilent(key, text))
      if (said !== undefined) found[subject] = { ...found[subject], [key]: said }
    }
  return found
}
