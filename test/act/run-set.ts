import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createBackupSet } from '../../src/act/create-backup-set.ts'
import type { Desired } from '../../src/domain/model.ts'
import { reasonOf, type BackupSet } from '../../src/domain/backup-set.ts'
import type { Item } from '../../src/domain/words.ts'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { memoryCache } from '../sets/world.ts'
import { location } from '../support/desired.ts'
import { runOf, type FakeWorld } from '../support/fake-drivers.ts'

/** Makes a set of these items, with retries in little time, and reads it back from the share. */
export async function runSet(world: FakeWorld, items: readonly Item[], desired?: Desired): Promise<BackupSet> {
  const ending = createBackupSet.run(runOf(items), world.tools(desired), new AbortController().signal)
  const time = setInterval(() => void world.clock.advance(1), 5) // so slow that no copy seems to stand still
  await ending.finally(() => {
    clearInterval(time)
  })
  const [set] = await setsOn(world)
  if (!set) throw new Error('there is no set')
  return set
}

/** What the first item of a set says of itself, with its code. */
export function whyOf({ items: [first] }: BackupSet): string {
  return reasonOf(first ?? {})
}

/** Newest first. */
export function setsOn(world: FakeWorld): Promise<BackupSet[]> {
  return readCatalogue(location(), memoryCache(), new Set(), world.drivers).then(({ sets }) => sets)
}

/** Names of all files of the payload, sorted. */
export async function filesOf(set: BackupSet): Promise<string[]> {
  const entries = await readdir(join(set.path, 'data'), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()
}
