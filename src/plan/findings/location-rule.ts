import { serverOf } from '../../domain/hosts.ts'
import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { publishedOf } from './published.ts'
import { isUntoldOfAll } from './untold.ts'
import type { FindingRule } from './rule.ts'

/**
 * "A shared folder on a stand-alone computer that belongs to no pool": `validate` sees what Git says, this what is
 * published ("Setting up a backup location"). A further copy may stand there, but then it is none outside.
 */
export const locationInside: FindingRule = {
  codes: ['location-rule'],
  find,
  isDark: ({ subject }, digest) =>
    digest.desired.locations.some(({ name }) => sameSubject(name, subject)) &&
    isUntoldOfAll('publishedTopology', digest),
}

function find({ desired, observed }: Digest): Fresh<Finding>[] {
  const published = publishedOf(desired, observed)
  if (published === null) return []
  const members = new Set(published.hosts.map(foldSubject))
  return desired.locations.flatMap(({ name, host, copies }) => {
    const places = [host, ...copies.flatMap(({ share }) => serverOf(share) ?? [])]
    const inside = places.filter((place) => members.has(foldSubject(place)))
    if (inside.length === 0) return []
    return [
      {
        code: 'location-rule',
        severity: inside.includes(host) ? ('error' as const) : ('warning' as const),
        subject: name,
        desired: 'on machines that belong to no pool and hold no store',
        observed: `${inside.join(', ')} belongs to the published topology`,
        message:
          'The sets stand on a machine of the deployment itself: what destroys that machine destroys its backups.',
      },
    ]
  })
}
