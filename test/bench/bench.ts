/** `npm run bench [-- --rows copy,verify] [--json FILE] [--files 1000000]`: measures, prints, and writes docs/benchmarks.md. */
import { mkdtemp, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import '../../src/cli/compile-cache.js'
import '../../src/cli/small-heap.js'
import { shell } from './compare.ts'
import { report, table } from './report.ts'
import type { Row, RowsModule } from './row.ts'

/** The preparation of `start` fills this process's memory, which other rows measure: it comes last. */
const modules: Readonly<Record<string, () => Promise<RowsModule>>> = {
  copy: () => import('./rows/copy.ts'),
  daemon: () => import('./rows/daemon.ts'),
  directory: () => import('./rows/directory.ts'),
  many: () => import('./rows/many.ts'),
  memory: () => import('./rows/memory.ts'),
  observe: () => import('./rows/observe.ts'),
  plan: () => import('./rows/plan.ts'),
  restore: () => import('./rows/restore.ts'),
  verify: () => import('./rows/verify.ts'),
  start: () => import('./rows/start.ts'),
}

const { values } = parseArgs({
  options: { json: { type: 'string' }, rows: { type: 'string' }, files: { type: 'string', default: '200000' } },
})
const wanted = values.rows?.split(',') ?? null
const roomNeeded = 8 * 1024 ** 3

const names = Object.keys(modules)
const unknown = (wanted ?? []).filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`There are no rows ${unknown.join(', ')}; there are ${names.join(', ')}.`)

const memory = (await freeBytes('/dev/shm')) >= roomNeeded
const base = memory ? '/dev/shm' : tmpdir()
const rows: Row[] = []
for (const [name, load] of Object.entries(modules)) {
  if (wanted && !wanted.includes(name)) continue
  const folder = await mkdtemp(join(base, 'holdfast-bench-'))
  try {
    const { rows: rowsOf } = await load()
    const made = await rowsOf({ folder, files: Number(values.files) })
    process.stdout.write(table(made))
    rows.push(...made)
  } finally {
    await shell(`rm -rf '${folder}'`, base)
  }
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ rows }, null, 2)}\n`)
if (!wanted) await writeFile(new URL('../../docs/benchmarks.md', import.meta.url), report(rows, memory))
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1

async function freeBytes(folder: string): Promise<number> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
}
