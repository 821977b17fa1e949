import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { limitedRow, type Row } from '../row.ts'

const budget = { seconds: 0.1, residentBytes: 250 * 1024 ** 2 }
const program = fileURLToPath(new URL('../plan-process.ts', import.meta.url))

/** One pass of the planner for 1,000 pools, 5,000 servers and 100,000 sets of 25 items, in a process of its own. */
export async function rows(): Promise<Row[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program])
  const measured = JSON.parse(stdout) as { seconds: number; residentBytes: number }
  return [limitedRow('plan: 1,000 pools, 5,000 servers, 100,000 sets', measured, budget)]
}
