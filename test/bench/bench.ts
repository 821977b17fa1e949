/** `npm run bench [-- --rows copy,verify] [--json FILE] [--files 1000000]`: measures, prints, and writes docs/benchmarks.md. */
import { mkdtemp, readdir, statfs, writeFile } from 'node:fs/promises'
import { enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import '../../src/cli/v8.js'
import { shell } from './compare.ts'
import { report, table } from './report.ts'
import type { Row, RowsModule } from './row.ts'

// As the product has it: worker threads and child processes find what was compiled before.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'holdfast')
enableCompileCache()

const { values } = parseArgs({
  options: { json: { type: 'string' }, rows: { type: 'string' }, files: { type: 'string', default: '200000' } },
})
const wanted = values.rows?.split(',') ?? null
const roomNeeded = 8 * 1024 ** 3

const here = import.meta.dirname
const names = (await readdir(join(here, 'rows')))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))
const unknown = (wanted ?? []).filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`There are no rows ${unknown.join(', ')}; there are ${names.join(', ')}.`)

const memory = (await freeBytes('/dev/shm')) >= roomNeeded
const base = memory ? '/dev/shm' : tmpdir()
const rows: Row[] = []
// The preparation of `start` fills this process's memory, which other rows measure: it comes last.
for (const name of names.sort((a, b) => Number(a === 'start') - Number(b === 'start') || (a < b ? -1 : 1))) {
  if (wanted && !wanted.includes(name)) continue
  const folder = await mkdtemp(join(base, 'holdfast-bench-'))
  try {
    const module = (await import(`./rows/${name}.ts`)) as RowsModule
    const made = await module.rows({ folder, files: Number(values.files) })
    process.stdout.write(table(made))
    rows.push(...made)
  } finally {
    await shell(`rm -rf '${folder}'`, base)
  }
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ rows }, null, 2)}\n`)
if (!wanted) await writeFile(join(here, '..', '..', 'docs', 'benchmarks.md'), report(rows, memory))
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1

async function freeBytes(folder: string): Promise<number> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
}
