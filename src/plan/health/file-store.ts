import { smbPort } from '../../domain/endpoints.ts'
import { lostMount } from '../../domain/mount-point.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Classified } from '../../domain/statement.ts'
import type { Class } from '../../domain/words.ts'
import { evidence, tellFileStore, tellPorts } from './evidence.ts'
import type { ExpectedFileStore } from './expected.ts'
import type { Scene } from './scene.ts'
import { latestOf, type Sight } from './sights.ts'
import type { Facts } from '../../domain/facts.ts'

/** The class of one file store ("Restoring a file store"; domain reference, sections 2.3 and 8.5). */
export function fileStoreVerdict(one: ExpectedFileStore, scene: Scene): Classified {
  const { subject, store } = one
  const sight = scene.sights.of('fileStore', subject)
  const server = one.host === null ? null : scene.sights.of('ports', one.host)
  const verdict = (kind: Class, reason: string, since = sight.observation?.since ?? scene.now): Classified => ({
    ...{ subject, class: kind, since, reason },
    because: () => [
      ...evidence('fileStore', sight, scene.now, tellFileStore),
      ...(server ? evidence('ports', server, scene.now, tellPorts) : []),
    ],
  })
  if (sight.state === 'dark') return verdict('unknown', 'Nobody has looked at it lately.')
  if (sight.state === 'silent') return silentVerdict(sight)
  const there = new Set(sight.value.folders.map(foldSubject))
  const missing = store.serviceFolders.filter((name) => !there.has(foldSubject(name)))
  const isBare = store.serviceFolders.length > 0 && missing.length === store.serviceFolders.length
  const unmounted =
    isBare || sight.value.entries === 0 ? lostMount(subject, sight.value.mountPoint, scene.records) : null
  if (unmounted !== null)
    return verdict('unknown', `Nothing is mounted at ${unmounted}, where the share was at its backup.`)
  if (isBare) return verdict('clean', 'The share is there and holds none of its service folders.')
  if (store.serviceFolders.length > 0 && sight.value.entries === 0)
    return verdict('clean', 'The service folders of the share are empty.')
  const machines = one.host === null ? [] : [one.host]
  const flaggedSince = scene.flaggedSince(subject, machines)
  const { bornAt } = sight.value
  const finishedAt = scene.finished(subject, machines)?.at ?? null
  if (flaggedSince !== null && bornAt && bornAt >= flaggedSince && (finishedAt === null || bornAt > finishedAt))
    return verdict('half-built', `Its folders were made after the loss, at ${bornAt}.`)
  if (missing.length > 0) return verdict('degraded', `It lacks ${missing.join(', ')}.`)
  return verdict('healthy', 'The share is there with its service folders.')

  /** A share that is not there is lost only where its server, or below a domain its site, answered after that. */
  function silentVerdict({ observation, at, since }: Sight<Facts['fileStore']> & { state: 'silent' }): Classified {
    if (observation.answered) return verdict('degraded', 'The share is there and refuses us.')
    const isGone = observation.code === 'file-gone'
    const othersSince = one.host === null ? scene.neighbourhood.answeringSince(one.zones, since, at) : null
    if (one.host === null)
      return isGone && othersSince !== null
        ? verdict('absent', 'The share is not there.', latestOf([since, othersSince]))
        : verdict('unreachable', 'The share does not answer.')
    // It answered while the share was silent, and did already when the share was last tried.
    const isThere = server?.state === 'seen' && server.value.open.includes(smbPort)
    const smb = isThere && server.at >= since && server.since <= at ? server : null
    return isGone && smb
      ? verdict('absent', 'Its server answers, and the share is not there.', latestOf([since, smb.since]))
      : verdict('unreachable', 'The share does not answer.')
  }
}
