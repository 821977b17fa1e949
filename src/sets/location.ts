import { access, constants, link, open, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../base/problem.ts'
import { randomId } from '../base/random.ts'
import type { Time } from '../base/time.ts'
import type { Facts } from '../domain/facts.ts'
import { faultsOfIdentity, type LocationOwner } from '../domain/location-faults.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { expectRoot, identityFile, readIdentity, refuse, unreachable, type Identity } from './identity.ts'
import { readPointers } from './pointer.ts'
import { clockOffsetSeconds } from './share-clock.ts'

/**
 * Looks at a location without changing it. Throws Problem `location-unreachable` when the folder does not answer, and
 * `location-identity-invalid`.
 */
export async function readLocation(
  location: BackupLocation,
  us: string,
  drivers: Pick<Drivers, 'localPath'>,
): Promise<Facts['location']> {
  const root = drivers.localPath(location.share)
  try {
    const [names, space, isReadOnly] = await Promise.all([readdir(root), statfs(root), refusesWrites(root)])
    const identity = names.includes(identityFile) ? await readIdentity(location, root) : null
    const { pointers, odd } = await readPointers(location, root)
    return {
      identity: identity && { id: identity.id, deployment: identity.deployment, owner: identity.owner },
      us,
      freeBytes: space.bavail * space.bsize,
      totalBytes: space.blocks * space.bsize,
      ...(isReadOnly ? { isReadOnly } : {}),
      clockOffsetSeconds: await clockOffsetSeconds(root, Object.values(pointers)),
      pointers,
      ...(odd.length > 0 ? { odd } : {}),
    }
  } catch (thrown) {
    throw unreachable(location, thrown)
  }
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
    const id = randomId(drivers.random)
    const text = formatIdentity(id, owner, drivers.clock.now())
    const own = join(root, `.${identityFile}.${id}`)
    try {
      await writeDurably(own, text)
      await putIfAbsent(own, join(root, identityFile), text)
    } catch (thrown) {
      throw unreachable(location, thrown)
    } finally {
      await rm(own, { force: true }).catch(() => {})
    }
  }
  const now = await readIdentity(location, root)
  if (now) refuse(location, faultsOfIdentity(location, now, owner))
}

/** Two daemons may ask at once: a link is made by one of them only. A share without links gets a plain new file. */
async function putIfAbsent(own: string, path: string, text: string): Promise<void> {
  try {
    await link(own, path)
  } catch (thrown) {
    const code = systemCode(thrown)
    if (code === 'EEXIST') return
    if (code === 'ENOENT' || code === 'ENOSPC') throw fileProblem(thrown, path, 'Writing')
    try {
      await using handle = await open(path, 'wx')
      await handle.writeFile(text)
      await handle.sync()
    } catch (second) {
      if (systemCode(second) !== 'EEXIST') throw fileProblem(second, path, 'Writing')
    }
  }
}

function formatIdentity(id: string, { deployment, owner }: LocationOwner, claimedAt: Time): string {
  const identity: Identity = { format: 'holdfast/location/v1', id, deployment, owner, claimedAt }
  return `${JSON.stringify(identity, null, 2)}\n`
}

/** Makes us the owner of a share of this deployment that another daemon owned; keeps the location's id. */
export async function takeOverLocation(
  location: BackupLocation,
  owner: LocationOwner,
  drivers: Drivers,
): Promise<void> {
  const root = drivers.localPath(location.share)
  const identity = await readIdentity(location, root)
  if (!identity) return claimLocation(location, owner, drivers)
  refuse(location, faultsOfIdentity(location, identity, { ...owner, owner: identity.owner }))
  await writeDurably(join(root, identityFile), formatIdentity(identity.id, owner, drivers.clock.now()))
}
