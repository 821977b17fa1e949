/** Invariant 11 at the size of a large deployment: the real planner, pass and store over servers that stay as they are. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { Source } from '../../src/desired/source.ts'
import { load, type Desired } from '../../src/desired/load.ts'
import type { Observed } from '../../src/domain/observation.ts'
import type { Observer } from '../../src/observed/observer.ts'
import type { Executor } from '../../src/reconcile/executor.ts'
import { pass } from '../../src/reconcile/pass.ts'
import { openStore } from '../../src/store/store.ts'
import { writeLargeDeployment } from '../support/large-deployment.ts'
import { readyLocation, seen } from '../support/observed.ts'
import { healthyServers, observe } from '../support/servers.ts'
import { TestClock } from '../support/test-clock.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const start = '2026-11-03T12:00:00.000Z'

function large(folder: string): Desired {
  expect(writeLargeDeployment(folder)).toBe(1000)
  const files = readdirSync(folder).map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
  const loaded = load('a', files)
  if (!loaded.ok) throw new Error(loaded.errors[0]?.message)
  return loaded.desired
}

test('a thousand passes over a thousand servers add nothing to the journal, and keep no memory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-large-'))
  const clock = new TestClock(start)
  const store = openStore(join(folder, 'state.db'), 'act', clock)
  try {
    const desired = large(join(folder, 'desired'))
    const first = observe(healthyServers(desired), start)
    const fact = () => {
      const value = { head: 'a', lastGood: 'a', fetchedAt: start, unreachable: null, invalid: [] }
      return { ...seen('contoso', value, start), at: clock.now() }
    }
    /** Every probe has looked again and seen the same. */
    const again = (): Observed['facts'] => {
      const at = clock.now()
      const facts = Object.entries(first.facts).map(([name, rows]) => [
        name,
        new Map([...rows].map(([subject, row]) => [subject, { ...row, at }])),
      ])
      const location = { ...seen('backup01', readyLocation(), start), at }
      return {
        ...(Object.fromEntries(facts) as Observed['facts']),
        location: new Map([['backup01', location]]),
        source: new Map([['contoso', fact()]]),
      }
    }
    let facts = again()
    const world = {
      ...{ store, clock, source: { lastGood: () => desired, fact } as unknown as Source },
      observer: { follow: () => {}, report: () => {}, snapshot: () => ({ facts, sets: [] }) } as unknown as Observer,
      executor: { start: () => false, heed: () => {} } as unknown as Executor,
    }
    const passes = async (count: number): Promise<number> => {
      for (let number = 0; number < count; number++) {
        await clock.advance(10)
        if (number % 6 === 0) facts = again()
        pass(world, () => true)
      }
      collectGarbage()
      return process.memoryUsage().heapUsed
    }

    const before = await passes(10)
    const head = store.journal.head()
    const after = await passes(1000)

    expect(store.journal.head()).toEqual(head)
    expect(store.memory().standing.flags).toEqual([])
    expect(after - before).toBeLessThan(8 * 1024 * 1024)
  } finally {
    store[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  }
}, 300_000)
