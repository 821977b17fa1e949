import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { manySets, share } from '../many-sets.ts'
import { limitedRow, type BenchContext, type Row } from '../row.ts'

const sets = 100_000
const warmBudgetSeconds = 2.5
const coldBudget = { seconds: 60, residentBytes: 500 * 1024 ** 2 }
const program = fileURLToPath(new URL('../start-process.ts', import.meta.url))
const run = promisify(execFile)

interface Started {
  seconds: number
  sets: number
  residentBytes: number
}

/**
 * Open the store, list the share, read the catalogue and plan: with a store that was lost, so that every record is read,
 * and with 100,000 sets known from before (median of three).
 */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const config = await manySets(folder, sets)
  const cold = await start(config)
  const seconds: number[] = []
  for (let n = 0; n < 3; n++) seconds.push((await start(config)).seconds)
  const median = seconds.sort((a, b) => a - b)[1] ?? 0
  rmSync(join(folder, 'state.db'))
  return [
    limitedRow('start with a catalogue of 100,000 sets, cold', cold, coldBudget),
    limitedRow('start with a catalogue of 100,000 sets, warm', { seconds: median }, { seconds: warmBudgetSeconds }),
  ]
}

async function start(config: string): Promise<Started> {
  const { stdout } = await run(process.execPath, [program, config, share])
  const result = JSON.parse(stdout) as Started
  if (result.sets !== sets) throw new Error(`The catalogue has ${result.sets} sets instead of ${sets}.`)
  return result
}
