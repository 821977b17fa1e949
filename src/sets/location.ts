import { access, constants, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode } from '../base/problem.ts'
import { randomId } from '../base/random.ts'
import type { Facts } from '../domain/facts.ts'
import { faultsOfIdentity, type LocationOwner } from '../domain/location-faults.ts'
import type { LocationUser } from '../domain/location-user.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { makeNewWhole } from './exclusive.ts'
import { otherUser, readHeartbeat, type WrittenBeats } from './heartbeat.ts'
import { changeHands, formatIdentity } from './hands.ts'
import { expectRoot, identityFile, readIdentity, refuse, unreachable, type Identity } from './identity.ts'
import { readCurrent } from './pointer.ts'
import { clockOffsetSeconds } from './share-clock.ts'

/**
 * Looks at a location without changing it. `written`: the heartbeats of our store, to tell that of another; null: not
 * asked. Throws Problem `location-unreachable` when the folder does not answer, and `location-identity-invalid`.
 */
export async function readLocation(
  location: BackupLocation,
  us: string,
  drivers: Pick<Drivers, 'localPath'>,
  written: WrittenBeats | null = null,
): Promise<Facts['location']> {
  const root = drivers.localPath(location.share)
  try {
    const [names, space, isReadOnly] = await Promise.all([readdir(root), statfs(root), refusesWrites(root)])
    const identity = names.includes(identityFile) ? await readIdentity(location, root) : null
    const usedBy = identity && written && (await userOf(root, identity, written))
    const { pointers, copyLists, odd } = await readCurrent(location, root)
    return {
      identity: identity && { id: identity.id, deployment: identity.deployment, owner: identity.owner },
      us,
      ...(usedBy ? { usedBy } : {}),
      freeBytes: space.bavail * space.bsize,
      totalBytes: space.blocks * space.bsize,
      ...(isReadOnly ? { isReadOnly } : {}),
      clockOffsetSeconds: await clockOffsetSeconds(root, Object.values(pointers)),
      pointers,
      copyLists,
      ...(odd.length > 0 ? { odd } : {}),
    }
  } catch (thrown) {
    throw unreachable(location, thrown)
  }
}

/** A heartbeat that cannot be read hides no set: it is somebody's, and nobody knows whose. */
async function userOf(root: string, identity: Identity, written: WrittenBeats): Promise<LocationUser | null> {
  const seen = await readHeartbeat(root).catch(() => ({ text: '', heartbeat: null }))
  return otherUser(seen, identity, written)
}

/** Nothing is written to learn it, so only a plain no counts: a read-only mount, or a folder that is not ours to write. */
async function refusesWrites(root: string): Promise<boolean> {
  const code = await access(root, constants.W_OK).then(() => null, systemCode)
  return code === 'EROFS' || code === 'EACCES' || code === 'EPERM'
}

/**
 * Writes our identity on a share that has none; nothing when it is ours already. Throws Problem
 * `location-foreign-deployment` or `location-foreign-owner` when it has another's.
 */
export async function claimLocation(location: BackupLocation, owner: LocationOwner, drivers: Drivers): Promise<void> {
  const root = drivers.localPath(location.share)
  await expectRoot(location, root)
  if (!(await readIdentity(location, root))) {
    const identity = { id: randomId(drivers.random), ...owner, claimedAt: drivers.clock.now(), generation: 1 }
    try {
      await makeNewWhole(join(root, identityFile), formatIdentity(identity), drivers.random)
    } catch (thrown) {
      throw unreachable(location, thrown)
    }
  }
  const now = await readIdentity(location, root)
  if (now) refuse(location, faultsOfIdentity(location, now, owner))
}

/**
 * Makes us the owner of a share of this deployment that another daemon owned; keeps the location's id. Of many at once
 * one succeeds; throws Problem `location-foreign-owner` in the others, and where it was taken over a moment ago.
 */
export async function takeOverLocation(
  location: BackupLocation,
  owner: LocationOwner,
  drivers: Drivers,
): Promise<void> {
  const root = drivers.localPath(location.share)
  const identity = await readIdentity(location, root)
  if (!identity) return claimLocation(location, owner, drivers)
  refuse(location, faultsOfIdentity(location, identity, { ...owner, owner: identity.owner }))
  if (identity.owner === owner.owner || (await changeHands(location, identity, owner, drivers))) return
  const now = await readIdentity(location, root)
  if (now?.owner === owner.owner) return
  throw new Problem('location-foreign-owner', {
    subject: location.name,
    message: `${location.share} is being taken over by another daemon, or was a moment ago. Its owner is ${now?.owner ?? 'nobody'}.`,
    hint: 'Several take-overs came at once, and one of them counts. If this daemon is to have it, repeat the command in a minute.',
  })
}
