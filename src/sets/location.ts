import { link, mkdir, open, readFile, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem, systemCode } from '../base/problem.ts'
import { randomId } from '../base/random.ts'
import { retry } from '../base/retry.ts'
import type { Time } from '../base/time.ts'
import type { Facts } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import { sameSubject, setId } from '../domain/subject.ts'
import type { BackupSet, SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { timeOfFolder } from './folder-name.ts'

const identityFile = 'holdfast-location.json'
const pointerFolder = 'current'

export interface LocationOwner {
  deployment: string
  owner: string
}

const identitySchema = z.object({
  format: z.literal('holdfast/location/v1'),
  id: z.string().min(1),
  deployment: z.string(),
  owner: z.string(),
  claimedAt: z.string(),
})
type Identity = z.infer<typeof identitySchema>

/**
 * Looks at a location without changing it. Throws Problem `location-unreachable` when the folder does not answer, and
 * `location-identity-invalid`. The clock of the share shows only when something is written, so it is not told here.
 */
export async function readLocation(
  location: BackupLocation,
  us: string,
  drivers: Pick<Drivers, 'localPath'>,
): Promise<Facts['location']> {
  const root = drivers.localPath(location.share)
  try {
    const [names, space] = await Promise.all([readdir(root), statfs(root)])
    const identity = names.includes(identityFile) ? await readIdentity(location, root) : null
    return {
      identity: identity && { id: identity.id, deployment: identity.deployment, owner: identity.owner },
      us,
      freeBytes: space.bavail * space.bsize,
      totalBytes: space.blocks * space.bsize,
      clockOffsetSeconds: null,
      pointers: await readPointers(location, root),
    }
  } catch (thrown) {
    throw unreachable(location, thrown)
  }
}

/** A failed call on the share, as a Problem about the location. */
export function unreachable(location: BackupLocation, thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  return new Problem('location-unreachable', {
    subject: location.name,
    message: `The share ${location.share} does not answer (${systemCode(thrown) ?? String(thrown)}).`,
    hint: 'Look whether the machine runs, the share exists and is connected, and whether pathMap in holdfast.yaml names the right folder. The share is never made by Holdfast.',
    cause: thrown,
  })
}

/** Throws `location-unreachable` when the folder is not there. */
export async function expectRoot(location: BackupLocation, root: string): Promise<void> {
  try {
    await readdir(root)
  } catch (thrown) {
    throw unreachable(location, thrown)
  }
}

/** The identity file of a share; null where it holds none. */
export async function readIdentity(location: BackupLocation, root: string): Promise<Identity | null> {
  let text: string
  try {
    text = await readFile(join(root, identityFile), 'utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw unreachable(location, thrown)
  }
  try {
    return identitySchema.parse(JSON.parse(text))
  } catch (thrown) {
    throw new Problem('location-identity-invalid', {
      subject: location.name,
      message: `${identityFile} on ${location.share} cannot be understood.`,
      hint: 'Look at the file. When it is empty or cut and the sets are yours, delete it; the next run writes it anew.',
      cause: thrown,
    })
  }
}

/** Throws unless `identity` is this daemon's own. */
export function refuseForeign(
  location: BackupLocation,
  identity: LocationOwner,
  { deployment, owner }: LocationOwner,
): void {
  refuseForeignDeployment(location, identity, deployment)
  if (identity.owner === owner) return
  throw new Problem('location-foreign-owner', {
    subject: location.name,
    message: `${location.share} is owned by another daemon (${identity.owner}); this one is ${owner}.`,
    hint: `If that daemon is gone for good: holdfast take-over ${location.name}`,
  })
}

function refuseForeignDeployment(location: BackupLocation, identity: LocationOwner, deployment: string): void {
  if (sameSubject(identity.deployment, deployment)) return
  throw new Problem('location-foreign-deployment', {
    subject: location.name,
    message: `${location.share} belongs to the deployment ${identity.deployment}, not to ${deployment}.`,
    hint: 'Two deployments never share a location. Give this one another share, by a commit.',
  })
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
  if (now) refuseForeign(location, now, owner)
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
  refuseForeignDeployment(location, identity, owner.deployment)
  await writeDurably(join(root, identityFile), formatIdentity(identity.id, owner, drivers.clock.now()))
}

/** Replaces `current/<policy>.txt` by the UNC path of a whole, complete set; a share that is busy is asked again. */
export async function pointTo(
  location: BackupLocation,
  policy: string,
  set: BackupSet,
  drivers: Drivers,
): Promise<void> {
  if (!set.whole || set.state !== 'complete')
    throw new Problem('set-not-pointable', {
      subject: set.id,
      message: `The pointer moves only to whole and complete sets; this one is ${set.whole ? set.state : 'a part of its policy'}.`,
      hint: `Make one: holdfast backup ${policy}`,
    })
  const root = drivers.localPath(location.share)
  if (!(await readIdentity(location, root))) throw unclaimed(location)
  const folder = join(root, pointerFolder)
  await mkdir(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'EEXIST') throw unreachable(location, thrown)
  })
  const write = (): Promise<unknown> => writeDurably(join(folder, `${policy}.txt`), `${set.unc}\n`)
  await retry(write, drivers.clock, new AbortController().signal)
}

export function unclaimed(location: BackupLocation): Problem {
  return new Problem('location-unclaimed', {
    subject: location.name,
    message: `${location.share} holds no ${identityFile}: it is not the share that this location had, or not connected.`,
    hint: 'Look whether the right share is connected under that path. A new share is claimed at the start of a run.',
  })
}

/** Set id that `current/<policy>.txt` names, or null. */
export async function readPointer(
  location: BackupLocation,
  policy: string,
  drivers: Pick<Drivers, 'localPath'>,
): Promise<SetId | null> {
  return readPointerFile(location, join(drivers.localPath(location.share), pointerFolder, `${policy}.txt`))
}

async function readPointerFile(location: BackupLocation, path: string): Promise<SetId | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw unreachable(location, thrown)
  }
  const [folder = '', policy = ''] = text.trim().split('\\').reverse()
  return timeOfFolder(folder) !== null && policy !== '' ? setId(policy, folder) : null
}

async function readPointers(location: BackupLocation, root: string): Promise<Record<string, SetId | null>> {
  const names = await readdir(join(root, pointerFolder)).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return []
    throw thrown
  })
  const pointers: Record<string, SetId | null> = {}
  for (const name of names.filter((name) => name.endsWith('.txt')).sort())
    pointers[name.slice(0, -'.txt'.length)] = await readPointerFile(location, join(root, pointerFolder, name))
  return pointers
}
