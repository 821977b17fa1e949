import type { Evidence, Classified } from '../../domain/statement.ts'
import type { Class } from '../../domain/words.ts'
import { addSeconds, type Time } from '../../base/time.ts'
import { cadences } from '../../domain/cadence.ts'
import type { Contact } from './contacts.ts'
import { evidence, tellDatabases, tellFileStore, tellPorts, tellServices } from './evidence.ts'
import type { ExpectedHost } from './expected.ts'
import { presentState, type HostState } from './present.ts'
import type { Scene } from './scene.ts'
import { latestOf } from './sights.ts'
import { hear, tellReport, type Testimony } from './witnesses.ts'

/** The class of one machine (domain reference, section 8.5). `databases`: what is known of those that it holds. */
export function hostVerdict(one: ExpectedHost, databases: readonly Classified[], scene: Scene): Classified {
  const contact = scene.neighbourhood.contacts.get(one.key)
  const judged =
    contact === undefined || contact.answers === null
      ? silentState(one, contact, scene)
      : presentState(one, databases, contact, scene)
  const since = judged.since ?? scene.sights.of('ports', one.host.fqdn).observation?.since ?? scene.now
  const { class: kind, reason } = judged
  return { subject: one.host.fqdn, class: kind, since, reason, because: () => because(one, kind, contact, scene) }
}

/** Nothing of it answers us. Only what several witnesses agree on is called lost; DNS decides nothing. */
function silentState(one: ExpectedHost, contact: Contact | undefined, scene: Scene): HostState {
  if (contact === undefined || contact.isDark)
    return { class: 'unknown', reason: 'Nobody has looked at it lately, or could.' }
  const { silentSince, triedAt, ways } = contact
  const heard = heardOf(one, contact, scene)
  const unreachable = (reason: string): HostState => ({ class: 'unreachable', reason, since: silentSince })
  if (heard.seenBy !== null) return unreachable(`It does not answer from here, but ${heard.seenBy}.`)
  const othersSince = scene.neighbourhood.answeringSince(one.zones, silentSince, triedAt)
  if (othersSince === null)
    return unreachable('It does not answer from here, and neither does anything else of its network.')
  if (heard.isPending)
    return { class: 'unknown', reason: 'It does not answer, and those who may still see it were not asked since.' }
  if (one.types.includes('edge')) {
    if (!wasAskedFor(one, scene, silentSince))
      return unreachable('It does not answer from here, and its replica tells nothing of it.')
  } else if (ways + heard.ways < 2)
    return unreachable('It does not answer from here, in the one way in which it can be tried.')
  return {
    class: 'absent',
    reason: 'It answers on no port of its role, SMB or SQL Server, and nobody else sees it.',
    since: latestOf([silentSince, heard.since, othersSince]),
  }
}

/** An Edge Server is normally out of reach: it is lost only where its replica could have reported since, and did not. */
function wasAskedFor({ host }: ExpectedHost, { replication }: Scene, since: Time): boolean {
  const { sight } = replication
  return sight.state === 'seen' && sight.at >= since && (replication.of(host.fqdn)?.lastStatusReport ?? null) !== null
}

function because(one: ExpectedHost, kind: Class, contact: Contact | undefined, scene: Scene): Evidence[] {
  const { sights, now } = scene
  const own = [
    ...evidence('ports', sights.of('ports', one.host.fqdn), now, tellPorts),
    ...one.instances.flatMap(({ subject, restored }) =>
      evidence('sqlInstance', sights.of('sqlInstance', subject), now, tellDatabases(restored.map(({ name }) => name))),
    ),
    ...one.fileStores.flatMap(({ subject }) =>
      evidence('fileStore', sights.of('fileStore', subject), now, tellFileStore),
    ),
  ]
  if (contact && contact.answers === null && kind !== 'unknown')
    return [...own, ...heardOf(one, contact, scene).because()]
  const isEdge = one.types.includes('edge')
  return [
    ...own,
    ...(isEdge
      ? evidence('replication', scene.replication.sight, now, tellReport(one.host.fqdn))
      : evidence('services', sights.of('services', one.host.fqdn), now, tellServices)),
  ]
}

function heardOf(one: ExpectedHost, { silentSince }: Contact, scene: Scene): Testimony {
  const { replication, sights, now } = scene
  return hear(one, replication, sights, silentSince, { now, reportsFrom: reportsFrom(one, silentSince, scene) })
}

/**
 * While it is restored, what its replica reported after the loss is not the last that may become of it: it is lost again
 * where it reports no more.
 */
function reportsFrom({ host, key }: ExpectedHost, silentSince: Time, scene: Scene): Time {
  if (scene.flaggedSince(host.fqdn, [key]) === null) return silentSince
  return latestOf([silentSince, addSeconds(scene.now, -cadences.replication.validSeconds)])
}
