import type { ProblemCode } from '../base/problem-codes.ts'
import { formatSize } from '../base/units.ts'
import { traitsOf, type Action } from './action.ts'
import type { Facts } from './facts.ts'
import type { LocationUser } from './location-user.ts'
import type { BackupLocation } from './model.ts'
import type { Seen, Unseen } from './observation.ts'
import { sameSubject } from './subject.ts'

/** Something that stands against the use of a backup location. */
export interface LocationFault {
  code: ProblemCode
  /** Why `LocationReady` does not hold: one word in CamelCase. */
  reason: string
  /** What happened; nothing in it changes while the world does not. */
  message: string
  remedy: string
  stops: 'everything' | 'owner' | 'additions' | 'filling'
  /** The sets on it cannot be seen: what is known of them is old. */
  hides: boolean
  /** The ground is only that nobody has looked yet: who asked goes on waiting. */
  waits: boolean
}

/** What a judge of a location has to know besides what was seen of it. */
interface Ground {
  /** Name of our deployment. */
  deployment: string
  /** Sets of ours are known to have been there. */
  knowsSets: boolean
}

/**
 * The one judge of a location: guards, conditions, findings, runs and `doctor` ask it. All that stands against it, the
 * gravest first; nothing where it is as it should be.
 */
export function faultsOfLocation(
  { name, share, minimumFree }: Pick<BackupLocation, 'name' | 'share' | 'minimumFree'>,
  seen: Seen<Facts['location']> | Unseen | undefined,
  { deployment, knowsSets }: Ground,
): LocationFault[] {
  if (!seen) return [notSeen(share)]
  if (!seen.known) return [unreachable(seen)]
  const { identity, us, usedBy = null, freeBytes, isReadOnly = false } = seen.value
  const foreign = identity === null ? [] : faultsOfIdentity({ name, share }, identity, { deployment, owner: us })
  return [
    ...(identity === null && knowsSets ? [anotherShare(name, share)] : []),
    ...foreign,
    ...(usedBy !== null && foreign.length === 0 ? [faultOfUse(share, usedBy)] : []),
    ...(isReadOnly ? [readOnly(share)] : []),
    ...(freeBytes < minimumFree ? [full(share, minimumFree)] : []),
  ]
}

/** Whose a location is. */
export interface LocationOwner {
  /** Name of the deployment. */
  deployment: string
  /** Id of a daemon. */
  owner: string
}

/** Somebody else acts on a share that is ours by its identity: with a copy of our owner id, or the owner before us. */
export function faultOfUse(share: string, { host, process }: LocationUser): LocationFault {
  const who = host === null || process === null ? '' : ` (process ${process} on ${host})`
  return {
    code: 'location-in-use',
    reason: 'InUse',
    message: `Another daemon${who} is at work on ${share}, with another state store.`,
    remedy:
      'Stop one of the two: two configurations never share an owner.id. A daemon that has ended is seen to be gone within three minutes.',
    stops: 'owner',
    ...visible,
  }
}

/** What the identity on a share says against its use by us. */
export function faultsOfIdentity(
  { name, share }: Pick<BackupLocation, 'name' | 'share'>,
  identity: LocationOwner,
  us: LocationOwner,
): LocationFault[] {
  return [
    ...(sameSubject(identity.deployment, us.deployment)
      ? []
      : [foreignDeployment(share, identity.deployment, us.deployment)]),
    ...(identity.owner === us.owner ? [] : [foreignOwner(name, share, identity.owner)]),
  ]
}

/** Whether what stands on the share are our sets, so that one which is not listed is gone. */
export function showsSets(location: BackupLocation, value: Facts['location'], deployment: string): boolean {
  // Without an identity it may be an empty mount point, whatever is known to stand there.
  return !faultsOfLocation(location, { known: true, value }, { deployment, knowsSets: true }).some(({ hides }) => hides)
}

/** Whether the fault stands against this action. */
export function stops({ stops: what }: LocationFault, action: Pick<Action, 'kind'>): boolean {
  const { needsOwnership, adds, fills } = traitsOf(action)
  switch (what) {
    case 'everything':
      return true
    case 'owner':
      return needsOwnership
    case 'additions':
      return adds
    case 'filling':
      return fills
  }
}

const hidden = { hides: true, waits: false } as const
const visible = { hides: false, waits: false } as const

function notSeen(share: string): LocationFault {
  return {
    code: 'location-not-seen',
    reason: 'NotSeen',
    message: `Nobody has looked at ${share} yet.`,
    remedy: 'Wait for the first look, or start the daemon.',
    stops: 'everything',
    hides: true,
    waits: true,
  }
}

/** What the look says of itself is told by its own code; any other failure is a share that does not answer. */
const ownCodes: ReadonlySet<ProblemCode> = new Set(['location-identity-invalid', 'path-not-mapped'])

function unreachable({ code, error }: Unseen): LocationFault {
  return {
    code: ownCodes.has(code) ? code : 'location-unreachable',
    reason: 'Unreachable',
    message: error,
    remedy: 'Bring the share back, or commit another BackupLocation.',
    stops: 'everything',
    ...hidden,
  }
}

function foreignDeployment(share: string, other: string, ours: string): LocationFault {
  return {
    code: 'location-foreign-deployment',
    reason: 'ForeignDeployment',
    message: `${share} belongs to the deployment ${other}, not to ${ours}.`,
    remedy: 'Commit a BackupLocation with a share of its own: two deployments never share one.',
    stops: 'everything',
    ...hidden,
  }
}

function foreignOwner(name: string, share: string, owner: string): LocationFault {
  return {
    code: 'location-foreign-owner',
    reason: 'ForeignOwner',
    message: `${share} is owned by another daemon (${owner}).`,
    remedy: `If that daemon is gone for good: holdfast take-over ${name}`,
    stops: 'owner',
    ...visible,
  }
}

/** An empty mount point, or another share under the same name: nothing is claimed while sets of ours are missing there. */
function anotherShare(name: string, share: string): LocationFault {
  return {
    code: 'location-unclaimed',
    reason: 'NotTheSameShare',
    message: `${share} no longer says whose it is, and the sets that were on it are gone.`,
    remedy: `Connect the right share. If a new one took its place on purpose: holdfast take-over ${name}`,
    stops: 'additions',
    ...hidden,
  }
}

function readOnly(share: string): LocationFault {
  return {
    code: 'location-read-only',
    reason: 'ReadOnly',
    message: `Nothing can be written to ${share}.`,
    remedy: 'Give the account of the daemon the right to write there, and mount the share for writing.',
    stops: 'additions',
    ...visible,
  }
}

function full(share: string, minimumFree: number): LocationFault {
  return {
    code: 'location-full',
    reason: 'NotEnoughSpace',
    message: `${share} has less than ${formatSize(minimumFree)} free.`,
    remedy: 'Make room on the share, or commit a smaller minimumFree.',
    stops: 'filling',
    ...visible,
  }
}
