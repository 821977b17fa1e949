import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { StatementSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig } from '../../src/config/config.ts'
import { openDrivers } from '../../src/drivers/drivers.ts'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { openStore } from '../../src/store/store.ts'
import { manySets, share } from '../bench/many-sets.ts'
import { location } from '../support/desired.ts'

// Fault S24: with an empty store, each record took a mebibyte of memory and each set seven questions to SQLite.

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-lost-'))
})
afterEach(() => rm(folder, { recursive: true }))

const count = 500

test('every set is found again, at the cost of its own bytes and of few questions', async () => {
  const config = await readConfig(await manySets(folder, count))
  await using drivers = openDrivers(config, systemClock, systemRandom)
  using store = openStore(config.state, 'act', systemClock)
  let bytes = 0
  const allocate = Buffer.allocUnsafe.bind(Buffer)
  using _allocations = vi.spyOn(Buffer, 'allocUnsafe').mockImplementation((size) => {
    bytes += size
    return allocate(size)
  })
  const questions = (['get', 'all', 'run'] as const).map((name) => vi.spyOn(StatementSync.prototype, name))
  const { sets } = await readCatalogue(location('main', { share }), store.sets, new Set(), drivers)
  const asked = questions.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
  for (const spy of questions) spy.mockRestore()

  expect(sets).toHaveLength(count)
  expect(sets.every(({ state, items }) => state === 'complete' && items.length === 25)).toBe(true)
  expect(bytes).toBeLessThan(count * 20 * 1024) // a record has 8 KiB
  expect(asked).toBeLessThan(count * 4)
})
