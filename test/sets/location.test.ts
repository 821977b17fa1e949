import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSetId } from '../../src/domain/subject.ts'
import { claimLocation, readLocation, takeOverLocation } from '../../src/sets/location.ts'
import { pointTo, readPointer } from '../../src/sets/pointer.ts'
import { age, driven } from '../support/driven.ts'
import { location, makeSet, makeWorld, us, type World } from './world.ts'

describe('a location', () => {
  test('that is new is claimed once, and read without being changed', async () => {
    const world = await makeWorld()
    expect(await readLocation(location, 'daemon-1', world.drivers)).toMatchObject({ identity: null, pointers: {} })
    expect(await readdir(world.share)).toEqual([])
    await claimLocation(location, us, world.drivers)
    const first = await readLocation(location, 'daemon-1', world.drivers)
    expect(first).toMatchObject({ identity: { ...us, id: expect.stringMatching(/^[0-9a-f]{32}$/) }, us: 'daemon-1' })
    expect(first.freeBytes).toBeGreaterThan(0)
    expect(first.totalBytes).toBeGreaterThanOrEqual(first.freeBytes)
    await claimLocation(location, us, world.drivers)
    expect((await readLocation(location, 'daemon-1', world.drivers)).identity).toEqual(first.identity)
    expect(await readdir(world.share)).toEqual(['holdfast-location.json'])
  })

  test('is never claimed by two daemons', async () => {
    const world = await makeWorld()
    const claims = ['daemon-1', 'daemon-2', 'daemon-3'].map((owner) =>
      claimLocation(location, { ...us, owner }, world.drivers).then(
        () => owner,
        (thrown: unknown) => (thrown as { code: string }).code,
      ),
    )
    const ends = (await Promise.all(claims)).sort()
    expect(ends.filter((end) => end === 'location-foreign-owner')).toHaveLength(2)
    const { identity } = await readLocation(location, 'x', world.drivers)
    expect(ends).toContain(identity!.owner)
  })

  test('of another owner or deployment is refused; only the owner can be taken over', async () => {
    const world = await makeWorld()
    await claimLocation(location, us, world.drivers)
    const other = { ...us, owner: 'daemon-2' }
    const foreign = { ...us, deployment: 'fabrikam' }
    await expect(claimLocation(location, other, world.drivers)).rejects.toMatchObject({
      code: 'location-foreign-owner',
    })
    for (const refused of [claimLocation, takeOverLocation])
      await expect(refused(location, foreign, world.drivers)).rejects.toMatchObject({
        code: 'location-foreign-deployment',
      })
    const before = (await readLocation(location, 'x', world.drivers)).identity
    await driven(world.clock, takeOverLocation(location, other, world.drivers))
    expect((await readLocation(location, 'x', world.drivers)).identity).toEqual({ ...before, owner: 'daemon-2' })
  })

  test('that many take over at once gets one new owner; the others are refused and told who', async () => {
    const world = await makeWorld()
    await claimLocation(location, us, world.drivers)
    const ends = await driven(
      world.clock,
      Promise.all(['daemon-2', 'daemon-3', 'daemon-4'].map((owner) => takenBy(world, owner))),
    )
    const { identity } = await readLocation(location, 'x', world.drivers)
    expect(ends.filter((end) => end === 'location-foreign-owner')).toHaveLength(2)
    expect(ends).toContain(identity!.owner)
    expect(await readdir(world.share)).toEqual(['holdfast-location.json'])
  })

  test('that was taken over a moment ago is not taken from the new owner at once', async () => {
    const world = await makeWorld()
    await claimLocation(location, us, world.drivers)
    expect(await driven(world.clock, takenBy(world, 'daemon-2'))).toBe('daemon-2')
    expect(await driven(world.clock, takenBy(world, 'daemon-3'))).toBe('location-foreign-owner')
    expect(await takenBy(world, 'daemon-2')).toBe('daemon-2')
    await age(join(world.share, 'holdfast-location.json'), 61)
    expect(await driven(world.clock, takenBy(world, 'daemon-3'))).toBe('daemon-3')
    expect(JSON.parse(await readFile(join(world.share, 'holdfast-location.json'), 'utf8'))).toMatchObject({
      generation: 3,
      takenFrom: 'daemon-2',
    })
  })

  test('the claim of a take-over that crashed blocks for three minutes, not for ever', async () => {
    const world = await makeWorld()
    await claimLocation(location, us, world.drivers)
    const claim = join(world.share, 'holdfast-location.json.2')
    await writeFile(claim, '')
    expect(await driven(world.clock, takenBy(world, 'daemon-2'))).toBe('location-foreign-owner')
    await age(claim, 181)
    const ends = await driven(world.clock, Promise.all(['daemon-2', 'daemon-3'].map((owner) => takenBy(world, owner))))
    expect(ends.filter((end) => end === 'location-foreign-owner')).toHaveLength(1)
    expect(await readdir(world.share)).toEqual(['holdfast-location.json'])
  })

  test('that is gone is told, and never made', async () => {
    const world = await makeWorld()
    await rm(world.share, { recursive: true })
    await expect(readLocation(location, 'x', world.drivers)).rejects.toMatchObject({ code: 'location-unreachable' })
    await expect(claimLocation(location, us, world.drivers)).rejects.toMatchObject({ code: 'location-unreachable' })
    await expect(readdir(world.share)).rejects.toThrow()
  })

  test('with an identity that was cut is told', async () => {
    const world = await makeWorld()
    await writeFile(join(world.share, 'holdfast-location.json'), '{"format": ')
    await expect(readLocation(location, 'x', world.drivers)).rejects.toMatchObject({
      code: 'location-identity-invalid',
    })
  })
})

/** Who owns it then, or why not. */
function takenBy(world: World, owner: string): Promise<string> {
  return takeOverLocation(location, { ...us, owner }, world.drivers).then(
    () => owner,
    (thrown: unknown) => (thrown as { code: string }).code,
  )
}

describe('the clock of a share', () => {
  const offset = async (world: World): Promise<number | null> =>
    (await readLocation(location, 'x', world.drivers)).clockOffsetSeconds

  test.each([-7200, 0, 7200])(
    'fault 21: that is %i s off is told by the newest set, and nothing is written',
    async (off) => {
      const world = await makeWorld()
      expect(await offset(world)).toBeNull()
      const set = await makeSet(world)
      await pointTo(location, 'nightly', set, world.drivers)
      const closed = Date.parse(set.finishedAt ?? '') / 1000 + off
      await utimes(join(set.path, 'backup-set.json'), closed, closed)
      const before = await readdir(world.share, { recursive: true })
      expect(await offset(world)).toBe(off)
      expect(await readdir(world.share, { recursive: true })).toEqual(before)
    },
  )

  test('is not known where the pointer names no set that is there, or leads out of the share', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    await pointTo(location, 'nightly', set, world.drivers)
    const { folder } = parseSetId(set.id) ?? {}
    for (const path of ['\\\\x\\y\\nightly\\20200101T000000Z-aaaa', `\\\\x\\y\\../nightly\\${folder ?? ''}`]) {
      await writeFile(join(world.share, 'current', 'nightly.txt'), `${path}\n`)
      expect(await offset(world)).toBeNull()
    }
  })
})

describe('the pointer', () => {
  test('names the set, moves, and is never gone in between', async () => {
    const world = await makeWorld()
    const [first, second] = [await makeSet(world), await makeSet(world)]
    await pointTo(location, 'nightly', first, world.drivers)
    const file = join(world.share, 'current', 'nightly.txt')
    expect(await readFile(file, 'utf8')).toBe(`${first.unc}\n`)
    let missing = 0
    const stop = new AbortController()
    const watch = (async () => {
      while (!stop.signal.aborted) if (!(await readFile(file, 'utf8').catch(() => null))) missing++
    })()
    for (let turn = 0; turn < 10; turn++) await pointTo(location, 'nightly', turn % 2 ? first : second, world.drivers)
    await pointTo(location, 'nightly', second, world.drivers)
    stop.abort()
    await watch
    expect(missing).toBe(0)
    expect(await readPointer(location, 'nightly', world.drivers)).toBe(second.id)
    expect((await readLocation(location, 'x', world.drivers)).pointers).toEqual({ nightly: second.id })
    expect(await readdir(join(world.share, 'current'))).toEqual(['nightly.txt'])
  })

  test('moves only to whole and complete sets, and only on a claimed share', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    for (const bad of [
      { ...set, whole: false },
      { ...set, state: 'partial' as const },
      { ...set, state: 'damaged' as const },
    ])
      await expect(pointTo(location, 'nightly', bad, world.drivers)).rejects.toMatchObject({
        code: 'set-not-pointable',
      })
    await rm(join(world.share, 'holdfast-location.json'))
    await expect(pointTo(location, 'nightly', set, world.drivers)).rejects.toMatchObject({ code: 'location-unclaimed' })
    expect(await readPointer(location, 'nightly', world.drivers)).toBeNull()
  })

  test('that names no set is none', async () => {
    const world = await makeWorld()
    await mkdir(join(world.share, 'current'))
    await writeFile(join(world.share, 'current', 'nightly.txt'), '\\\\elsewhere\\x\n')
    expect(await readPointer(location, 'nightly', world.drivers)).toBeNull()
  })
})
