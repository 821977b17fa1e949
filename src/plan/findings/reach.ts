import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Finding, Classified } from '../../domain/statement.ts'
import type { ExpectedHost } from '../health/expected.ts'
import { latestOf } from '../health/sights.ts'
import type { Digest } from '../digest.ts'
import { hasLasted } from '../loss/grace.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/**
 * What does not answer from here, as one row for one cause: our own network, else a site, else a machine or a share.
 * Silence waits for the grace period as a flag does, so a reboot is none.
 */
export const unreachable: FindingRule = {
  codes: ['network-unreachable', 'site-unreachable', 'host-unreachable'],
  find,
  isDark,
}

/** It is unknown itself, or a machine of that site or deployment is. */
function isDark({ subject }: Finding, { desired, classes }: Digest): boolean {
  const isUnknown = (key: string): boolean => classes.hosts.get(key)?.class === 'unknown'
  const key = foldSubject(subject)
  if (isUnknown(key) || classes.fileStores.get(key)?.class === 'unknown') return true
  const isOfAll = sameSubject(subject, desired.deployment.name)
  return [...classes.scene.expected.hosts.values()].some(
    (one) => isUnknown(one.key) && (isOfAll || one.zones.some((zone) => sameSubject(zone, subject))),
  )
}

function find(digest: Digest): Fresh<Finding>[] {
  const { desired, classes, incidents } = digest
  const hosts = [...classes.scene.expected.hosts.values()]
  const silent = hosts.flatMap((one) => {
    const verdict = classes.hosts.get(one.key)
    return verdict?.class === 'unreachable' ? [{ one, verdict }] : []
  })
  if (hosts.length > 1 && silent.length === hosts.length)
    return lasting(silent, digest) ? [networkFinding(desired.deployment.name)] : []
  const sites = silentSites(hosts, silent).filter(({ members }) => members.length > 1)
  const isTold = (zones: readonly string[]): boolean => sites.some(({ zone }) => zones.includes(zone))
  const stores = [...classes.scene.expected.fileStores.values()].flatMap(({ subject, host, zones }) => {
    const verdict = classes.fileStores.get(foldSubject(subject))
    // The share of a known machine is told with the machine, unless that answers.
    const isAlone = host === null ? !isTold(zones) : isAnswering(classes.hosts.get(host))
    return verdict?.class === 'unreachable' && isAlone ? [verdict] : []
  })
  return [
    ...sites.filter(({ members }) => lasting(members, digest)).map(({ zone }) => siteFinding(zone)),
    ...silent.filter(({ one, verdict }) => !isTold(one.zones) && hasLasted(verdict.since, digest)).map(hostFinding),
    ...stores.filter(({ since }) => hasLasted(since, digest)).map((verdict) => hostFinding({ verdict })),
    ...incidents.foreign
      .filter(({ verdict }) => hasLasted(verdict.since, digest))
      .map(({ verdict, why }) => hostFinding({ verdict, why })),
  ]
}

interface Silent {
  one: ExpectedHost
  verdict: Classified
}

/** Sites of which every machine that is theirs alone is silent. */
function silentSites(hosts: readonly ExpectedHost[], silent: readonly Silent[]): { zone: string; members: Silent[] }[] {
  const count = (zone: string): number => hosts.filter(({ zones }) => zones.length === 1 && zones[0] === zone).length
  const groups = new Map<string, Silent[]>()
  for (const one of silent) {
    const [zone, ...others] = one.one.zones
    if (zone !== undefined && others.length === 0) groups.set(zone, [...(groups.get(zone) ?? []), one])
  }
  return [...groups]
    .map(([zone, members]) => ({ zone, members }))
    .filter(({ zone, members }) => members.length === count(zone))
}

function lasting(members: readonly Silent[], digest: Digest): boolean {
  return hasLasted(latestOf(members.map(({ verdict }) => verdict.since)), digest)
}

function isAnswering(verdict: Classified | undefined): boolean {
  return verdict?.class === 'healthy' || verdict?.class === 'degraded'
}

function networkFinding(subject: string): Fresh<Finding> {
  return {
    code: 'network-unreachable',
    severity: 'error',
    subject,
    desired: 'machines that answer',
    observed: 'not one answers from here',
    message:
      'No machine of the deployment answers: most likely it is our own network. Nothing is called lost meanwhile.',
  }
}

function siteFinding(zone: string): Fresh<Finding> {
  return {
    code: 'site-unreachable',
    severity: 'error',
    subject: zone,
    desired: 'machines that answer',
    observed: 'not one answers from here',
    message: `No machine of ${zone} answers from here. Whether they are lost cannot be told, so none is flagged.`,
  }
}

function hostFinding({ verdict, why }: { verdict: Classified; why?: string }): Fresh<Finding> {
  return {
    code: 'host-unreachable',
    severity: 'warning',
    subject: verdict.subject,
    desired: 'answers',
    observed: verdict.class,
    message: why === undefined ? verdict.reason : `${verdict.reason} ${why}`,
  }
}
