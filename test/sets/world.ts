import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '../../src/base/random.ts'
import type { BackupLocation } from '../../src/domain/model.ts'
import type { BackupSet, ItemOutcome, Verification } from '../../src/domain/backup-set.ts'
import type { Item, SetId } from '../../src/domain/words.ts'
import { itemKey } from '../../src/domain/subject.ts'
import { vanishedOf, type VanishedSet } from '../../src/domain/vanished-set.ts'
import type { Drivers } from '../../src/drivers/drivers.ts'
import type { SetCache } from '../../src/sets/catalogue.ts'
import { claimLocation } from '../../src/sets/location.ts'
import type { ManifestEntry } from '../../src/sets/manifest.ts'
import { startSet, type SetStart, type SetWriter } from '../../src/sets/writer.ts'
import { noServers } from '../support/no-servers.ts'
import { TestClock } from '../support/test-clock.ts'

const unc = '\\\\backup01.contoso.com\\LyncBackup'
export const us = { deployment: 'contoso', owner: 'daemon-1' }
export const location: BackupLocation = {
  name: 'main',
  host: 'backup01.contoso.com',
  share: unc,
  minimumFree: 0,
  copies: [],
}

export interface World {
  share: string
  clock: TestClock
  drivers: Drivers
}

/** In memory where that is at hand: a set is flushed many times, which a disk makes slow. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const made: string[] = []
process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** A share in a temporary folder; chance that counts up, so that names differ. */
export async function makeWorld(share?: string): Promise<World> {
  const folder = share ?? (await mkdtemp(join(base, 'holdfast-sets-')))
  if (share === undefined) made.push(folder)
  const clock = new TestClock('2026-07-29T02:00:00.000Z')
  let next = 0
  const random: Random = { bytes: (count) => Uint8Array.from({ length: count }, () => next++ % 256) }
  const localPath = (path: string): string => join(folder, ...path.slice(unc.length).split('\\'))
  return { share: folder, clock, drivers: { clock, random, localPath } as unknown as Drivers }
}

export const configuration: Item = { kind: 'configuration', subject: 'contoso' }
export const userData: Item = { kind: 'user-data', subject: 'pool01.contoso.com' }

export const start: SetStart = {
  desired: noServers(),
  policy: 'nightly',
  cause: 'scheduled',
  reason: 'The slot of 02:00 has passed.',
  slot: '2026-07-29T02:00:00.000Z',
  whole: true,
  required: [configuration, userData],
}

export async function begin(world: World, more: Partial<SetStart> = {}): Promise<SetWriter> {
  await claimLocation(location, us, world.drivers)
  return startSet(location, { ...start, ...more }, world.drivers)
}

export async function put(set: SetWriter, path: string, content: string | Buffer): Promise<ManifestEntry> {
  await writeFile(await set.local(path), content)
  const bytes = Buffer.from(content)
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

export function ok(item: Item, path: string): ItemOutcome {
  return { ...item, path, outcome: 'ok', bytes: 0 }
}

/** A complete set of two items, each with one file. */
export async function makeSet(world: World, more: Partial<SetStart> = {}): Promise<BackupSet> {
  const set = await begin(world, more)
  const [config, users] = ['data/configuration/Config.zip', 'data/pools/pool01.contoso.com/user-data.zip']
  await set.add(ok(configuration, config), [await put(set, config, 'the configuration')])
  await set.add(ok(userData, users), [await put(set, users, 'the users')])
  return set.commit()
}

/** A cache that keeps what the contract says: sets, proofs, and the damage that they tell. */
export function memoryCache(): SetCache & { puts: SetId[] } {
  const sets = new Map<SetId, BackupSet>()
  const proofs = new Map<SetId, (Verification & { damagedItems: readonly { kind: string; subject: string }[] })[]>()
  const missed: VanishedSet[] = []
  const puts: SetId[] = []
  const cache: SetCache & { puts: SetId[] } = {
    puts,
    all: () => [...sets.keys()].flatMap((id) => cache.get(id) ?? []),
    get(id) {
      const set = sets.get(id)
      if (!set) return null
      const known = proofs.get(id) ?? []
      const bad = new Set(known.flatMap(({ damagedItems }) => damagedItems.map(itemKey)))
      const items = set.items.map((item) => (bad.has(itemKey(item)) ? { ...item, outcome: 'damaged' as const } : item))
      return known.some(({ outcome }) => outcome === 'damaged')
        ? { ...set, items, state: 'damaged', verifications: known }
        : { ...set, verifications: known }
    },
    put(...made) {
      puts.push(...made.map(({ id }) => id))
      for (const set of made) sets.set(set.id, set)
    },
    forget: (id) => void sets.delete(id),
    vanish(gone, at) {
      for (const set of gone) {
        sets.delete(set.id)
        missed.push(vanishedOf(set, at))
      }
    },
    vanished: () => missed,
    ids: () => [...sets.keys()],
    isVouched: () => true,
    vouch: () => {},
    neverListed: () => new Set(),
    find: () => {},
    isFormer: () => true,
    listAnew: () => {},
    proofs: (id) => proofs.get(id) ?? [],
    allOk: () => null,
    prove: (id, proof) => void proofs.set(id, [...(proofs.get(id) ?? []), proof]),
  }
  return cache
}
