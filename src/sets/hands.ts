/** A location changes hands: the one step that only one of many who try can take. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { retry } from '../base/retry.ts'
import type { LocationOwner } from '../domain/location-faults.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { ageOnShare, makeNew } from './exclusive.ts'
import { beatMilliseconds, oldMilliseconds } from './heartbeat.ts'
import { identityFile, readIdentity, unclaimed, type Identity } from './identity.ts'

/** Longer than the clients of SMB and NFS keep what they saw of a file before they ask again. */
const settleMilliseconds = 1500

/**
 * Writes the identity's next generation with us as the owner. The right to do so goes with a claim file that only one
 * can make. Null when another was faster, is at it, or took the location over a moment ago. Throws `file-...`.
 */
export async function changeHands(
  location: BackupLocation,
  identity: Identity,
  owner: LocationOwner,
  drivers: Drivers,
): Promise<Identity | null> {
  const { clock } = drivers
  const root = drivers.localPath(location.share)
  const generation = identity.generation + 1
  const claim = await makeClaim(root, generation, owner, drivers)
  try {
    await clock.sleep(settleMilliseconds)
    const now = await read(location, root)
    if (claim === null || !isSame(now, identity) || (await wasJustTaken(root, now, owner, drivers))) return null
    const takenFrom = now.owner === owner.owner ? now.takenFrom : now.owner
    const next: Identity = {
      ...{ format: now.format, id: now.id, ...owner, claimedAt: clock.now(), generation },
      ...(takenFrom === undefined ? {} : { takenFrom }),
    }
    const write = (): Promise<unknown> => writeDurably(join(root, identityFile), formatIdentity(next))
    await retry(write, clock, new AbortController().signal) // somebody may just be reading it
    await clock.sleep(settleMilliseconds)
    if (!isSame(await read(location, root), next)) return null
    await dropClaims(root, generation)
    return next
  } finally {
    // Whoever makes it anew finds that the identity has moved.
    if (claim !== null) await rm(claim, { force: true }).catch(() => {})
  }
}

export function formatIdentity(identity: Omit<Identity, 'format'>): string {
  const { id, deployment, owner, claimedAt, generation, takenFrom } = identity
  const format: Identity['format'] = 'holdfast/location/v1'
  return `${JSON.stringify({ format, id, deployment, owner, claimedAt, generation, takenFrom }, null, 2)}\n`
}

async function read(location: BackupLocation, root: string): Promise<Identity> {
  const identity = await readIdentity(location, root)
  if (!identity) throw unclaimed(location)
  return identity
}

function isSame(a: Identity, b: Identity): boolean {
  return a.id === b.id && a.generation === b.generation && a.owner === b.owner && a.claimedAt === b.claimedAt
}

/**
 * The path of our claim; null when somebody else holds the one for this generation. That of a crashed attempt is not
 * removed, for two could do so one after the other: its successor is made, again by one only.
 */
async function makeClaim(
  root: string,
  generation: number,
  owner: LocationOwner,
  { clock, random }: Drivers,
): Promise<string | null> {
  const text = `${JSON.stringify({ ...owner, at: clock.now() })}\n`
  for (let attempt = 1; ; attempt++) {
    const path = join(root, claimName(generation, attempt))
    if (await makeNew(path, text)) return path
    if (((await ageOnShare(path, root, random)) ?? 0) < oldMilliseconds) return null
  }
}

function claimName(generation: number, attempt: number): string {
  return `${identityFile}.${generation}${attempt === 1 ? '' : `-${attempt}`}`
}

/** Of six who ask at once the last may come when the first is done: he did not mean to take it from that one. */
async function wasJustTaken(
  root: string,
  { takenFrom, owner }: Identity,
  us: LocationOwner,
  { random }: Drivers,
): Promise<boolean> {
  if (takenFrom === undefined || owner === us.owner) return false
  const age = await ageOnShare(join(root, identityFile), root, random)
  return age !== null && Math.abs(age) < beatMilliseconds
}

/** Those of attempts that crashed. */
async function dropClaims(root: string, generation: number): Promise<void> {
  for (const name of await readdir(root)) {
    const [, of] = /^holdfast-location\.json\.(\d+)(?:-\d+)?$/.exec(name) ?? []
    if (of !== undefined && Number(of) <= generation) await rm(join(root, name), { force: true }).catch(() => {})
  }
}
