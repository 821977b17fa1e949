import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../src/base/clock.ts'
import { Problem } from '../../src/base/problem.ts'
import { systemRandom } from '../../src/base/random.ts'
import { addSeconds } from '../../src/base/time.ts'
import type { Check, CheckResult } from '../../src/doctor/check.ts'
import { locationChecks } from '../../src/doctor/checks/location.ts'
import { softwareChecks } from '../../src/doctor/checks/software.ts'
import { refuseMissingRights } from '../../src/doctor/checks/sql-rights.ts'
import { stateStoreCheck } from '../../src/doctor/checks/state-store.ts'
import type { Machine } from '../../src/doctor/machine.ts'
import { runChecks } from '../../src/doctor/run-checks.ts'
import type { Surroundings } from '../../src/doctor/surroundings.ts'
import type { BackupLocation } from '../../src/domain/model.ts'
import type { Lacking } from '../../src/domain/sql-rights.ts'
import { desiredState, location } from '../support/desired.ts'
import { nothing, those } from './lab.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-checks-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(checks: readonly Check[]): Promise<CheckResult[]> {
  return runChecks(checks, systemClock, new AbortController().signal)
}

/** What the checks of this machine and of a location use. */
function surroundings(more: { clock?: Clock; state?: string; knows?: boolean; problem?: Problem } = {}): Surroundings {
  const drivers = { clock: more.clock ?? systemClock, random: systemRandom, localPath: () => folder }
  const config = { state: more.state ?? join(folder, 'state.db'), owner: 'us' }
  const remembered = { applied: null, knows: () => more.knows === true, problem: more.problem ?? null }
  return { drivers, config, remembered } as unknown as Surroundings
}

function failure(results: readonly CheckResult[]): string | undefined {
  return /\[([a-z-]+)\]$/.exec(results.find(({ outcome }) => outcome === 'failed')?.message ?? '')?.[1]
}

describe('software', () => {
  const git = (text: string) => () => Promise.resolve(text)
  test.each<[string, Machine, string[]]>([
    ['new enough', { node: '24.0.0', git: git('git version 2.39.5') }, []],
    ['Git for Windows', { node: '26.1.0', git: git('git version 2.45.1.windows.1\n') }, []],
    ['a Git to come', { node: '24.0.0', git: git('git version 3.0.0') }, []],
    ['an old Node.js', { node: '20.19.0', git: git('git version 2.39.5') }, ['node Node.js']],
    ['an old Git', { node: '24.0.0', git: git('git version 2.20.1') }, ['git git']],
    ['something else', { node: '24.0.0', git: git('usage') }, ['git git']],
    ['no Git', { node: '24.0.0', git: () => Promise.reject(new Error('ENOENT')) }, ['git git']],
  ])('%s', async (_name, machine, failed) => {
    const results = await run(softwareChecks({ machine }))
    expect(those(results, 'failed')).toEqual(failed)
    expect(failure(results)).toBe(failed.length === 0 ? undefined : 'software-unsuitable')
  })
})

describe('state store', () => {
  test('one that is not there yet can be made, also with its folder; nothing is left', async () => {
    const results = await run([stateStoreCheck(surroundings({ state: join(folder, 'new', 'state.db') }))])
    expect(those(results, 'ok')).toHaveLength(1)
    expect(readdirSync(folder)).toEqual([])
  })

  test('one that cannot be read is told as it was', async () => {
    const problem = new Problem('state-store-unreadable', { message: 'It is no store.', hint: 'Move it away.' })
    const [result] = await run([stateStoreCheck(surroundings({ problem }))])
    expect(result).toMatchObject({ outcome: 'failed', remedy: 'Move it away.' })
  })

  test('a folder that is a file', async () => {
    writeFileSync(join(folder, 'file'), '')
    expect(failure(await run([stateStoreCheck(surroundings({ state: join(folder, 'file', 'state.db') }))]))).toBe(
      'file-gone',
    )
  })
})

describe('a location', () => {
  const check = (here = surroundings(), more: Partial<BackupLocation> = {}): Promise<CheckResult[]> =>
    run(locationChecks(desiredState(), location('backup01', more), nothing, here).all)
  const identity = (deployment: string, owner: string): void => {
    const text = { format: 'holdfast/location/v1', id: 'x', deployment, owner, claimedAt: '2026-01-02T03:04:05.000Z' }
    writeFileSync(join(folder, 'holdfast-location.json'), JSON.stringify(text))
  }
  const clockAt = (seconds: number): Clock => ({
    ...systemClock,
    now: () => addSeconds(systemClock.now(), seconds),
  })

  test('an empty one, and ours: all is well, and nothing is left', async () => {
    expect(those(await check(), 'ok')).toHaveLength(6)
    identity('contoso', 'us')
    expect(those(await check(), 'ok')).toHaveLength(6)
    expect(readdirSync(folder)).toEqual(['holdfast-location.json'])
  })

  test('less room than minimumFree', async () => {
    const results = await check(surroundings(), { minimumFree: 2 ** 62 })
    expect(those(results, 'failed')).toEqual(['share-space backup01'])
    expect(those(results, 'skipped')).toEqual([])
    expect(failure(results)).toBe('location-full')
  })

  test.each([-3600, 3600])('a clock that is %i s off', async (seconds) => {
    const results = await check(surroundings({ clock: clockAt(seconds) }))
    expect(those(results, 'failed')).toEqual(['share-clock backup01'])
    expect(failure(results)).toBe('clock-skew')
  })

  test('a clock that is a little off is no matter', async () => {
    expect(those(await check(surroundings({ clock: clockAt(240) })), 'failed')).toEqual([])
  })

  test.each([
    ['of another daemon', 'contoso', 'them', 'location-foreign-owner'],
    ['of another deployment', 'fabrikam', 'us', 'location-foreign-deployment'],
  ])('%s', async (_name, deployment, owner, code) => {
    identity(deployment, owner)
    const results = await check()
    expect(those(results, 'failed')).toEqual(['share-owner backup01'])
    expect(failure(results)).toBe(code)
  })

  test('an empty share in the place of one with sets', async () => {
    const results = await check(surroundings({ knows: true }))
    expect(those(results, 'failed')).toEqual(['share-owner backup01'])
    expect(failure(results)).toBe('location-unclaimed')
  })

  test('long paths are refused: here because the share is mapped far too deep', async () => {
    const top = folder
    while (folder.length < 3850) folder = join(folder, 'd'.repeat(200))
    mkdirSync(folder, { recursive: true })
    const results = await check()
    const left = readdirSync(folder)
    folder = top
    expect(those(results, 'failed')).toEqual(['share-long-path backup01'])
    expect(those(results, 'skipped')).toEqual([])
    expect(failure(results)).toBe('path-too-long')
    expect(left).toEqual([])
  })
})

describe('rights', () => {
  const refusal = (lacking: Lacking[], backsUp = true): Problem | null => {
    try {
      refuseMissingRights('sql05.contoso.com', { login: 'CONTOSO\\holdfast', lacking }, backsUp)
      return null
    } catch (thrown) {
      return thrown as Problem
    }
  }

  test.each<[Lacking, string, string]>([
    [{ right: 'viewAnyDatabase' }, 'VIEW ANY DATABASE', 'USE master; GRANT VIEW ANY DATABASE TO [CONTOSO\\holdfast]'],
    [{ right: 'viewServerState' }, 'VIEW SERVER STATE', 'USE master; GRANT VIEW SERVER STATE TO [CONTOSO\\holdfast]'],
    [{ right: 'createAnyDatabase' }, 'CREATE ANY DATABASE', 'GRANT CREATE ANY DATABASE TO [CONTOSO\\holdfast]'],
    [{ right: 'readHistory' }, 'SELECT on msdb.dbo.backupset', 'GRANT SELECT ON dbo.backupset TO [CONTOSO\\holdfast]'],
    [
      { right: 'readLogShipping' },
      'SELECT on msdb.dbo.log_shipping_primary_databases',
      'GRANT SELECT ON dbo.log_shipping_primary_databases TO [CONTOSO\\holdfast]',
    ],
    [{ right: 'backUp', database: 'Lcs]CDR' }, 'BACKUP DATABASE on Lcs]CDR', 'USE [Lcs]]CDR]; IF USER_ID('],
    [
      { right: 'backUp', database: 'LcsCDR' },
      'BACKUP DATABASE on LcsCDR',
      "EXEC sp_addrolemember N'db_backupoperator', N'CONTOSO\\holdfast'",
    ],
  ])('%j: told with the statement that grants it', (lacking, right, grant) => {
    const problem = refusal([lacking])
    expect(problem?.code).toBe('sql-permission')
    expect(problem?.message).toContain(right)
    expect(problem?.hint).toContain(grant)
    expect(problem?.hint).toContain('docs/how-to/sql-rights.md')
  })

  test('what only a restore needs is not missed', () => {
    expect(refusal([{ right: 'sysadmin' }])).toBeNull()
  })

  test('an instance that nothing is backed up from needs to be looked at only', () => {
    const none: Lacking[] = [{ right: 'viewServerState' }, { right: 'createAnyDatabase' }]
    expect(refusal(none, false)).toBeNull()
    expect(refusal([...none, { right: 'viewAnyDatabase' }], false)?.message).toContain('VIEW ANY DATABASE')
  })
})
