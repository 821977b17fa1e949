import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Source } from '../../src/desired/source.ts'
import type { Suspension } from '../../src/domain/model.ts'
import { pass, type Turn } from '../../src/reconcile/pass.ts'
import { openHouseWithExports, type House } from './house.ts'

const signal = new AbortController().signal

let house: House
beforeEach(async () => {
  house = await openHouseWithExports()
  const files = join(house.fake.sources, 'fs01.contoso.com', 'lyncshare')
  await mkdir(files, { recursive: true })
  await writeFile(join(files, 'a.txt'), 'a')
})
afterEach(() => house[Symbol.asyncDispose]())

/** Looks, then passes until nothing starts any more. */
async function settle(suspensions: readonly Suspension[] = []): Promise<Turn> {
  const desired = { ...house.desired, suspensions }
  const world = { ...house.world, source: { ...house.world.source, lastGood: () => desired } as unknown as Source }
  for (;;) {
    await house.observer.look('all')
    const turn = pass(world, () => true)!
    if (turn.started === 0) return turn
    while (house.executor.busy) await house.executor.nextEnd(signal)
  }
}

function openFindings({ snapshot }: Turn): string[] {
  return snapshot.plan.findings.map(({ code, subject }) => `${code} ${subject}`)
}

/** What the journal says of findings. */
function journalled(): string[] {
  const entries = house.store.journal.list({ limit: 1000 })
  return entries.filter(({ type }) => type.startsWith('finding')).map(({ type, subject }) => `${type} ${subject}`)
}

function meant(...subjects: string[]): Suspension {
  const until = '2027-01-01T00:00:00.000Z'
  return { name: 'meant', subjects, actions: [], findings: ['set-vanished'], reason: 'Room was needed', until }
}

test('a set that is removed by hand is journalled by name, and told until a Suspension names it', async () => {
  expect(openFindings(await settle())).toEqual([])
  const [set] = house.observer.sets()
  const { id, path } = set!
  await rm(path, { recursive: true })

  // A new set is made at once; that it exists closes nothing.
  const after = await settle()
  expect(after.snapshot.observed.sets).toMatchObject([{ state: 'complete' }])
  expect(after.snapshot.observed.sets[0]?.id).not.toBe(id)
  expect(openFindings(after)).toEqual([`set-vanished ${id}`])
  expect(journalled()).toEqual([`finding-opened ${id}`])

  expect(openFindings(await settle([meant(id)]))).toEqual([])
  expect(house.store.memory().vanished).toEqual([])
  expect(openFindings(await settle())).toEqual([])
  expect(journalled()).toEqual([`finding-opened ${id}`, `finding-ignored ${id}`])
})

test('passes over a world in which nothing more vanishes write nothing', async () => {
  await settle()
  await rm(house.observer.sets()[0]!.path, { recursive: true })
  await settle()
  const head = house.store.journal.head()
  for (let turn = 0; turn < 20; turn++) {
    await house.fake.clock.advance(5)
    await settle()
  }
  expect(house.store.journal.head()).toEqual(head)
})

test('a set that comes back is a set again', async () => {
  await settle()
  const { id, path } = house.observer.sets()[0]!
  await rename(path, join(house.fake.share, 'aside'))
  expect(openFindings(await settle())).toEqual([`set-vanished ${id}`])
  await rename(join(house.fake.share, 'aside'), path)
  const back = await settle()
  expect(openFindings(back)).toEqual([])
  expect(back.snapshot.observed.sets.map((set) => set.id)).toContain(id)
})

test('a new share that takes the place of the old one on purpose loses no set', async () => {
  await settle()
  const { share } = house.fake
  await rename(share, `${share}.old`)
  await mkdir(share)
  expect(openFindings(await settle())).toEqual(['location-unclaimed main'])

  house.store.requests.ask({ takeOver: 'main' }, 'ada')
  expect(openFindings(await settle())).toEqual([])
  expect(house.store.memory().vanished).toEqual([])
  await rm(`${share}.old`, { recursive: true })
})
