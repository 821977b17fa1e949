import type { Time } from '../../base/time.ts'
import { foldSubject } from '../../domain/subject.ts'
import { showsSessions } from '../../domain/mirror.ts'
import type { Evidence } from '../../domain/statement.ts'
import { evidence, tellServices } from './evidence.ts'
import type { ExpectedHost } from './expected.ts'
import { latestOf, type Sight, type Sights } from './sights.ts'
import type { Facts } from '../../domain/facts.ts'

/** What others say of a machine that does not answer us. */
export interface Testimony {
  /** Who sees it; null: nobody does. */
  seenBy: string | null
  /** A witness that may still see it was last asked before the silence began. */
  isPending: boolean
  /** Since when those that were asked see it no more; empty where nobody could be. */
  since: Time
  /** In how many ways it was asked for. */
  ways: number
  because(): Evidence[]
}

const connected = new Set(['SYNCHRONIZED', 'SYNCHRONIZING'])

/**
 * Witnesses of a machine that is silent since `silentSince`: the services query of the shell host, its partners and
 * principals in database mirroring as far as they are shown to the login, and its replica's reports ([unconfirmed], and so
 * only ever for life). What was looked at before the silence began tells nothing, nor does a report before `reportsFrom`.
 */
export function hear(
  one: ExpectedHost,
  replication: Replication,
  sights: Sights,
  silentSince: Time,
  { now, reportsFrom }: { now: Time; reportsFrom: Time },
): Testimony {
  const { host } = one
  const services = sights.of('services', host.fqdn)
  const sessions = [
    ...one.instances.flatMap(({ partners, store }) =>
      store.highAvailability.kind === 'mirror' ? partners.map((subject) => ({ subject, isWitnessed: false })) : [],
    ),
    ...one.witnessed.map((subject) => ({ subject, isWitnessed: true })),
  ]
    .map((session) => ({ ...session, sight: sights.of('sqlInstance', session.subject) }))
    .filter(({ sight }) => sight.state !== 'seen' || showsSessions(sight.value))
  const seen = [services, ...sessions.map(({ sight }) => sight)].filter(({ state }) => state === 'seen')
  const isPending = seen.some((sight) => sight.state === 'seen' && sight.at < silentSince)
  const session = sessions.find(
    ({ sight, isWitnessed }) =>
      sight.state === 'seen' &&
      sight.at >= silentSince &&
      sight.value.databases.some(({ mirroringState, mirroringWitnessState }) =>
        isWitnessed ? mirroringWitnessState === 'CONNECTED' : connected.has(mirroringState ?? ''),
      ),
  )
  /** Those that do not see it, each with the time since when: they say so, or they are silent themselves. */
  const unseen = [
    ...(services.state === 'silent' ? [services] : []),
    ...sessions.flatMap(({ sight }) => (sight.state === 'dark' ? [] : [sight])),
  ]
  const report = replication.of(host.fqdn)?.lastStatusReport ?? null
  return {
    seenBy: seenBy(),
    isPending,
    since: latestOf(unseen.map(({ since }) => since)),
    ways: unseen.filter((one) => one === services || one.state === 'seen').length,
    because: () => [
      ...evidence('services', services, now, tellServices),
      ...sessions.flatMap(({ sight, isWitnessed }) => evidence('sqlInstance', sight, now, tellSession(isWitnessed))),
      ...evidence('replication', replication.sight, now, tellReport(host.fqdn)),
    ],
  }
  function seenBy(): string | null {
    if (services.state === 'seen' && services.at >= silentSince) return 'the shell host reads its services'
    if (session) return `${session.subject} is connected with it`
    if (report !== null && report >= reportsFrom) return 'its replica reported after that'
    return null
  }
}

/** The replicas of the deployment, by host. */
export interface Replication {
  sight: Sight<Facts['replication']>
  of(fqdn: string): Facts['replication']['replicas'][number] | undefined
}

export function replicationOf(deployment: string, sights: Sights): Replication {
  const sight = sights.of('replication', deployment)
  const replicas = new Map(
    sight.state === 'seen' ? sight.value.replicas.map((one) => [foldSubject(one.fqdn), one]) : [],
  )
  return { sight, of: (fqdn) => replicas.get(foldSubject(fqdn)) }
}

function tellSession(isWitnessed: boolean): (value: Facts['sqlInstance']) => string {
  return ({ databases }) =>
    databases
      .filter(({ mirroringRole }) => mirroringRole !== null)
      .map(({ name, mirroringState, mirroringWitnessState }) =>
        isWitnessed ? `${name} witness ${mirroringWitnessState}` : `${name} ${mirroringState}`,
      )
      .join(', ') || 'no mirroring session'
}

export function tellReport(fqdn: string): (value: Facts['replication']) => string {
  return ({ replicas }) => {
    const replica = replicas.find((one) => foldSubject(one.fqdn) === foldSubject(fqdn))
    if (!replica) return 'no such replica'
    const upToDate = replica.upToDate === null ? 'not told' : replica.upToDate ? 'yes' : 'no'
    return `up to date: ${upToDate}; last report: ${replica.lastStatusReport ?? 'not told'}`
  }
}
