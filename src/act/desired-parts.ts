import { Problem } from '../base/problem.ts'
import { sameSubject } from '../domain/subject.ts'
import type { BackupLocation, BackupPolicy } from '../domain/model.ts'
import type { Tools } from './handler.ts'

export function policyOf(name: string, { desired }: Pick<Tools, 'desired'>): BackupPolicy {
  const policy = desired.policies.find((candidate) => sameSubject(candidate.name, name))
  if (policy) return policy
  throw new Problem('unknown-policy', {
    subject: name,
    message: `There is no backup policy of that name in revision ${desired.revision.slice(0, 12)}.`,
    hint: `The policies are: ${desired.policies.map((one) => one.name).join(', ') || 'none'}.`,
  })
}

export function locationNamed(name: string, { desired }: Pick<Tools, 'desired'>): BackupLocation {
  const location = desired.locations.find((candidate) => sameSubject(candidate.name, name))
  if (location) return location
  throw new Problem('unknown-location', {
    subject: name,
    message: `There is no backup location of that name in revision ${desired.revision.slice(0, 12)}.`,
    hint: `The locations are: ${desired.locations.map((one) => one.name).join(', ') || 'none'}.`,
  })
}
