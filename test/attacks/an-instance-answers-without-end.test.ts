import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Domain } from '../../src/lab/sql/engine.ts'
import { startSqlServer } from '../../src/lab/sql/server.ts'
import { labInstance } from '../support/lab-sql.ts'
import { integrated, lackingOdbc, startOdbc, withAccount } from '../support/odbc.ts'
import { endlessInstance } from './fixtures/endless-instance.ts'

// Fault S18: what an SQL Server answered without end was kept: 687 MB in 15 seconds.

const run = promisify(execFile)
const caller = join(import.meta.dirname, 'fixtures', 'ask-an-instance.ts')
const all = new AsyncDisposableStack()
let lab: Awaited<ReturnType<typeof startSqlServer>>
let domain: Domain = () => null
beforeAll(async () => {
  const facts = withAccount(labInstance('sql01.contoso.com', []))
  if (lackingOdbc === null) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-endless-'))
    all.defer(() => rm(folder, { recursive: true }))
    domain = all.use(await startOdbc(folder, facts.host)).domain
  }
  lab = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (path) => path,
    certificate: null,
    record: () => {},
    domain: (token) => domain(token),
  })
})
afterAll(async () => {
  await lab.close()
  await all.disposeAsync()
})

const deeds = [['short rows'], ['one value'], ['messages']] as const

test.each(deeds)('%s without end are cut off', async (deed) => {
  using instance = await endlessInstance(lab.port, deed)
  const command = ['--max-old-space-size=192', caller, String(instance.port)]
  const { stdout } = await run(process.execPath, command, { timeout: 30_000 })
  expect(stdout).toBe('sql-answer-too-large')
})

describe.skipIf(lackingOdbc)(`under our own account, by ODBC ${lackingOdbc ?? ''}`, () => {
  test.each(deeds)('%s without end are cut off', async (deed) => {
    using instance = await endlessInstance(lab.port, deed)
    const command = [caller, String(instance.port), integrated.odbcDriver]
    const { stdout } = await run(process.execPath, command, { timeout: 50_000 })
    expect(stdout).toBe('sql-answer-too-large')
  })

  test('the login works, so that what fails is the answer', async () => {
    const command = [caller, String(lab.port), integrated.odbcDriver]
    expect((await run(process.execPath, command)).stdout).toBe('answered')
  })
})

test('the login works, so that what fails is the answer', async () => {
  expect((await run(process.execPath, [caller, String(lab.port)])).stdout).toBe('answered')
})
