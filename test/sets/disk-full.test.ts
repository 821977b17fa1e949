import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { checkSet } from '../../src/sets/check.ts'
import { writeDurably } from '../../src/drivers/files/durable.ts'
import { begin, configuration, location, makeSet, makeWorld, memoryCache, ok } from './world.ts'

const mount = mkdtempSync(join(tmpdir(), 'holdfast-full-'))
const mounted = tryMount()

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

test.runIf(mounted)(
  'a full share fails the run and leaves older sets as they are (skipped: no right to mount)',
  async () => {
    const world = await makeWorld(mount)
    const older = await makeSet(world)
    world.clock.jump(60)
    const set = await begin(world)
    const path = 'data/configuration/Config.zip'
    const written = writeDurably(await set.local(path), Buffer.alloc(512 * 1024, 1))
    await expect(written).rejects.toMatchObject({ code: 'file-no-space' })
    // Nothing of the failed file is left in the way: the set can be closed, and says that the item failed.
    await set.add({ ...ok(configuration, path), outcome: 'failed', message: 'no space' }, [])
    expect(await set.commit()).toMatchObject({ state: 'partial', files: 0 })
    const sets = await readCatalogue(location, memoryCache(), new Set(), world.drivers)
    expect(sets.map(({ state }) => state)).toEqual(['partial', 'complete'])
    expect((await checkSet(older, 'checksum', new AbortController().signal)).problems).toEqual([])
  },
)
