import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { Problem } from '../../src/base/problem.ts'
import type { CheckResult } from '../../src/doctor/check.ts'
import { locationChecks } from '../../src/doctor/checks/location.ts'
import { restoreTestChecks } from '../../src/doctor/checks/restore-test.ts'
import { sqlChecks } from '../../src/doctor/checks/sql.ts'
import { runChecks } from '../../src/doctor/run-checks.ts'
import type { Surroundings } from '../../src/doctor/surroundings.ts'
import type { SqlAddress } from '../../src/drivers/sql/sql-server.ts'
import { desiredState, location, policy, pool, sqlStore } from '../support/desired.ts'
import { database } from '../support/fake-drivers.ts'
import { nothing, those } from './lab.ts'

const tests = sqlStore('sqltest.contoso.com', '')
const monitoring = sqlStore('sql05.contoso.com', '')
const restoreTest = {
  databases: { sqlStore: tests, folder: "D:\\It's here" },
  ...{ files: '\\\\scratch01.contoso.com\\Restore', imports: false, everyDays: null, validDays: null },
}
const desired = desiredState({
  pools: [pool('se01.contoso.com', 'standard-edition', { stores: { monitoring } })],
  sqlStores: [monitoring, tests],
  policies: [policy('nightly', { verification: { onCreate: 'structure', everyDays: null, restoreTest } })],
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-restore-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Answers {
  version: string
  sysadmin: boolean
  hasFolder: boolean
  header: Problem | null
}
const good: Answers = {
  version: '12.0.6449.1',
  sysadmin: true,
  hasFolder: true,
  header: new Problem('sql-backup-damaged', { message: 'It is no backup.' }),
}

async function check(more: Partial<Answers>): Promise<CheckResult[]> {
  const answers = { ...good, ...more }
  const sql = ({ host }: SqlAddress) => ({
    subject: host,
    facts: () =>
      Promise.resolve({
        ...{ version: host === monitoring.host ? '12.0.5000.0' : answers.version, edition: 'x', machine: host },
        databases: host === monitoring.host ? [database('LcsCDR'), database('QoEMetrics')] : [],
      }),
    rights: () =>
      Promise.resolve({
        login: 'CONTOSO\\holdfast',
        lacking: host === monitoring.host || answers.sysadmin ? [] : [{ right: 'sysadmin' }],
      }),
    clock: () => Promise.resolve(systemClock.now()),
    hasFolder: () => Promise.resolve(answers.hasFolder),
    header: () => (answers.header ? Promise.reject(answers.header) : Promise.resolve()),
  })
  const drivers = { clock: systemClock, random: systemRandom, localPath: () => folder, sql }
  const remembered = { applied: null, knows: () => false, problem: null }
  const surroundings = { drivers, config: { owner: 'us' }, remembered } as unknown as Surroundings
  const checks = sqlChecks(desired, nothing, surroundings.drivers)
  const place = locationChecks(desired, location(), nothing, surroundings)
  const all = [
    ...checks.instances.flatMap(({ login, clock, rights }) => [login, clock, rights]),
    ...checks.databases.map((one) => one.check),
    ...place.all,
    ...restoreTestChecks(desired, checks, [place], surroundings),
  ]
  return runChecks(all, systemClock, new AbortController().signal)
}

test('an instance that can restore what is backed up passes, and nothing is left on the share', async () => {
  const results = await check({})
  expect(those(results, 'failed')).toEqual([])
  expect(those(results, 'ok')).toContain('restore-test sqltest.contoso.com')
  expect(those(results, 'ok')).toContain('restore-test \\\\scratch01.contoso.com\\Restore')
  expect(readdirSync(folder)).toEqual([])
})

test('an instance of a newer version passes', async () => {
  expect(those(await check({ version: '15.0.4385.2' }), 'failed')).toEqual([])
})

test.each<[string, Partial<Answers>, string, string]>([
  ['of an older version', { version: '10.50.6560.0' }, 'sql-newer-version', 'verification.restoreTest.sqlStore'],
  [
    'without the right',
    { sysadmin: false },
    'sql-permission',
    "EXEC sp_addsrvrolemember N'CONTOSO\\holdfast', N'sysadmin'",
  ],
  ['without the folder', { hasFolder: false }, 'sql-path-missing', "-ItemType Directory 'D:\\It''s here'"],
  [
    'that may not read the share',
    { header: new Problem('sql-path-denied', { message: 'Access is denied.', hint: 'Grant it read.' }) },
    'sql-path-denied',
    'Grant it read.',
  ],
])('an instance %s fails alone, with its remedy', async (_what, more, code, remedy) => {
  const results = await check(more)
  expect(those(results, 'failed')).toEqual(['restore-test sqltest.contoso.com'])
  expect(those(results, 'skipped')).toEqual([])
  const failed = results.find(({ outcome }) => outcome === 'failed')
  expect(failed?.message).toMatch(new RegExp(`\\[${code}\\]$`))
  expect(failed?.remedy).toContain(remedy)
  expect(readdirSync(folder)).toEqual([])
})
