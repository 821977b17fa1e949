import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pass } from '../../src/reconcile/pass.ts'
import { openHouseWithExports, type House } from './house.ts'

const signal = new AbortController().signal
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let house: House
beforeEach(async () => {
  house = await openHouseWithExports()
  const files = join(house.fake.sources, 'fs01.contoso.com', 'lyncshare')
  await mkdir(files, { recursive: true })
  await writeFile(join(files, 'a.txt'), 'a')
})
afterEach(() => house[Symbol.asyncDispose]())

/** Looks, then passes until nothing starts any more. */
async function settle(): Promise<void> {
  await house.observer.look('all')
  for (let started = 1; started > 0;) {
    started = pass(house.world, () => true)?.started ?? 0
    while (house.executor.busy) await house.executor.nextEnd(signal)
  }
}

/** Every file of the share with its time of change. */
async function shareNow(): Promise<string[]> {
  const paths = await readdir(house.fake.share, { recursive: true })
  return Promise.all(paths.sort().map(async (path) => `${path} ${(await stat(join(house.fake.share, path))).mtimeMs}`))
}

/** Runs and moves of the pointer that were ever started. */
function started(): number {
  return house.store.journal.list().filter(({ type }) => type === 'action-started').length
}

test('a thousand passes over an unchanged world add nothing to journal and share, and keep no memory', async () => {
  await settle()
  expect(house.observer.sets()).toMatchObject([{ state: 'complete' }])
  expect(started()).toBe(2)
  const [head, share] = [house.store.journal.head(), await shareNow()]
  collectGarbage()
  const memory = process.memoryUsage().heapUsed

  for (let count = 0; count < 1000; count++) {
    await house.fake.clock.advance(5)
    if (count % 20 === 0) await house.observer.look('all')
    expect(pass(house.world, () => true)?.started).toBe(0)
  }

  expect(house.store.journal.head()).toEqual(head)
  expect(await shareNow()).toEqual(share)
  collectGarbage()
  expect(process.memoryUsage().heapUsed - memory).toBeLessThan(4 * 1024 * 1024)
})

test('a clock that jumps forth and back runs nothing twice, and the names of folders still grow', async () => {
  const { clock } = house.fake
  await settle()
  const year = 365 * 86_400
  clock.jump(year)
  await settle()
  clock.jump(-year)
  await settle()
  await settle()
  const sets = house.observer.sets().map(({ id }) => id)
  expect(sets).toHaveLength(2)
  clock.jump(86_400)
  await settle()
  const [newest, ...others] = house.observer.sets()
  expect(others.map(({ id }) => id)).toEqual(sets)
  expect(newest!.id > sets[0]!).toBe(true)
  expect(newest).toMatchObject({ state: 'complete', slot: '2026-07-30T02:00:00.000Z' })
  expect(house.store.journal.verify()).toMatchObject({ ok: true })
})

test('a pointer that somebody deletes comes back, again and again', async () => {
  const pointer = join(house.fake.share, 'current', 'nightly.txt')
  await settle()
  for (const _time of [1, 2]) {
    await rm(pointer)
    await settle()
    expect(await readFile(pointer, 'utf8')).toBe(`${house.observer.sets()[0]!.unc}\n`)
  }
})

test('a pointer that somebody else moves for ever is given up for an hour, and that writes nothing', async () => {
  const pointer = join(house.fake.share, 'current', 'nightly.txt')
  const moves = (): number =>
    house.store.journal.list().filter(({ type, message }) => type === 'action-started' && /point/.test(message)).length
  await settle()
  for (let time = 0; time < 15; time++) {
    await rm(pointer, { force: true })
    await house.fake.clock.advance(10)
    await settle()
  }
  expect(moves()).toBe(11)
  expect(house.store.lastPlan()?.refused).toMatchObject([{ guard: 'fighting' }])
  const head = house.store.journal.head()
  for (let count = 0; count < 100; count++) expect(pass(house.world, () => true)?.started).toBe(0)
  expect(house.store.journal.head()).toEqual(head)
  await house.fake.clock.advance(3600)
  await settle()
  expect(moves()).toBe(12)
})
