import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { memoryBudgetBytes } from '../memory.ts'
import { limitedRow, type Row } from '../row.ts'

const recorder = fileURLToPath(new URL('../../attacks/fixtures/record-a-directory.ts', import.meta.url))
const host = fileURLToPath(new URL('../../attacks/fixtures/hostile-host.mjs', import.meta.url))
const users = 1_000_000
/** What is held here is the memory. */
const budget = { seconds: 600, residentBytes: memoryBudgetBytes }

/** Memory while the record of a directory of a million users is made, a gigabyte of lines in order. */
export async function rows(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-directory-'))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[recorder, folder, process.execPath, host, 'users', String(users)],
    ])
    const made = JSON.parse(stdout) as {
      outcome: string
      counts: { users: number }
      seconds: number
      residentBytes: number
    }
    if (made.outcome !== 'ok' || made.counts.users !== users) throw new Error('The record is not whole.')
    return [limitedRow('a record of 1,000,000 users of the directory (memory)', made, budget)]
  } finally {
    await rm(folder, { recursive: true })
  }
}
