// `memory-process.ts copy FOLDER SHARE`, or `hash FILE`: does it as the daemon does, and prints time and memory as JSON.
import '../../src/cli/v8.js'
import { performance } from 'node:perf_hooks'

const { hashFile } = await import('../../src/drivers/files/hash.ts')
const { setOf } = await import('./set.ts')

const [work, from = '', share = ''] = process.argv.slice(2)
const start = performance.now()
const done =
  work === 'copy'
    ? await setOf(from, share)
    : { ...(await hashFile(from, new AbortController().signal)), state: 'hashed' }
const result = {
  state: done.state,
  path: 'path' in done ? done.path : '',
  bytes: done.bytes,
  sha256: 'sha256' in done ? done.sha256 : null,
  seconds: (performance.now() - start) / 1000,
  residentBytes: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(`${JSON.stringify(result)}\n`)
