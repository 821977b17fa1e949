import { smbPort } from '../../domain/endpoints.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { ExpectedHost } from '../health/expected.ts'
import { serviceTroubles } from '../health/present.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { poolsBelowQuorum } from './quorum.ts'
import type { FindingRule } from './rule.ts'

/** Services that do not run on a machine that answers; one row a machine, none below quorum, where that is the cause. */
export const stoppedServices: FindingRule = {
  codes: ['service-stopped'],
  find(digest) {
    const { hosts, scene } = digest.classes
    const quiet = new Set(poolsBelowQuorum(digest).flatMap(({ members }) => members))
    return [...scene.expected.hosts.values()].flatMap((one) =>
      hosts.get(one.key)?.class === 'degraded' && !quiet.has(one.key) ? serviceFinding(one, digest) : [],
    )
  },
  isDark: ({ subject }, { classes }) => classes.hosts.get(foldSubject(subject))?.class === 'unknown',
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
