import { partnersOf } from '../../domain/endpoints.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import { hasLasted } from '../loss/flags.ts'
import type { Told } from './rule.ts'

const masterless = 'no active master'

/**
 * The Central Management store serves nobody: no copy is in use, or no master is active. Users work on, but nothing can
 * be configured, and every other restore waits for it. Once its loss is flagged, the flag says it.
 */
export function centralManagementFindings(digest: Digest): Told {
  const { desired, classes, incidents, memory } = digest
  const { name, centralManagementStore: store } = desired.deployment
  const codes = ['central-management-unavailable']
  if (!store) return { codes, found: [], dark: new Set() }
  const { sights } = classes.scene
  const copies = partnersOf(store).map((place) => sights.of('sqlInstance', sqlSubject(place)))
  const isServed = copies.some(
    (copy) =>
      copy.state === 'seen' &&
      copy.value.databases.some(
        (one) => sameSubject(one.name, 'xds') && one.state === 'ONLINE' && one.mirroringRole !== 'MIRROR',
      ),
  )
  const isDark = copies.some(({ state }) => state === 'dark')
  const master = sights.of('centralManagement', name)
  const isMasterless = master.state === 'seen' && master.value.activeMaster === null
  const wasMasterless = memory.standing.findings.some((one) => one.code === codes[0] && one.observed === masterless)
  const isFlagged =
    memory.standing.flags.some(({ scenario }) => scenario === 'central-management') ||
    [...incidents.hosts.values(), ...incidents.things.values()].some(
      ({ scenario, since }) => scenario === 'central-management' && hasLasted(since, digest),
    )
  const observed = isServed ? (isMasterless ? masterless : null) : isDark ? null : 'no copy of xds is in use'
  const isTold = observed !== null && !isFlagged && !isUnreachable(digest, store)
  return {
    codes,
    found: isTold
      ? [
          {
            code: 'central-management-unavailable',
            severity: 'error',
            subject: name,
            desired: `in use on ${sqlSubject(store)}`,
            observed,
            message: `Nothing can be configured, and no other server can be restored, until it works again: ${observed}.`,
          },
        ]
      : [],
    dark: new Set(isDark || (isServed && master.state !== 'seen' && wasMasterless) ? [foldSubject(name)] : []),
  }
}

/** Its machines are only out of reach from here: that is told as such, and the store may well be in use. */
function isUnreachable(
  { classes }: Digest,
  store: NonNullable<Digest['desired']['deployment']['centralManagementStore']>,
): boolean {
  return partnersOf(store).some(({ host }) =>
    ['unreachable', 'unknown'].includes(classes.hosts.get(foldSubject(host))?.class ?? ''),
  )
}
