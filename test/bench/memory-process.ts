// `memory-process.ts copy FOLDER SHARE`, `verify RECORD` (a file with the set as JSON), or `hash FILE`: does it as the daemon
// does, and prints time and memory as JSON.
import '../../src/cli/compile-cache.js'
import '../../src/cli/small-heap.js'
import { performance } from 'node:perf_hooks'
import type { BackupSet } from '../../src/domain/backup-set.ts'

const { readFile } = await import('node:fs/promises')
const { hashFile } = await import('../../src/drivers/files/hash.ts')
const { checkSet } = await import('../../src/sets/check.ts')
const { setOf } = await import('./set.ts')

const [work = '', from = '', share = ''] = process.argv.slice(2)
const signal = new AbortController().signal
const works: Record<string, () => Promise<object>> = {
  async copy() {
    const set = await setOf(from, share)
    return { state: set.state, path: set.path, bytes: set.bytes, set }
  },
  async verify() {
    const set = JSON.parse(await readFile(from, 'utf8')) as BackupSet
    const { problems } = await checkSet(set, 'checksum', signal)
    return { state: 'verified', path: set.path, bytes: set.bytes, problems: problems.length, first: problems[0] }
  },
  hash: async () => ({ state: 'hashed', path: from, ...(await hashFile(from, signal)) }),
}
const start = performance.now()
const done = await works[work]?.()
const result = {
  ...done,
  seconds: (performance.now() - start) / 1000,
  residentBytes: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(`${JSON.stringify(result)}\n`)
