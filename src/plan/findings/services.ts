import { smbPort } from '../../domain/endpoints.ts'
import type { Finding } from '../../domain/statement.ts'
import type { ExpectedHost } from '../health/expected.ts'
import { serviceTroubles } from '../health/present.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { Told } from './rule.ts'
import { poolsBelowQuorum } from './pools.ts'

/** Services that do not run on a machine that answers; one row a machine, none below quorum, where that is the cause. */
export function serviceFindings(digest: Digest): Told {
  const { classes } = digest
  const { scene } = classes
  const quiet = new Set(poolsBelowQuorum(digest).flatMap(({ members }) => members))
  const hosts = [...scene.expected.hosts.values()]
  return {
    codes: ['service-stopped'],
    found: hosts.flatMap((one) =>
      classes.hosts.get(one.key)?.class === 'degraded' && !quiet.has(one.key) ? serviceFinding(one, digest) : [],
    ),
    dark: new Set(hosts.flatMap(({ key }) => (classes.hosts.get(key)?.class === 'unknown' ? [key] : []))),
  }
}

function serviceFinding(one: ExpectedHost, { classes: { scene } }: Digest): Fresh<Finding>[] {
  const { fqdn } = one.host
  const ports = scene.sights.of('ports', fqdn)
  const closed = ports.state === 'seen' ? ports.value.closed.filter((port) => port !== smbPort) : []
  const services = scene.sights.of('services', fqdn)
  const troubles = [...serviceTroubles(one, scene), ...closed.map((port) => `nothing answers on port ${port}`)]
  if (services.state === 'seen' && services.value.services.length === 0 && one.types.length > 0)
    troubles.unshift('it has no Lync services')
  if (troubles.length === 0) return []
  return [
    {
      code: 'service-stopped',
      severity: 'warning',
      subject: fqdn,
      desired: 'the services of its role run',
      observed: troubles.join('; '),
      message: `The machine answers, but ${troubles.join('; ')}.`,
    },
  ]
}
