// `npm run bench`: bundles the bench with what it measures, so that it runs as the product does; in a process of its own,
// whose memory is that of the bench alone.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nameInBundle, source } from '../../src/base/bundle.js'
import { bundleOf } from '../../src/base/make-bundle.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const bench = join(here, 'bench.ts')
const folder = await bundleOf([bench], [source, here, join(here, '../support')])
const program = folder === null ? bench : join(folder, nameInBundle(bench))
process.exitCode = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1
if (folder !== null) rmSync(folder, { recursive: true })
