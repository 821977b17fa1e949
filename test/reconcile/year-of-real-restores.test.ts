/**
 * A year of monthly sets in a lab, each month with the restore tests of a policy: real RESTOREs and real copies of files, by
 * daemons that run once. At half of it all copies rot: each is met by a turn of the older ones, until one passes.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProvingLane, type ProvingLane } from '../attacks/kill-at-every-step/proving-lane.ts'
import type { SetsJson, StatusJson } from '../support/shapes.ts'

type Set = SetsJson['sets'][number]
const day = 86_400

let lane: ProvingLane
beforeAll(async () => {
  lane = await openProvingLane({ cron: '0 2 1 * *', everyDays: 28 })
}, 180_000)
afterAll(() => lane[Symbol.asyncDispose](), 60_000)

/** The shape is the caller's word: a test reads what it names. */
async function asked<T>(...argv: string[]): Promise<T> {
  return JSON.parse((await lane.command(...argv, '--output', 'json')).out) as T
}

const sets = async (): Promise<Set[]> =>
  (await asked<SetsJson>('sets')).sets.filter(({ policy }) => policy === 'nightly')

/** One byte of an item becomes another, and the file is as large and as old as before. */
function rot({ path }: Set, item: Set['items'][number]): void {
  const root = join(path, item.path)
  const [file = root] = statSync(root).isFile()
    ? []
    : readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
  const handle = openSync(file, 'r+')
  const byte = Buffer.alloc(1)
  const at = Math.floor(statSync(file).size / 2)
  readSync(handle, byte, 0, 1, at)
  writeSync(handle, Buffer.of(byte.readUInt8(0) ^ 0xff), 0, 1, at)
  closeSync(handle)
}

/** How often something was restored on the instance for tests. */
function restores(): number {
  const lines = readFileSync(join(lane.dir, 'log', 'requests.jsonl'), 'utf8').split('\n')
  return lines.filter((line) => line.includes('RESTORE DATABASE @database') && line.includes('sqltest')).length
}

test('each month the newest and an older set really come back; what rotted is found; nothing is left', async () => {
  const rotten = new Map<string, string>()
  for (let month = 1; month <= 12; month++) {
    await lane.wait(30.5 * day)
    if (month === 7)
      for (const [index, set] of (await sets()).entries()) {
        const item = set.items.filter(({ kind }) => kind === (index % 2 === 0 ? 'file-store' : 'sql-database')).at(-1)!
        rot(set, item)
        rotten.set(set.id, item.subject)
      }
    const [before, restored] = [lane.held(), restores()]
    const { code, out, err } = await lane.command('run', '--once', '--output', 'json')
    expect(code, `month ${month}: ${out}${err}`).toBe(0)
    expect(lane.held(), `production in month ${month}`).toEqual(before)
    expect([lane.scratch(), lane.left()], `month ${month}`).toEqual([{ databases: [], files: [] }, []])
    expect(restores(), `month ${month}`).toBeGreaterThan(restored)

    const damaged = (await sets()).filter(({ state }) => state === 'damaged').map(({ id }) => id)
    expect(damaged.sort(), `month ${month}`).toEqual([...rotten.keys()].sort())
  }

  // Nothing but what rotted is damaged of a set.
  for (const { id, state, items } of await sets()) {
    const spoilt = items.filter(({ outcome }) => outcome === 'damaged').map(({ subject }) => subject)
    expect([id, state, spoilt]).toEqual([id, ...(rotten.has(id) ? ['damaged', [rotten.get(id)]] : ['complete', []])])
  }
  expect(rotten.size).toBe(7)
  const tested = lane.told('verify-backup-set').filter(({ type }) => type === 'action-started')
  const newest = tested.filter(({ message }) => message.includes('It is the newest set'))
  const older = tested.filter(({ message }) => message.includes('Chance picked it'))
  expect(newest.length).toBeGreaterThanOrEqual(12)
  // In the first month and in the one of the rot there was no older one that could pass.
  expect(older.length).toBeGreaterThanOrEqual(10)
  expect(new Set([...newest, ...older].map(({ subject }) => subject)).isSupersetOf(new Set(rotten.keys()))).toBe(true)
  const { conditions } = await asked<StatusJson>('status')
  const restorable = conditions.find(({ type }) => type === 'Restorable')
  expect(restorable).toMatchObject({ status: 'true' })
  expect(restorable?.message).toMatch(/file-store of nightly\/.* sql-database of nightly\//)
  expect(lane.isChained()).toBe(true)
}, 300_000)
