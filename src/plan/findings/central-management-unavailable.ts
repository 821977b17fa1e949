import { partnersOf } from '../../domain/endpoints.ts'
import type { DatabaseFacts } from '../../domain/facts.ts'
import type { SqlStore } from '../../domain/model.ts'
import type { Finding } from '../../domain/statement.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import { hasLasted } from '../loss/grace.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

const masterless = 'no active master'

/**
 * The Central Management store serves nobody: no copy is in use, or no master is active. Users work on, but nothing can
 * be configured, and every other restore waits for it. Once its loss is flagged, the flag says it.
 */
export const centralManagementUnavailable: FindingRule = {
  codes: ['central-management-unavailable'],
  find,
  isDark,
}

function find(digest: Digest): Fresh<Finding>[] {
  const { name, centralManagementStore: store } = digest.desired.deployment
  if (!store || isFlagged(digest) || isUnreachable(digest, store)) return []
  const { isServed, isSilent, isMasterless } = stateOf(store, digest)
  const observed = isServed ? (isMasterless ? masterless : null) : isSilent ? null : 'no copy of xds is in use'
  if (observed === null) return []
  return [
    {
      code: 'central-management-unavailable',
      severity: 'error',
      subject: name,
      desired: `in use on ${sqlSubject(store)}`,
      observed,
      message: `Nothing can be configured, and no other server can be restored, until it works again: ${observed}.`,
    },
  ]
}

/** A copy tells nothing; or one serves, and whether a master came back is not told. */
function isDark({ observed }: Finding, digest: Digest): boolean {
  const { centralManagementStore: store } = digest.desired.deployment
  if (!store) return false
  const { isServed, isSilent, isMasterTold } = stateOf(store, digest)
  return isSilent || (isServed && !isMasterTold && observed === masterless)
}

interface State {
  /** A copy is in use. */
  isServed: boolean
  /** Of some copy nothing can be told. */
  isSilent: boolean
  isMasterTold: boolean
  isMasterless: boolean
}

function stateOf(store: SqlStore, { desired, classes }: Digest): State {
  const { sights } = classes.scene
  const copies = partnersOf(store).map((place) => sights.of('sqlInstance', sqlSubject(place)))
  const master = sights.of('centralManagement', desired.deployment.name)
  return {
    isServed: copies.some((copy) => copy.state === 'seen' && copy.value.databases.some(isInUse)),
    isSilent: copies.some(({ state }) => state === 'dark'),
    isMasterTold: master.state === 'seen',
    isMasterless: master.state === 'seen' && master.value.activeMaster === null,
  }
}

function isInUse({ name, state, mirroringRole }: DatabaseFacts): boolean {
  return sameSubject(name, 'xds') && state === 'ONLINE' && mirroringRole !== 'MIRROR'
}

function isFlagged(digest: Digest): boolean {
  const { incidents, memory } = digest
  return (
    memory.standing.flags.some(({ scenario }) => scenario === 'central-management') ||
    [...incidents.hosts.values(), ...incidents.things.values()].some(
      ({ scenario, since }) => scenario === 'central-management' && hasLasted(since, digest),
    )
  )
}

/** Its machines are only out of reach from here: that is told as such, and the store may well be in use. */
function isUnreachable({ classes }: Digest, store: SqlStore): boolean {
  return partnersOf(store).some(({ host }) =>
    ['unreachable', 'unknown'].includes(classes.hosts.get(foldSubject(host))?.class ?? ''),
  )
}
