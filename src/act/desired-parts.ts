import { Problem } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import { sameSubject } from '../domain/subject.ts'
import type { BackupLocation, BackupPolicy } from '../domain/model.ts'
import type { Tools } from './handler.ts'

export function policyOf(name: string, { desired }: Pick<Tools, 'desired'>): BackupPolicy {
  return named(name, desired.policies, { code: 'unknown-policy', one: 'backup policy', all: 'policies' }, desired)
}

export function locationNamed(name: string, { desired }: Pick<Tools, 'desired'>): BackupLocation {
  return named(name, desired.locations, { code: 'unknown-location', one: 'backup location', all: 'locations' }, desired)
}

function named<T extends { name: string }>(
  name: string,
  all: readonly T[],
  words: { code: ProblemCode; one: string; all: string },
  { revision }: { revision: string },
): T {
  const found = all.find((candidate) => sameSubject(candidate.name, name))
  if (found) return found
  throw new Problem(words.code, {
    subject: name,
    message: `There is no ${words.one} of that name in revision ${revision.slice(0, 12)}.`,
    hint: `The ${words.all} are: ${all.map((one) => one.name).join(', ') || 'none'}.`,
  })
}
