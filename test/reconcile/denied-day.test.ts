/** Fault B4 over a day: one file of a store that nobody may read makes no run more than the schedule asks for. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { secondsBetween } from '../../src/base/time.ts'
import { itemKey } from '../../src/domain/subject.ts'
import { pass } from '../../src/reconcile/pass.ts'
import { denied } from '../support/denied.ts'
import { driven } from '../support/driven.ts'
import { putFile } from '../support/put-file.ts'
import { openHouseWithExports, type House } from './house.ts'

const signal = new AbortController().signal
const day = 86_400
const step = 600
const fileBytes = 100_000

let house: House
let store: string
beforeEach(async () => {
  house = await openHouseWithExports()
  store = join(house.fake.sources, 'fs01.contoso.com', 'lyncshare')
  for (const name of ['a.bin', 'b.bin', 'locked.bin']) await putFile(store, name, 'x'.repeat(fileBytes))
})
afterEach(() => house[Symbol.asyncDispose]())

/** Looks, then passes until nothing starts any more. */
async function settle(): Promise<void> {
  await house.observer.look('all')
  for (let started = 1; started > 0;) {
    started = pass(house.world, () => true)?.started ?? 0
    while (house.executor.busy) await driven(house.fake.clock, house.executor.nextEnd(signal), 500)
  }
}

async function bytesOnShare(): Promise<number> {
  const paths = await readdir(house.fake.share, { recursive: true })
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(house.fake.share, path))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

test('the store is taken at its slots alone, nothing that came well twice in an hour, and the share does not fill', async () => {
  using _locked = denied(join(store, 'locked.bin'))
  const slots = 2 // the first set, which waits for none, and two in the morning
  for (let at = 0; at <= day; at += step) {
    await settle()
    await house.fake.clock.advance(step)
  }

  const sets = house.observer.sets().toReversed()
  const takes = Map.groupBy(
    sets.flatMap(({ startedAt, items }) => items.map((item) => ({ item, startedAt }))),
    ({ item }) => itemKey(item),
  )
  const ofStore = takes.get(itemKey({ kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' })) ?? []
  expect(ofStore.map(({ item }) => [item.outcome, item.doubt])).toEqual(
    Array.from({ length: slots }, () => ['suspect', 'incomplete']),
  )
  for (const taken of takes.values())
    for (const [index, { item, startedAt }] of taken.slice(1).entries())
      expect(
        secondsBetween(taken[index]?.startedAt ?? startedAt, startedAt),
        `${item.kind} was taken twice`,
      ).toBeGreaterThanOrEqual(3600)
  // Two files of each take, and what describes the sets.
  expect(await bytesOnShare()).toBeLessThan(slots * (2 * fileBytes + 60_000))
})
