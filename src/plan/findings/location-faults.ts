import { sameSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** What stands against a location, in the words of the one judge of locations. That nobody has looked yet is no fault. */
export const locationFaults: FindingRule = {
  codes: [
    'location-unreachable',
    'location-identity-invalid',
    'path-not-mapped',
    'location-foreign-deployment',
    'location-foreign-owner',
    'location-in-use',
    'location-unclaimed',
    'location-read-only',
    'location-full',
  ],
  find,
  isDark: ({ subject }, { desired, faultsOf }) =>
    desired.locations.some(
      (location) => sameSubject(location.name, subject) && faultsOf(location).some(({ waits }) => waits),
    ),
}

function find({ desired, faultsOf }: Digest): Fresh<Finding>[] {
  return desired.locations.flatMap((location) =>
    faultsOf(location)
      .filter(({ waits }) => !waits)
      .map(({ code, message, remedy }) => ({
        code,
        severity: 'error' as const,
        subject: location.name,
        desired: `${location.share} answers, is ours, and can be written to`,
        observed: message,
        message,
        remedy,
      })),
  )
}
