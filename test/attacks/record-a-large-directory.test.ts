import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { linesOf } from '../../src/drivers/files/lines.ts'

// The objects of a large deployment are more than the memory of the process that records them.

const run = promisify(execFile)
const [recorder, host] = ['record-a-directory.ts', 'hostile-host.mjs'].map((name) =>
  join(import.meta.dirname, 'fixtures', name),
) as [string, string]
/** Megabytes: the users have 100, and 200 in memory. */
const heap = 96
const users = 100_000

test('100,000 users are recorded in order, in less memory than they have', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-directory-'))
  try {
    const command = [process.execPath, host, 'users', String(users)]
    const { stdout } = await run(process.execPath, [`--max-old-space-size=${heap}`, recorder, folder, ...command])
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'ok', counts: { users, umContacts: 0 } })
    let [count, last] = [0, '']
    for await (const lines of linesOf(join(folder, 'data', 'directory', 'users.jsonl')))
      for (const line of lines) {
        const { Identity } = JSON.parse(line) as { Identity: string }
        if (Identity <= last) throw new Error(`${Identity} stands after ${last}.`)
        count++
        last = Identity
      }
    expect([count, last]).toEqual([users, 'CN=0100000,DC=contoso,DC=com'])
  } finally {
    await rm(folder, { recursive: true })
  }
}, 120_000)
