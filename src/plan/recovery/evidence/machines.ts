/** What is seen of the steps that make machines anew (domain reference, sections 6.7, 8.1 and 8.5). */
import { portsOf, smbPort, tlsListeners } from '../../../domain/endpoints.ts'
import { foldedIn } from '../../../domain/environment-differences.ts'
import { none, unknown } from '../../../domain/environment-record.ts'
import { foldSubject, sameSubject } from '../../../domain/subject.ts'
import type { ExpectedHost } from '../../health/expected.ts'
import { isListed, roleServices } from '../../health/roles.ts'
import { isOlder } from '../changed-since.ts'
import { hasLocalDatabases } from './databases.ts'
import { allOf, looked, oncePassed, orSilent, type Ground, type Look, type Sighting } from './sighting.ts'

/** A fact as the set recorded it; null where it is not known. */
function recorded({ environment }: Ground, subject: string, fact: string): string | null {
  const value = environment ? foldedIn(environment).get(foldSubject(subject))?.[fact] : undefined
  return value === undefined || value === unknown || value === none ? null : value
}

const hostOf = (machine: string, { digest }: Ground): ExpectedHost | undefined =>
  digest.classes.scene.expected.hosts.get(foldSubject(machine))

/** Seen clean, or half-built, which a machine is only on the way up; afterwards it stays so while it answers. */
const answersAnew: Look = (machine, ground, before) => {
  const { classes, now } = ground.digest
  const verdict = classes.hosts.get(foldSubject(machine))
  const one = hostOf(machine, ground)
  if (!verdict || !one) return null
  const { class: kind, reason } = verdict
  const told = (seen: Sighting['seen'], fact = reason): Sighting => ({ seen, fact, at: now })
  // From inside nothing of an Edge Server is seen before its services run (section 8.5): a person says that it is there.
  // Once it was seen, it can be lost again.
  const isHidden = one.types.includes('edge') && before?.proof?.how !== 'seen'
  if (kind === 'absent') return told(isHidden ? 'unknown' : 'no')
  const reportedAt = classes.scene.replication.of(machine)?.lastStatusReport ?? ''
  if (kind === 'unreachable' && before?.state === 'done' && reportedAt > ground.flag.since)
    return told('yes', `The replica of ${machine} has reported since the loss.`)
  if (kind === 'clean' || kind === 'half-built') return told('yes')
  if (kind === 'unknown' || kind === 'unreachable') return { ...told('unknown'), isHidden: true }
  if (before?.state === 'done') return told('yes', before.evidence)
  // Nothing of the product was ever on it: that it answers again is all there is to see.
  if (one.types.length === 0) return told('yes', `${machine} answers.`)
  return told(
    'unknown',
    `${machine} answers with services of the product, and nobody has seen it clean since the loss.`,
  )
}

/** Where services of the product are gone that were there since the loss, it was made anew, also if nobody saw it absent. */
const rebuilt: Look = (machine, ground, before) => {
  const found = answersAnew(machine, ground, before)
  const product = hasAny(machine, ground, before)
  if (found === null || found.seen === 'no' || product === null || product.at < ground.flag.since) return found
  return { ...found, thing: product.seen }
}

/** Of the node of a cluster no more than that the cluster does not answer: another node may be the one that does. */
const sqlInstalled: Look = (machine, ground) => {
  const { instances = [], clustered = [] } = hostOf(machine, ground) ?? {}
  const installed = (subject: string): Sighting | null => {
    const wanted = recorded(ground, subject, 'version')
    return orSilent('sqlInstance', subject, ground, ({ version }) =>
      wanted !== null && isOlder(version, wanted)
        ? [false, `${subject} has version ${version}; the set recorded ${wanted}, and an older one cannot restore it.`]
        : [true, `${subject} answers with version ${version}.`],
    )
  }
  const own = instances.length === 0 ? null : allOf(instances.map(({ subject }) => installed(subject)))
  const missing = clustered.map(installed).find((found) => found?.seen === 'no')
  return missing ?? own
}

/** A listener that answers shows what was assigned; one that does not, nothing. */
const presents =
  (judge: (thumbprint: string, wanted: string | null, server: string) => [boolean, string] | null): Look =>
  (server, ground) => {
    const isListening = tlsListeners(ground.digest.desired).some(({ host }) => sameSubject(host, server))
    if (!isListening) return null
    const found = looked('tls', server, ground, ({ thumbprint }) =>
      judge(thumbprint, recorded(ground, server, 'thumbprint'), server),
    )
    return found?.seen === 'unknown' ? null : found
  }

const listsServices =
  (judge: (listed: Services, one: ExpectedHost) => [boolean, string] | null): Look =>
  (server, ground) => {
    const one = hostOf(server, ground)
    return one ? looked('services', server, ground, ({ services }) => judge(services, one)) : null
  }
type Services = readonly { name: string; status: string }[]

const hasAny = listsServices((services, { host }) =>
  services.length > 0
    ? [true, `${host.fqdn} has services of the product.`]
    : [false, `${host.fqdn} has no service of the product.`],
)

const hasRoles = listsServices((services, one) => {
  const { confirmed } = roleServices(one)
  const missing = confirmed.filter((name) => !isListed(name, services))
  if (confirmed.length === 0) return null
  return missing.length > 0
    ? [false, `${one.host.fqdn} has no ${missing.join(', ')}.`]
    : [true, `${one.host.fqdn} has ${confirmed.join(', ')}.`]
})

/** On a Standard Edition server the same setup makes the databases, and makes them anew where one is lost again. */
const isSetUp: Look = (server, ground, before) => {
  const [roles, databases] = [hasRoles(server, ground, before), hasLocalDatabases(server, ground, before)]
  const found = databases ? allOf([roles, databases]) : roles
  return found && databases ? { ...found, thing: databases.seen } : found
}

/** Also whether its ports answer: the wizard reports success without proof. */
export const servesAll: Look = (server, ground, before) => {
  const running = listsServices((services, one) => {
    const { confirmed } = roleServices(one)
    const missing = confirmed.filter((name) => !isListed(name, services))
    const stopped = services.filter(({ status }) => status !== 'Running')
    if (services.length === 0) return [false, `${server} has no service of the product.`]
    if (missing.length > 0) return [false, `${server} has no ${missing.join(', ')}.`]
    if (stopped.length > 0) return [false, `${stopped.map(({ name, status }) => `${name} is ${status}`).join(', ')}.`]
    return [true, `All services of ${server} run.`]
  })(server, ground, before)
  const isTried = portsOf(ground.digest.desired).some(({ host }) => sameSubject(host, server))
  if (!isTried) return running
  const ports = looked('ports', server, ground, ({ closed }) => {
    const shut = closed.filter((port) => port !== smbPort)
    return shut.length > 0
      ? [false, `${server} does not answer on port ${shut.join(', ')}.`]
      : [true, 'Its ports answer.']
  })
  // An Edge Server tells nothing of its services from inside: its ports are the evidence (section 8.5).
  return running?.seen === 'unknown' && hostOf(server, ground)?.types.includes('edge') ? ports : allOf([running, ports])
}

/**
 * Of what its replica says only what it reported after the loss: until then the store keeps the last word of the machine
 * that is gone. That the time is told at all is [unconfirmed]; where it is not, nothing is seen.
 */
const reportedSince =
  (look: Look): Look =>
  (server, ground, before) => {
    const { digest, flag } = ground
    const report = looked('replication', digest.desired.deployment.name, ground, ({ replicas }) => {
      const at = replicas.find(({ fqdn }) => sameSubject(fqdn, server))?.lastStatusReport ?? ''
      return [at > flag.since, `The replica of ${server} has not reported since the loss.`]
    })
    return report?.seen === 'no' ? { ...report, seen: 'unknown' } : look(server, ground, before)
  }

const patched: Look = (server, ground) => {
  const wanted = recorded(ground, server, 'patchLevel')
  if (wanted === null) return null
  return looked('patchLevels', ground.digest.desired.deployment.name, ground, ({ servers }) => {
    const level = servers.find(({ fqdn }) => sameSubject(fqdn, server))?.version
    if (level === undefined) return null
    return level === wanted
      ? [true, `${server} has the recorded version ${level}.`]
      : [false, `${server} has version ${level}; the set recorded ${wanted}.`]
  })
}

const replicated: Look = (server, ground) =>
  looked('replication', ground.digest.desired.deployment.name, ground, ({ replicas }) => {
    const replica = replicas.find(({ fqdn }) => sameSubject(fqdn, server))
    if (replica === undefined || replica.upToDate === null) return null
    return [replica.upToDate, `The replica of ${server} is ${replica.upToDate ? '' : 'not '}up to date.`]
  })

export const machineEvidence: Readonly<Record<string, Look>> = {
  'rebuild-machine': rebuilt,
  'install-sql-server': sqlInstalled,
  'prepare-first-standard-edition': sqlInstalled,
  'restore-certificates': oncePassed(
    presents((thumbprint, wanted, server) =>
      thumbprint === wanted ? [true, `${server} presents the certificate that the set recorded.`] : null,
    ),
  ),
  'install-local-store': hasAny,
  'install-components': isSetUp,
  'assign-certificates': presents((thumbprint, _, server) => [
    true,
    `${server} presents the certificate ${thumbprint}.`,
  ]),
  'apply-updates': reportedSince(patched),
  // They are stopped again while user data are imported.
  'start-server': oncePassed(servesAll),
  'check-replication': (server, ground, before) =>
    allOf([reportedSince(replicated)(server, ground, before), servesAll(server, ground, before)]),
}
