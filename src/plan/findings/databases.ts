import type { DatabaseFacts } from '../../domain/facts.ts'
import type { SqlStore } from '../../domain/model.ts'
import { whyUnseen, type Unseen } from '../../domain/observation.ts'
import { foldSubject, sqlSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { ExpectedInstance } from '../health/expected.ts'
import type { Sights } from '../health/sights.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { Told } from './rule.ts'

/** Instances that give no answer though their machine does. A machine that is silent itself is told by another rule. */
export function instanceFindings({ classes }: Digest): Told {
  const { expected, sights } = classes.scene
  const isAnswering = ({ host }: ExpectedInstance): boolean =>
    host === null || ['healthy', 'degraded'].includes(classes.hosts.get(host)?.class ?? '')
  const sightings = [...expected.instances.values()].map((instance) => ({
    instance,
    sight: sights.of('sqlInstance', instance.subject),
  }))
  return {
    codes: ['sql-instance-silent'],
    found: sightings.flatMap(({ instance, sight }) =>
      sight.state === 'silent' && isAnswering(instance) && isNewsOf(instance, classes)
        ? [silent(instance, sight.observation)]
        : [],
    ),
    dark: new Set(
      sightings.flatMap(({ instance, sight }) => (sight.state === 'dark' ? [foldSubject(instance.subject)] : [])),
    ),
  }
}

/** A listener or a cluster's name is told only where one of its machines answers; else they are the news. */
function isNewsOf({ host, store }: ExpectedInstance, { scene }: Digest['classes']): boolean {
  if (host !== null) return true
  const mode = store.highAvailability
  const names = mode.kind === 'availability-group' ? mode.replicas : mode.kind === 'failover-cluster' ? mode.nodes : []
  const machines = names.map((name) => foldSubject(name.split('\\')[0] ?? ''))
  return (
    machines.length === 0 ||
    machines.some((machine) => (scene.neighbourhood.contacts.get(machine)?.answers ?? null) !== null)
  )
}

function silent({ subject }: ExpectedInstance, unseen: Unseen): Fresh<Finding> {
  const why = whyUnseen(unseen)
  return {
    code: 'sql-instance-silent',
    severity: 'error',
    subject,
    desired: 'answers',
    observed: why,
    message: unseen.answered
      ? `SQL Server answers, but does not let Holdfast look: ${why}`
      : `Its machine answers, but SQL Server does not: ${why}`,
  }
}

/** Databases that are there and not in use: suspect, offline, recovering, ... */
export function databaseFindings({ classes }: Digest): Told {
  const verdicts = [...classes.databases.values()]
  return {
    codes: ['database-not-online'],
    found: verdicts
      .filter((verdict) => verdict.class === 'degraded')
      .map(({ subject, reason }) => ({
        code: 'database-not-online',
        severity: 'error',
        subject,
        desired: 'ONLINE',
        observed: reason,
        message: `${reason} It serves nobody, and no backup can be taken of it.`,
      })),
    dark: new Set(verdicts.flatMap((verdict) => (verdict.class === 'unknown' ? [foldSubject(verdict.subject)] : []))),
  }
}

/** Mirrored stores whose partners both answer and do not keep step. A partner that is out is told elsewhere. */
export function mirrorFindings({ desired, classes }: Digest): Told {
  const { sights } = classes.scene
  const pairs = desired.sqlStores.flatMap((store) =>
    store.highAvailability.kind === 'mirror'
      ? [{ store, partners: [sqlSubject(store), sqlSubject(store.highAvailability.partner)] }]
      : [],
  )
  return {
    codes: ['mirror-not-synchronized'],
    found: pairs.flatMap(({ store, partners }) => mirrorFinding(store, partners, classes)),
    dark: new Set(
      pairs.flatMap(({ store, partners }) =>
        partners.some((partner) => sights.of('sqlInstance', partner).state === 'dark')
          ? [foldSubject(sqlSubject(store))]
          : [],
      ),
    ),
  }
}

function mirrorFinding(store: SqlStore, partners: readonly string[], classes: Digest['classes']): Fresh<Finding>[] {
  const { expected, sights } = classes.scene
  if (partners.some((partner) => sights.of('sqlInstance', partner).state !== 'seen')) return []
  const names = expected.instances.get(foldSubject(sqlSubject(store)))?.restored.map(({ name }) => name) ?? []
  const isWell = (name: string): boolean =>
    partners.every((partner) => classes.databases.get(foldSubject(`${partner}/${name}`))?.class === 'healthy')
  const told = names.filter(isWell).flatMap((name) => {
    const states = partners.flatMap((partner) => sessionOf(partner, name, sights))
    const wrong = states.find((state) => state !== 'SYNCHRONIZED' && state !== 'SYNCHRONIZING')
    return wrong === undefined ? [] : [`${name}: ${wrong}`]
  })
  if (told.length === 0) return []
  return [
    {
      code: 'mirror-not-synchronized',
      severity: 'warning',
      subject: sqlSubject(store),
      desired: `mirrored to ${partners[1] ?? ''}`,
      observed: told.join(', '),
      message: `Both partners answer, but their copies are not kept alike (${told.join(', ')}): a failover would lose data, or not happen.`,
    },
  ]
}

/** The session as this partner tells it; nothing where it does not. */
function sessionOf(partner: string, name: string, sights: Sights): string[] {
  const sight = sights.of('sqlInstance', partner)
  const found: DatabaseFacts | undefined =
    sight.state === 'seen'
      ? sight.value.databases.find((one) => foldSubject(one.name) === foldSubject(name))
      : undefined
  if (!found) return []
  if (found.mirroringRole === null) return ['not mirrored']
  return typeof found.mirroringState === 'string' ? [found.mirroringState] : []
}
