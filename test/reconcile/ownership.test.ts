import { cpSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../src/base/log.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { Drivers } from '../../src/drivers/drivers.ts'
import { openOwnership, type Ownerships } from '../../src/reconcile/ownership.ts'
import { claimLocation, readLocation, takeOverLocation } from '../../src/sets/location.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { location, makeWorld, us, type World } from '../sets/world.ts'
import { age, driven } from '../support/driven.ts'

const signal = new AbortController().signal
const log = createLog({ write: () => {} }, 'silent')
const desired = { deployment: { name: us.deployment }, locations: [location] } as unknown as Desired

let world: World
let folder: string
let heartbeat: string
const opened: Store[] = []

beforeEach(async () => {
  world = await makeWorld()
  folder = await mkdtemp(join(tmpdir(), 'holdfast-ownership-'))
  heartbeat = join(world.share, 'journal', 'owner.json')
  await claimLocation(location, us, world.drivers)
})
afterEach(async () => {
  for (const store of opened.splice(0)) store[Symbol.dispose]()
  await rm(folder, { recursive: true })
})

/** One who acts: a state store of that name, and what a process with it holds. */
function actor(name: string, owner = us.owner, drivers: Drivers = world.drivers): Ownerships & { store: Store } {
  const store = openStore(join(folder, `${name}.db`), 'act', world.clock)
  opened.push(store)
  return { store, ...openOwnership({ drivers, clock: world.clock, log, owner, written: store.heartbeats }) }
}

/** How it ends, as a code; `ours` when the location is. */
async function hold(one: Ownerships, owner = us.owner): Promise<string> {
  return code(driven(world.clock, one.hold(location, { ...us, owner })))
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ours',
    (thrown: unknown) => (thrown as { code: string }).code,
  )
}

async function beat(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(heartbeat, 'utf8')) as Record<string, unknown>
}

describe('one owner id, two state stores', () => {
  test('the second is refused while the first lives, and what it sees says so', async () => {
    const [first, second] = [actor('a'), actor('b')]
    expect(await hold(first)).toBe('ours')
    expect(await hold(second)).toBe('location-in-use')
    expect(await hold(first)).toBe('ours')
    const seen = (one: { store: Store }) => readLocation(location, us.owner, world.drivers, one.store.heartbeats)
    expect((await seen(second)).usedBy).toMatchObject({ process: process.pid })
    expect((await seen(first)).usedBy).toBeUndefined()
  })

  test('of two that come at once, one gets it', async () => {
    const ends = await Promise.all(['a', 'b', 'c'].map((name) => hold(actor(name))))
    expect(ends.sort()).toEqual(['location-in-use', 'location-in-use', 'ours'])
  })

  test('the owner clears away what a killed process left in the middle of a write, and nothing else', async () => {
    const id = 'a'.repeat(32)
    const left = [
      ...['holdfast-location.json.0123abcd.part', `holdfast-location.json.${id}`, `.clock.${id}`],
      ...[
        'journal/head.json.0123abcd.part',
        'journal/owner.json.0123abcd.part',
        `journal/owner.json.${id}.0123abcd.part`,
      ],
      ...[`journal/${id}-0000000257.jsonl.0123abcd.part`],
      ...['current/nightly.txt.0123abcd.part', 'current/nightly.copies.csv.0123abcd.part'],
    ]
    const kept = [
      'report.part',
      'current/nightly.txt',
      'current/notes.txt',
      'current/nightly.copies.csv',
      `journal/${id}-0000000001.jsonl`,
      'nightly/x.txt.0123abcd.part',
    ]
    for (const name of ['journal', 'current', 'nightly']) await mkdir(join(world.share, name), { recursive: true })
    for (const name of [...left, ...kept]) await writeFile(join(world.share, name), '')
    expect(await hold(actor('a'))).toBe('ours')
    const there = await readdir(world.share, { recursive: true })
    expect(there).toEqual(expect.arrayContaining(kept))
    expect(left.filter((name) => there.includes(name))).toEqual([])
  })

  test('whoever ends in order is waited for by nobody', async () => {
    const [first, second] = [actor('a'), actor('b')]
    await hold(first)
    await first.release()
    expect(await beat()).toMatchObject({ endedAt: world.clock.now() })
    expect(await hold(second)).toBe('ours')
    expect(await hold(first)).toBe('location-in-use')
  })

  test('whoever was killed is waited for three minutes by the clock of the share; then one of many gets it', async () => {
    const dead = actor('a')
    await hold(dead)
    const others = ['b', 'c', 'd'].map((name) => actor(name))
    await age(heartbeat, 170)
    for (const one of others) expect(await hold(one)).toBe('location-in-use')
    await age(heartbeat, 20)
    const fresh = ['e', 'f', 'g'].map((name) => actor(name))
    const ends = await driven(world.clock, Promise.all(fresh.map((one) => code(one.hold(location, us)))))
    expect(ends.sort()).toEqual(['location-in-use', 'location-in-use', 'ours'])
    expect(await code(dead.check(location, us))).toBe('location-in-use')
  })

  test('where the clock of the share says nothing, whoever does not move for three minutes is gone', async () => {
    const [dead, second] = [actor('a'), actor('b')]
    await hold(dead)
    await age(heartbeat, -86_400)
    expect(await hold(second)).toBe('location-in-use')
    await world.clock.advance(179)
    expect(await hold(second)).toBe('location-in-use')
    await world.clock.advance(2)
    expect(await hold(second)).toBe('ours')
  })

  test('whoever moves lives, however old the share says that it is', async () => {
    const [first, second] = [actor('a'), actor('b')]
    await hold(first)
    expect(await hold(second)).toBe('location-in-use')
    await world.clock.advance(61)
    await first.tend(desired, signal)
    await age(heartbeat, 86_400)
    expect(await hold(second)).toBe('location-in-use')
  })

  test('a heartbeat that cannot be understood is somebody’s until it is old', async () => {
    const one = actor('a')
    await hold(actor('b'))
    await writeFile(heartbeat, '{')
    expect(await hold(one)).toBe('location-in-use')
    await age(heartbeat, 181)
    expect(await hold(actor('c'))).toBe('ours')
  })
})

describe('one state store', () => {
  test('goes on at once after a kill', async () => {
    await hold(actor('a'))
    expect(await hold(actor('a'))).toBe('ours')
  })

  test('and a copy of it, as of a cloned machine: one of them acts', async () => {
    const first = actor('a')
    await hold(first)
    first.store[Symbol.dispose]()
    opened.splice(0)
    cpSync(join(folder, 'a.db'), join(folder, 'copy.db'))
    const [original, copy] = [actor('a'), actor('copy')]
    expect(await hold(original)).toBe('ours')
    expect(await hold(copy)).toBe('location-in-use')
    expect(await code(original.check(location, us))).toBe('ours')
  })

  test('beats once a minute, however often it looks', async () => {
    const one = actor('a')
    await one.tend(desired, signal)
    const { beat: first } = await beat()
    await world.clock.advance(59)
    expect(await one.tend(desired, signal)).toBe(false)
    expect((await beat())['beat']).toBe(first)
    await world.clock.advance(2)
    await one.tend(desired, signal)
    expect((await beat())['beat']).not.toBe(first)
    expect(await code(one.check(location, us))).toBe('ours')
  })
})

test('a heartbeat that somebody deletes is put back, and no run ends for it', async () => {
  const one = actor('a')
  await one.tend(desired, signal)
  await rm(heartbeat)
  const lost = await one.during(location.name, signal, async (stop) => {
    expect(await code(one.check(location, us))).toBe('ours')
    return stop.aborted
  })
  expect(lost).toBe(false)
  expect(await beat()).toMatchObject({ owner: us.owner, endedAt: null })
})

describe('a location that is taken over while actions are under way', () => {
  const other = { ...us, owner: 'daemon-2' }

  test('they are stopped, nothing is committed, and the new owner waits until they have ended', async () => {
    const [before, after] = [actor('a'), actor('b', other.owner)]
    await before.tend(desired, signal)
    const ended = Promise.withResolvers<undefined>()
    let reason: unknown
    const run = before.during(location.name, signal, async (lost) => {
      lost.addEventListener('abort', () => {
        reason = lost.reason as unknown
      })
      await ended.promise
    })

    await driven(world.clock, takeOverLocation(location, other, world.drivers))
    expect(await code(before.check(location, us))).toBe('location-foreign-owner')
    expect(reason).toMatchObject({ code: 'location-foreign-owner' })
    expect(await hold(after, other.owner)).toBe('location-in-use')
    await before.tend(desired, signal)
    expect(await hold(after, other.owner)).toBe('location-in-use')

    ended.resolve(undefined)
    await run
    await before.tend(desired, signal)
    expect(await hold(after, other.owner)).toBe('ours')
    expect(await code(after.check(location, other))).toBe('ours')
    expect(await hold(before)).toBe('location-foreign-owner')
  })

  test('an owner that was killed before is not waited for twice', async () => {
    await hold(actor('a'))
    await age(heartbeat, 181)
    await driven(world.clock, takeOverLocation(location, other, world.drivers))
    expect(await hold(actor('b', other.owner), other.owner)).toBe('ours')
  })
})
