// Opens a state store with many known sets, reads the catalogue of their share and plans, and prints seconds as JSON.
import '../../src/cli/compile-cache.js'
import '../../src/cli/small-heap.js'
import { performance } from 'node:perf_hooks'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig } from '../../src/config/config.ts'
import { eachFact } from '../../src/domain/facts.ts'
import { openDrivers } from '../../src/drivers/drivers.ts'
import { plan } from '../../src/plan/plan.ts'
import { readCatalogue, summarise } from '../../src/sets/catalogue.ts'
import { openStore } from '../../src/store/store.ts'
import { desiredState, location } from '../support/desired.ts'

const [configFile = '', share = ''] = process.argv.slice(2)
const start = performance.now()
const config = await readConfig(configFile)
using store = openStore(config.state, 'act', systemClock)
await using drivers = openDrivers(config, systemClock, systemRandom)
const main = location('main', { share })
const { sets } = await readCatalogue(main, store.sets, new Set(), drivers)
const facts = eachFact(() => new Map<string, never>())
plan(
  desiredState({ locations: [main] }),
  { facts, sets: summarise(sets, store.sets) },
  store.memory(),
  systemClock.now(),
)
const seconds = (performance.now() - start) / 1000
process.stdout.write(
  JSON.stringify({ seconds, sets: sets.length, residentBytes: process.resourceUsage().maxRSS * 1024 }),
)
