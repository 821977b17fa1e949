import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { checkSet } from '../../src/sets/check.ts'
import { writeDurably } from '../../src/drivers/files/durable.ts'
import { begin, configuration, location, makeSet, makeWorld, memoryCache, ok } from './world.ts'

const mount = mkdtempSync(join(tmpdir(), 'holdfast-full-'))
const mounted = tryMount()
const page = 4096

function tryMount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mount], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

afterAll(() => {
  if (mounted) execFileSync('umount', [mount])
  rmSync(mount, { recursive: true })
})

describe.runIf(mounted)(`a full share${mounted ? '' : ' (skipped: no right to mount)'}`, () => {
  let share: string
  beforeEach(async () => {
    share = join(mount, 'share')
    await rm(share, { recursive: true, force: true })
    await rm(join(mount, 'ballast'), { force: true })
    await mkdir(share)
  })

  test('fault 3: fails the item that does not fit, and leaves older sets as they are', async () => {
    const world = await makeWorld(share)
    const older = await makeSet(world)
    world.clock.jump(60)
    const set = await begin(world)
    const path = 'data/configuration/Config.zip'
    const written = writeDurably(await set.local(path), Buffer.alloc(512 * 1024, 1))
    await expect(written).rejects.toMatchObject({ code: 'file-no-space' })
    // Nothing of the failed file is left in the way: the set can be closed, and says that the item failed.
    await set.add({ ...ok(configuration, path), outcome: 'failed', message: 'no space' }, [])
    expect(await set.commit()).toMatchObject({ state: 'partial', files: 0 })
    const { sets } = await readCatalogue(location, memoryCache(), new Set(), world.drivers)
    expect(sets.map(({ state }) => state)).toEqual(['partial', 'complete'])
    expect((await checkSet(older, 'checksum', new AbortController().signal)).problems).toEqual([])
  })

  test('fault 3: at whichever page it happens, no set counts that is not whole, and with room the next run heals', async () => {
    const ends = new Set<string>()
    for (let pages = 0; pages <= 12; pages++) {
      await rm(share, { recursive: true })
      await mkdir(share)
      const world = await makeWorld(share)
      const older = await makeSet(world)
      const { bavail, bsize } = await statfs(mount)
      await writeFile(join(mount, 'ballast'), Buffer.alloc(bavail * bsize - pages * page))
      world.clock.jump(60)
      const made = await makeSet(world).then(
        ({ state }) => state,
        (thrown: unknown) => (thrown as { code?: string }).code ?? String(thrown),
      )
      ends.add(made)
      await rm(join(mount, 'ballast'))
      const { sets } = await readCatalogue(location, memoryCache(), new Set(), world.drivers)
      expect(sets.filter(({ state }) => state === 'complete')).toHaveLength(made === 'complete' ? 2 : 1)
      for (const set of sets.filter(({ state }) => state === 'complete'))
        expect((await checkSet(set, 'checksum', new AbortController().signal)).problems).toEqual([])
      expect(sets.at(-1)?.id).toBe(older.id)
      world.clock.jump(60)
      expect((await makeSet(world)).state).toBe('complete')
    }
    expect(ends).toContain('complete')
    expect(ends.size).toBeGreaterThan(1)
  })
})
