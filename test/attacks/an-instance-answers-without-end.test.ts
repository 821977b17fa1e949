import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSqlServer } from '../../src/lab/sql/server.ts'
import { labInstance } from '../support/lab-sql.ts'
import { endlessInstance } from './fixtures/endless-instance.ts'

// Fault S18: what an SQL Server answered without end was kept: 687 MB in 15 seconds.

const run = promisify(execFile)
const caller = join(import.meta.dirname, 'fixtures', 'ask-an-instance.ts')
let lab: Awaited<ReturnType<typeof startSqlServer>>
beforeAll(async () => {
  const facts = labInstance('sql01.contoso.com', [])
  lab = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (path) => path,
    certificate: null,
    record: () => {},
  })
})
afterAll(() => lab.close())

test.each([['short rows'], ['one value'], ['messages']] as const)('%s without end are cut off', async (deed) => {
  using instance = await endlessInstance(lab.port, deed)
  const command = ['--max-old-space-size=192', caller, String(instance.port)]
  const { stdout } = await run(process.execPath, command, { timeout: 30_000 })
  expect(stdout).toBe('sql-answer-too-large')
})

test('the login works, so that what fails is the answer', async () => {
  expect((await run(process.execPath, [caller, String(lab.port)])).stdout).toBe('answered')
})
