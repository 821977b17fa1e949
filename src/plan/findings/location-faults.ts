import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'

/** What stands against a location, in the words of the one judge of locations. That nobody has looked yet is no fault. */
export function locationFaults(digest: Digest): Fresh<Finding>[] {
  return digest.desired.locations.flatMap((location) =>
    digest
      .faultsOf(location)
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
