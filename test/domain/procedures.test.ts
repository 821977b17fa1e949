import { describe, expect, test } from 'vitest'
import type { OtherLosses } from '../../src/domain/loss/found.ts'
import { lossOf } from '../../src/domain/loss/loss.ts'
import { estimateSeconds, procedureOf } from '../../src/domain/procedures/procedures.ts'
import type { Step } from '../../src/domain/procedures/step.ts'
import { contoso } from '../support/contoso.ts'

const sample = await contoso()
const well: OtherLosses = { isLost: () => false, isTakenOver: () => true }

function steps(subject: string, ...alsoLost: string[]): Step[] {
  const loss = lossOf(subject, sample, { ...well, isLost: (host) => alsoLost.includes(host) })
  return procedureOf(loss!, sample, ({ kind }) => String.raw`\\backup01\set\data` + `\\${kind}`)
}
const ids = (found: Step[]): string[] => found.map(({ id }) => id)
const step = (found: Step[], id: string): Step => found.find((one) => one.id === id)!

const wizard = ['install-local-store', 'install-components', 'assign-certificates', 'apply-updates']
const member = ['rebuild-machine', 'restore-certificates', 'take-image']
const users = ['stop-services', 'import-user-data', 'start-services']
const groups = ['import-response-groups', 'check-response-groups']

// The order of each procedure, from the domain reference.
describe('steps', () => {
  test('6.3: the server hosting the Central Management store', () => {
    expect(ids(steps('sql01.contoso.com', 'sql02.contoso.com'))).toEqual([
      'check-surroundings',
      ...['save-local-replica', 'fail-over-central-management', 'back-up-surviving-mirror'],
      ...['rebuild-machine', 'install-sql-server', 'take-image'],
      ...['create-central-management-store', 'point-directory', 'import-configuration', 'enable-topology'],
      ...['download-topology', 'create-databases', 'update-databases', 'create-mirror'],
      ...users,
      'import-locations',
      ...groups,
    ])
  })

  test('6.4: a Standard Edition server', () => {
    expect(ids(steps('se01.contoso.com'))).toEqual([
      'check-surroundings',
      ...member,
      ...['share-file-store', 'restore-file-store', 'enable-topology', 'download-topology'],
      ...wizard,
      ...['update-databases', 'start-server', 'renew-kerberos-account'],
      ...users,
      ...groups,
      'check-replication',
    ])
  })

  test('6.5: both partners of a Back End', () => {
    expect(ids(steps('sql11.contoso.com', 'sql12.contoso.com'))).toEqual([
      'check-surroundings',
      ...['rebuild-machine', 'install-sql-server', 'take-image'],
      ...['download-topology', 'create-databases', 'update-databases', 'create-mirror'],
      ...users,
      ...groups,
    ])
  })

  test('6.6: one partner of a mirror', () => {
    const found = steps('sql11.contoso.com')
    expect(ids(found)).toEqual([
      'check-surroundings',
      ...['fail-over-mirror', 'point-pool-at-survivor', 'uninstall-mirror'],
      ...['rebuild-machine', 'install-sql-server', 'take-image'],
      ...['create-mirror', 'restart-front-ends'],
    ])
    expect(step(found, 'uninstall-mirror').command).toBe(
      [
        "Uninstall-CsMirrorDatabase -DatabaseType User -SqlServerFqdn 'sql12.contoso.com' -SqlInstanceName 'rtc' -Verbose",
        "Uninstall-CsMirrorDatabase -DatabaseType Application -SqlServerFqdn 'sql12.contoso.com' -SqlInstanceName 'rtc' -Verbose",
      ].join('\n'),
    )
    expect(step(found, 'create-mirror').command).toContain("-SqlServerFqdn 'sql12.contoso.com'")
  })

  test('6.7: a Front End, a Director, and an Edge Server by file', () => {
    const front = ['check-surroundings', ...member, ...wizard, 'start-server', 'renew-kerberos-account']
    expect(ids(steps('fe01.contoso.com'))).toEqual([...front, 'check-replication'])
    expect(ids(steps('dir01.contoso.com'))).toEqual([...front, 'check-replication'])
    expect(ids(steps('edge01.contoso.com'))).toEqual([
      ...['check-surroundings', ...member, 'export-for-edge', ...wizard, 'start-server', 'check-replication'],
    ])
  })

  test('6.8: the monitoring databases; the server is a witness as well', () => {
    expect(ids(steps('sql05.contoso.com'))).toEqual([
      'check-surroundings',
      ...['rebuild-machine', 'install-sql-server', 'take-image'],
      ...['download-topology', 'create-databases', 'update-databases', 'restore-witness'],
      ...['restore-databases', 'grant-database-roles', 'restore-reports'],
    ])
  })

  test('6.9: Persistent Chat', () => {
    expect(ids(steps('sql04.contoso.com')).slice(-3)).toEqual([
      'update-databases',
      'restore-databases',
      'grant-database-roles',
    ])
  })

  test('6.10: a file store, on a new machine and on one that lives', () => {
    const store = ['share-file-store', 'restore-file-store', 'enable-topology']
    expect(ids(steps('fs01.contoso.com'))).toEqual(['check-surroundings', 'rebuild-machine', 'take-image', ...store])
    expect(ids(steps(String.raw`\\contoso.com\Lync`))).toEqual(['check-surroundings', ...store])
  })

  test('6.1: a whole pool, the Back End before the members', () => {
    const found = ids(steps('pool02.contoso.com'))
    expect(found.indexOf('create-databases')).toBeLessThan(found.indexOf('install-local-store'))
    expect(found).toContain('reset-pool')
    expect(found.indexOf('start-server')).toBeLessThan(found.indexOf('import-user-data'))
  })
})

describe('commands', () => {
  test('carry the real names', () => {
    const found = steps('sql01.contoso.com', 'sql02.contoso.com')
    expect(step(found, 'create-central-management-store').command).toBe(
      "Install-CsDatabase -CentralManagementDatabase -Clean -SqlServerFqdn 'sql01.contoso.com' -SqlInstanceName 'rtc' -Verbose",
    )
    expect(step(found, 'point-directory').command).toBe(
      "Set-CsConfigurationStoreLocation -SqlServerFqdn 'sql01.contoso.com' -SqlInstanceName 'rtc' -MirrorSqlServerFqdn 'sql02.contoso.com' -MirrorSqlInstanceName 'rtc' -Verbose",
    )
    expect(step(found, 'fail-over-central-management').command).toBe(
      "Invoke-CsManagementServerFailover -BackupSqlServerFqdn 'sql11.contoso.com' -BackupSqlInstanceName 'rtc' -Force -Verbose",
    )
    expect(step(found, 'stop-services').command?.split('\n')).toHaveLength(3)
    expect(step(found, 'start-services').command).toBe("Start-CsPool -PoolFqdn 'pool01.contoso.com'")
    expect(step(found, 'import-response-groups').command).toBe(
      String.raw`Import-CsRgsConfiguration -Destination 'service:ApplicationServer:pool01.contoso.com' -OverwriteOwner -ReplaceExistingRgsSettings -FileName '\\backup01\set\data\response-groups'`,
    )
  })

  test('of 2013 and of Standard Edition start each server', () => {
    expect(step(steps('se01.contoso.com'), 'start-services').command).toBe(
      "Start-CsWindowsService -ComputerName 'se01.contoso.com'",
    )
  })

  test('say it where there is no copy', () => {
    const loss = lossOf('sql04.contoso.com', sample, well)!
    const restore = step(
      procedureOf(loss, sample, () => null),
      'restore-databases',
    )
    expect(restore.command).toContain(String.raw`<no copy of sql-database of sql04.contoso.com\chat/mgc>`)
  })

  // Domain reference, section 10, trap 6.
  test('that destroy are never given by Holdfast, and never without a warning', () => {
    const everything = ['sql01.contoso.com', 'se01.contoso.com', 'pool01.contoso.com', 'sql04.contoso.com'].flatMap(
      (subject) => steps(subject, 'sql02.contoso.com'),
    )
    const dangerous = everything.filter(({ command }) =>
      /-Clean|-RemoveExportedConfiguration|-DisableExportedNodes|-DisasterMode|FullReset/.test(command ?? ''),
    )
    expect(dangerous.length).toBeGreaterThan(0)
    for (const { actor, warning } of dangerous) expect([actor, warning]).toEqual(['operator', expect.any(String)])
    expect(everything.filter(({ actor, command }) => actor === 'holdfast' && /-Force/.test(command ?? ''))).toEqual([])
  })
})

test('where certificates and media are kept stands in the step that needs them', () => {
  const found = steps('fe01.contoso.com')
  expect(step(found, 'restore-certificates').title).toContain('in the safe of the Berlin data centre')
  expect(step(found, 'apply-updates').title).toContain('servers@contoso.com')
})

describe('the estimate', () => {
  test('is the allowance of the steps, for each machine, and the time to move the bytes', () => {
    const loss = lossOf('fs01.contoso.com', sample, well)!
    const found = procedureOf(loss, sample, () => null)
    // 15 + 90 + 20 + 10 + 10 + 10 minutes, and 4 GB at 40 MB a second.
    expect(estimateSeconds(loss, found, () => 4_000_000_000)).toBe(155 * 60 + 100)
  })

  test('counts machines', () => {
    const minutes = (found: Step[]): number => step(found, 'rebuild-machine').minutes
    expect(minutes(steps('sql11.contoso.com', 'sql12.contoso.com'))).toBe(2 * 90)
    expect(minutes(steps('pool02.contoso.com'))).toBe(5 * 90)
  })
})
