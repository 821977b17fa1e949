import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { openWard, those, type Ward } from './lab.ts'

let ward: Ward
beforeAll(async () => {
  ward = await openWard()
})
afterAll(() => ward[Symbol.asyncDispose]())

const share = '\\\\backup01.contoso.com\\LyncBackup'
const archive = 'sql03.contoso.com\\archive'

function everything(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
}

test('a healthy deployment: every check is ok, each kind is there, and nothing stays behind', async () => {
  const before = everything(ward.lab.paths.shares)

  const results = await ward.examine()

  expect(results.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
  expect([...new Set(results.map(({ name }) => name))]).toEqual([
    ...['node', 'git', 'state-store', 'dns', 'repository', 'desired-state', 'name', 'machine', 'certificate', 'smb'],
    ...['sql-login', 'sql-clock', 'sql-rights', 'sql-database'],
    ...['share', 'share-owner', 'share-space', 'share-write', 'share-long-path', 'share-clock'],
    ...['sql-backup', 'restore-test'],
    ...['shell', 'shell-scratch', 'cmdlet', 'central-management', 'file-store'],
  ])
  expect(results.filter(({ name }) => name === 'cmdlet').map(({ subject }) => subject)).toEqual([
    'Export-CsConfiguration',
    'Export-CsLisConfiguration',
    'Export-CsUserData',
    'Export-CsRgsConfiguration',
    'Get-CsCpsConfiguration',
    'Get-CsTopology',
    'Get-CsUser',
    'Get-CsDialInConferencingAccessNumber',
    'Get-CsExUmContact',
    'Get-CsCommonAreaPhone',
    'Get-CsTrustedApplicationEndpoint',
  ])
  expect(everything(ward.lab.paths.shares)).toEqual(before)
  expect(readdirSync(ward.lab.paths.scratch)).toEqual([])
})

test('a cmdlet that only the record of the directory needs is told where it is missing, and is no fault', async () => {
  await ward.break('cmdlet', 'Get-CsExUmContact', 'missing')
  const results = await ward.examine()
  await ward.repair('cmdlet', 'Get-CsExUmContact')
  expect(results.filter(({ outcome }) => outcome !== 'ok')).toEqual([
    {
      ...{ name: 'cmdlet', subject: 'Get-CsExUmContact', outcome: 'skipped' },
      message:
        'The session has no cmdlet Get-CsExUmContact. The record of the directory is suspect without it; no set must have it.',
    },
  ])
})

const ofSql05 = ['sql-clock sql05.contoso.com', 'sql-rights sql05.contoso.com']
const backups = [`sql-backup ${archive}`, 'sql-backup sql05.contoso.com']
const restoreTest = 'restore-test sqltest.contoso.com'

describe('each check fails alone, and what hangs on it is skipped', () => {
  test.each([
    ['dns', 'sip.contoso.com', 'missing', 'name sip.contoso.com', [], 'name-unresolved'],
    ['certificate', 'se01.contoso.com', 'expired', 'certificate se01.contoso.com', [], 'certificate-expired'],
    ['certificate', 'se01.contoso.com', 'other-name', 'certificate se01.contoso.com', [], 'certificate-name'],
    ['clock', 'sql05.contoso.com', 'ahead', 'sql-clock sql05.contoso.com', [], 'clock-skew'],
    [
      ...(['sql', 'sql05.contoso.com', 'login-refused', 'sql-login sql05.contoso.com'] as const),
      [...ofSql05, 'sql-database sql05.contoso.com/LcsCDR', 'sql-database sql05.contoso.com/QoEMetrics', backups[1]!],
      'sql-login-failed',
    ],
    ['sql', 'sql05.contoso.com', 'rights-lost', 'sql-rights sql05.contoso.com', [backups[1]!], 'sql-permission'],
    ['sql', 'sql05.contoso.com', 'share-denied', backups[1]!, [], 'sql-path-denied'],
    ['sql', 'sqltest.contoso.com', 'drive-gone', restoreTest, [], 'sql-path-missing'],
    [
      ...(['database', 'sql05.contoso.com/LcsCDR', 'suspect', 'sql-database sql05.contoso.com/LcsCDR'] as const),
      [backups[1]!],
      'sql-database-unavailable',
    ],
    [
      ...(['database', 'sql05.contoso.com/QoEMetrics', 'lost', 'sql-database sql05.contoso.com/QoEMetrics'] as const),
      [],
      'sql-database-missing',
    ],
    [
      ...(['mirror', archive, 'partner-lost', 'sql-login sql13.contoso.com\\archive'] as const),
      ['sql-clock sql13.contoso.com\\archive', 'sql-rights sql13.contoso.com\\archive'],
      'sql-refused',
    ],
    ['cmdlet', 'Export-CsUserData', 'missing', 'cmdlet Export-CsUserData', [], 'cmdlet-missing'],
    [
      ...(['cmdlet', 'Get-CsTopology', 'missing', 'cmdlet Get-CsTopology'] as const),
      ['central-management se01.contoso.com\\rtc'],
      'cmdlet-missing',
    ],
    [
      ...(['cmdlet', 'Get-CsTopology', 'fails', 'central-management se01.contoso.com\\rtc'] as const),
      [],
      'central-management-unreachable',
    ],
    [
      ...(['share', share, 'gone', 'share backup01'] as const),
      ['share-owner', 'share-space', 'share-write', 'share-long-path', 'share-clock']
        .map((name) => `${name} backup01`)
        .concat(backups, restoreTest),
      'location-unreachable',
    ],
    [
      ...(['file-store', '\\\\se01.contoso.com\\LyncShare', 'moved'] as const),
      'file-store \\\\se01.contoso.com\\LyncShare',
      [],
      'file-store-unreadable',
    ],
  ])('%s %s %s: %s', async (kind, subject, detail, failed, skipped, code) => {
    await ward.break(kind, subject, detail)

    const results = await ward.examine()

    await ward.repair(kind, subject)
    expect(those(results, 'failed')).toEqual([failed])
    expect(those(results, 'skipped')).toEqual(skipped)
    const { message, remedy } = results.find(({ outcome }) => outcome === 'failed')!
    expect(message).toMatch(new RegExp(`\\[${code}\\]$`))
    expect(remedy).toMatch(/\w{3}/)
    const [, name = '', about] = /^(\S+) (.*)$/.exec(failed) ?? []
    for (const { outcome, because } of results)
      if (outcome === 'skipped') expect(because).toEqual({ name, subject: about })
  })

  test('a repository that cannot be read: nothing of the deployment can be tried', async () => {
    const git = { ...(await readConfig(ward.lab.config)).git, url: '/nowhere/lync-backup.git' }
    const results = await ward.examine({ config: { git } })
    expect(those(results, 'failed')).toEqual(['repository /nowhere/lync-backup.git'])
    expect(those(results, 'skipped')).toEqual(['desired-state desired-state', 'deployment deployment'])
  })

  test('a shell host that does not start', async () => {
    const { scratch } = ward.lab.paths
    const results = await ward.examine({
      config: { shell: { transport: 'local', command: ['/nowhere/pwsh'], scratch, deadlineSeconds: 7200 } },
    })
    expect(those(results, 'failed')).toEqual(['shell /nowhere/pwsh'])
    expect(new Set(results.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name))).toEqual(
      new Set(['shell-scratch', 'cmdlet', 'central-management']),
    )
  })

  test('no shell host at all, where the policy needs one', async () => {
    const results = await ward.examine({ config: { shell: null } })
    expect(those(results, 'failed')).toEqual(['shell shell'])
    expect(results.find(({ name }) => name === 'shell')?.message).toMatch(/\[shell-not-configured\]$/)
  })

  test('a scratch folder that cannot be made', async () => {
    const { shell } = await readConfig(ward.lab.config)
    const scratch = join(import.meta.filename, 'scratch')
    const results = await ward.examine({ config: { shell: { ...shell!, scratch } } })
    expect(those(results, 'failed')).toEqual([`shell-scratch ${scratch}`])
    expect(those(results, 'skipped')).toEqual([])
  })
})

/** As root these breaks are mounts, which a container may forbid. */
const canBreak = ((): boolean => {
  if (process.getuid?.() !== 0) return true
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'probe', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
})()

describe.skipIf(!canBreak)('what needs the right to mount', () => {
  test.each([
    [
      ...(['share', share, 'read-only', 'share-write backup01'] as const),
      ['share-long-path backup01', 'share-clock backup01', ...backups, restoreTest],
      'file-denied',
    ],
    [
      ...(['file-store', '\\\\se01.contoso.com\\LyncShare', 'denied'] as const),
      'file-store \\\\se01.contoso.com\\LyncShare',
      [],
      'file-store-unreadable',
    ],
  ])('%s %s %s: %s', async (kind, subject, detail, failed, skipped, code) => {
    await ward.break(kind, subject, detail)
    const results = await ward.examine()
    await ward.repair(kind, subject)
    expect(those(results, 'failed')).toEqual([failed])
    expect(those(results, 'skipped')).toEqual(skipped)
    expect(results.find(({ outcome }) => outcome === 'failed')?.message).toMatch(new RegExp(`\\[${code}\\]$`))
  })
})

test('a failed-over mirror: the backup is tried at the partner that is principal now', async () => {
  await ward.break('mirror', archive, 'failed-over')
  const results = await ward.examine()
  await ward.repair('mirror', archive)
  expect(results.every(({ outcome }) => outcome === 'ok')).toBe(true)
  expect(results.find(({ name, subject }) => name === 'sql-backup' && subject === archive)?.message).toContain(
    'sql13.contoso.com\\archive writes',
  )
})

test('an invalid head, pushed last: told with file and line', async () => {
  const { clone } = ward.lab.paths
  const git = (...argv: string[]): unknown => execFileSync('git', argv, { cwd: clone, stdio: 'ignore' })
  writeFileSync(join(clone, 'desired-state', 'more.yaml'), 'apiVersion: holdfast/v1\nkind: Nonsense\n')
  git('add', '--all')
  git('commit', '--message', 'Break')
  git('push')
  const results = await ward.examine()
  git('revert', '--no-edit', 'HEAD')
  git('push')
  expect(those(results, 'failed')).toEqual(['desired-state desired-state'])
  expect(those(results, 'skipped')).toEqual(['deployment deployment'])
  expect(results.find(({ name }) => name === 'desired-state')?.message).toMatch(/more\.yaml:2:.*\[revision-invalid\]$/)
})
