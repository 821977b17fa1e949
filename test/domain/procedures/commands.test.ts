import { describe, expect, test } from 'vitest'
import type { OtherLosses } from '../../../src/domain/loss/found.ts'
import { lossOf } from '../../../src/domain/loss/loss.ts'
import { estimateSeconds } from '../../../src/domain/procedures/estimate.ts'
import { procedureOf } from '../../../src/domain/procedures/procedures.ts'
import type { Row } from '../../../src/domain/procedures/row.ts'
import { contoso } from '../../support/contoso.ts'
import { pool, sqlStore } from '../../support/desired.ts'
import { cluster, deploymentOf, frontEnds, standardEdition } from './deployments.ts'

const sample = await contoso()
const well: OtherLosses = { isLost: () => false, isTakenOver: () => true }

function rowsOf(subject: string, also: readonly string[] = [], desired = sample): Row[] {
  const isLost = (host: string): boolean => also.includes(host)
  const loss = lossOf(subject, desired, { ...well, isLost })
  return procedureOf(loss!, desired, {
    copyOf: ({ kind }) => ({ file: String.raw`\\backup01\set\data` + `\\${kind}` }),
    isLost,
  })
}
const steps = (subject: string, ...also: string[]): Row[] => rowsOf(subject, also)
const step = (found: Row[], id: string): Row => found.find((one) => one.id === id)!
const command = (found: Row[], id: string): string | undefined => step(found, id).command

describe('commands', () => {
  test('carry the real names', () => {
    const found = steps('sql01.contoso.com', 'sql02.contoso.com')
    expect(step(found, 'create-central-management-store').command).toBe(
      "Install-CsDatabase -Clean -CentralManagementDatabase -SqlServerFqdn 'sql01.contoso.com' -SqlInstanceName rtc -Verbose",
    )
    expect(step(found, 'point-directory').command).toBe(
      "Set-CsConfigurationStoreLocation -SqlServerFqdn 'sql01.contoso.com' -SqlInstanceName rtc -Verbose",
    )
    expect(step(found, 'point-directory-at-mirror').command).toBe(
      "Set-CsConfigurationStoreLocation -SqlServerFqdn 'sql01.contoso.com' -SqlInstanceName rtc -MirrorSqlServerFqdn 'sql02.contoso.com' -MirrorSqlInstanceName rtc -Verbose",
    )
    expect(step(found, 'fail-over-central-management').command).toBe(
      [
        "Get-CsDatabaseMirrorState -DatabaseType CentralMgmt -PoolFqdn 'pool02.contoso.com'",
        "Invoke-CsManagementServerFailover -BackupSqlServerFqdn 'sql11.contoso.com' -BackupSqlInstanceName rtc -BackupMirrorSqlServerFqdn 'sql12.contoso.com' -BackupMirrorSqlInstanceName rtc -Force -Verbose",
      ].join('\n'),
    )
    expect(step(found, 'stop-services').command?.split('\n')).toHaveLength(3)
    expect(step(found, 'start-services').command).toBe("Start-CsPool -PoolFqdn 'pool01.contoso.com'")
    expect(step(found, 'import-response-groups').command).toBe(
      String.raw`Import-CsRgsConfiguration -Destination 'service:ApplicationServer:pool01.contoso.com' -OverwriteOwner -ReplaceExistingRgsSettings -FileName '\\backup01\set\data\response-groups'`,
    )
  })

  test('of 2013 and of Standard Edition start each server', () => {
    expect(step(steps('se01.contoso.com'), 'start-services').command).toBe(
      "Start-CsWindowsService -ComputerName 'se01.contoso.com'\nGet-CsWindowsService -ComputerName 'se01.contoso.com'",
    )
  })

  test('of a 2013 pool start every server before one is waited for', () => {
    const desired = deploymentOf([frontEnds('fe', sqlStore('sql01.contoso.com'))])
    expect(command(rowsOf('sql01.contoso.com', [], desired), 'start-services')).toBe(
      [
        "Start-CsWindowsService -ComputerName 'fe-a.contoso.com' -NoWait",
        "Start-CsWindowsService -ComputerName 'fe-b.contoso.com' -NoWait",
        "Get-CsWindowsService -ComputerName 'fe-a.contoso.com'",
        "Get-CsWindowsService -ComputerName 'fe-b.contoso.com'",
      ].join('\n'),
    )
  })

  test('of a mirror with the Central Management store name that type too', () => {
    const found = steps('sql01.contoso.com')
    for (const id of ['fail-over-mirror', 'uninstall-mirror'])
      expect(command(found, id)).toContain('-DatabaseType CentralMgmt')
    expect(command(found, 'point-directory-at-survivor')).toBe(
      "Set-CsConfigurationStoreLocation -SqlServerFqdn 'sql02.contoso.com' -SqlInstanceName rtc -Verbose",
    )
    expect(command(found, 'uninstall-mirror')).toContain("-SqlServerFqdn 'sql02.contoso.com' -SqlInstanceName rtc")
  })

  test('on a cluster take the paths of SQL Server, and beside archives leave those alone', () => {
    const clustered = deploymentOf([frontEnds('fe', cluster('cl.contoso.com', 'n1.contoso.com', 'n2.contoso.com'))])
    const whole = rowsOf('n1.contoso.com', ['n2.contoso.com'], clustered)
    expect(command(whole, 'create-databases')).toBe(
      "Install-CsDatabase -ConfiguredDatabases -SqlServerFqdn 'cl.contoso.com' -UseDefaultSqlPaths -Verbose",
    )
    expect(command(whole, 'update-databases')).not.toContain('-ExcludeCollocatedStores')
    const store = sqlStore('sql01.contoso.com')
    const both = deploymentOf([frontEnds('fe', store, { stores: { monitoring: store } })])
    expect(command(rowsOf('sql01.contoso.com', [], both), 'update-databases')).toBe(
      "Install-CsDatabase -Update -ConfiguredDatabases -SqlServerFqdn 'sql01.contoso.com' -ExcludeCollocatedStores",
    )
  })

  test('of one lost database of the Central Management store delete nothing', () => {
    const store = sqlStore('sql01.contoso.com')
    const desired = deploymentOf([frontEnds('fe', store)], store)
    const found = rowsOf(String.raw`sql01.contoso.com\rtc/lis`, [], desired)
    expect(command(found, 'create-central-management-store')).toBe(
      "Install-CsDatabase -CentralManagementDatabase -SqlServerFqdn 'sql01.contoso.com' -SqlInstanceName rtc -Verbose",
    )
  })

  test('take a database from its users, and give it back', () => {
    const lines = command(steps('sql05.contoso.com'), 'restore-databases')!.split('\n')
    const at = (text: string): number => lines.findIndex((line) => line.includes(text))
    expect(at('[LcsCDR] SET SINGLE_USER WITH ROLLBACK IMMEDIATE')).toBeGreaterThan(0)
    expect(at('RESTORE DATABASE [LcsCDR]')).toBeGreaterThan(at('SET SINGLE_USER'))
    expect(at('[LcsCDR] SET MULTI_USER')).toBeGreaterThan(at('RESTORE DATABASE [LcsCDR]'))
    const chat = steps('sql04.contoso.com')
    expect(command(chat, 'clear-active-chat-servers')).toContain('-ActiveServers $null')
    expect(command(chat, 'set-active-chat-servers')).toContain("-ActiveServers @{Add='")
  })

  test('name files, and the certificate of an encrypted database, as the set recorded them', () => {
    const archive = sqlStore('sql05.contoso.com', '')
    const desired = deploymentOf([frontEnds('fe', sqlStore('sql01.contoso.com'), { stores: { archiving: archive } })])
    const files = [{ name: 'LcsLog_data', type: 'D', path: String.raw`D:\CsData\LcsLog.mdf`, bytes: 1 }]
    const database = { recoveryModel: 'SIMPLE', collation: null, files, encryptor: 'ABCD' }
    const rows = procedureOf(lossOf('sql05.contoso.com', desired, well)!, desired, {
      copyOf: () => ({ file: String.raw`\\backup01\LcsLog.bak`, database }),
      isLost: () => false,
    })
    expect(command(rows, 'restore-databases')).toContain(String.raw`MOVE N'LcsLog_data' TO N'D:\CsData\LcsLog.mdf'`)
    expect(step(rows, 'bring-encryption-certificate').title).toContain('0xABCD')
    expect(step(rows, 'restore-databases').needs.map(({ id }) => id)).toContain('bring-encryption-certificate')
  })

  test('of a Front End pool without quorum, and of a server that is gone for good', () => {
    const servers = ['m1', 'm2', 'm3'].map((name) => `${name}.contoso.com`)
    const stores = { user: sqlStore('sql01.contoso.com') }
    const desired = deploymentOf([pool('fe.contoso.com', 'front-end', { servers, stores })])
    const found = rowsOf('m1.contoso.com', ['m2.contoso.com'], desired)
    expect(command(found, 'recover-quorum')).toBe(
      "Reset-CsPoolRegistrarState -PoolFqdn 'fe.contoso.com' -ResetType QuorumLossRecovery",
    )
    expect(step(found, 'recover-quorum').risks).toContain('not yet written to the Back End is lost')
    expect(command(found, 'remove-machine-state')).toBe(
      "Reset-CsPoolRegistrarState -PoolFqdn 'fe.contoso.com' -MachineFqdn 'm1.contoso.com' -ResetType MachineStateRemoved",
    )
    expect(step(found, 'remove-machine-state').risks).toContain('gone or wiped')
  })

  test('of Persistent Chat fail over and back, by servers that are left', () => {
    const servers = ['c1.contoso.com', 'c2.contoso.com']
    const persistentChat = sqlStore('sql04.contoso.com', 'chat')
    const desired = deploymentOf([
      pool('pchat.contoso.com', 'persistent-chat', { servers, stores: { persistentChat } }),
    ])
    const found = rowsOf('sql04.contoso.com', ['c1.contoso.com'], desired)
    expect(command(found, 'fail-over-chat')?.split('\n')).toEqual([
      'Set-CsPersistentChatActiveServer -Identity global -ActiveServers $null',
      "sqlcmd -S '<SQL Server of the secondary>' -E -Q 'RESTORE DATABASE [mgc] WITH RECOVERY'",
      "Set-CsPersistentChatState -Identity 'PersistentChatServer:pchat.contoso.com' -PoolState FailedOver",
      "Set-CsPersistentChatActiveServer -Identity global -ActiveServers @{Add='c2.contoso.com'}",
    ])
    const back = command(found, 'fail-back-chat') ?? ''
    expect(back).toContain('RESTORE DATABASE [mgc] FROM DISK')
    expect(back.split('\n').at(-1)).toBe(
      "Set-CsPersistentChatState -Identity 'PersistentChatServer:pchat.contoso.com' -PoolState Normal",
    )
  })

  test('merge one user from the set into the living pool', () => {
    expect(command(steps('se01.contoso.com'), 'merge-one-user')).toBe(
      String.raw`Update-CsUserData -FileName '\\backup01\set\data\user-data' -UserFilter '<user@domain>'`,
    )
  })

  test('point an Edge pool to the partner before the pool is failed over, and back after its failback', () => {
    const pairs = [
      standardEdition('se01', { pairedWith: 'se02.contoso.com' }),
      standardEdition('se02', { pairedWith: 'se01.contoso.com' }),
      pool('edge.contoso.com', 'edge'),
    ]
    const found = rowsOf('se01.contoso.com', [], deploymentOf(pairs))
    expect(command(found, 're-point-edge')).toBe(
      "Set-CsEdgeServer -Identity 'EdgeServer:edge.contoso.com' -Registrar 'Registrar:se02.contoso.com'",
    )
    expect(command(found, 'fail-over-pool')).toBe(
      "Invoke-CsPoolFailover -DisasterMode -PoolFqdn 'se01.contoso.com' -Verbose",
    )
    expect(command(found, 'fail-back-pool')).toBe("Invoke-CsPoolFailback -PoolFqdn 'se01.contoso.com' -Verbose")
    expect(command(found, 'point-edge-back')).toBe(
      "Set-CsEdgeServer -Identity 'EdgeServer:edge.contoso.com' -Registrar 'Registrar:se01.contoso.com'",
    )
  })

  test('say it where there is no copy', () => {
    const loss = lossOf('sql04.contoso.com', sample, well)!
    const rows = procedureOf(loss, sample, { copyOf: () => null, isLost: () => false })
    expect(command(rows, 'restore-databases')).toContain(
      String.raw`<no copy of sql-database of sql04.contoso.com\chat/mgc>`,
    )
  })

  test('of Holdfast force nothing', () => {
    const everything = ['sql01.contoso.com', 'se01.contoso.com', 'pool01.contoso.com', 'sql04.contoso.com'].flatMap(
      (subject) => steps(subject, 'sql02.contoso.com'),
    )
    expect(everything.filter((one) => one.actor === 'holdfast' && /-Force/.test(one.command ?? ''))).toEqual([])
    for (const { actor, operation } of everything) expect(actor === 'holdfast').toBe(operation !== undefined)
  })
})

test('where certificates and media are kept stands in the step that needs them', () => {
  const found = steps('fe01.contoso.com')
  expect(step(found, 'restore-certificates').title).toContain('in the safe of the Berlin data centre')
  expect(step(found, 'apply-updates').title).toContain('servers@contoso.com')
})

describe('the estimate', () => {
  test('is the longest chain of allowances, and the time to move the bytes on it', () => {
    const found = steps('fs01.contoso.com')
    // 15 + 90 + 20 + 10 + 10 + 10 + 30 minutes, and 4 GB at 40 MB a second.
    expect(estimateSeconds(found, () => 4_000_000_000)).toBe(185 * 60 + 100)
  })

  test('does not grow with machines that are rebuilt side by side', () => {
    const store = sqlStore('sql01.contoso.com')
    const of = (...servers: string[]): number =>
      estimateSeconds(
        rowsOf(
          'fe.contoso.com',
          [],
          deploymentOf([pool('fe.contoso.com', 'front-end', { servers, stores: { user: store } })]),
        ),
        () => 0,
      )
    expect(of('a.contoso.com', 'b.contoso.com', 'c.contoso.com', 'd.contoso.com')).toBe(
      of('a.contoso.com', 'b.contoso.com'),
    )
  })

  test('takes the slower way of a fork', () => {
    // From the set: 15 + 10 + 10 + 30 minutes until the choice is made; failed over: an hour at the end.
    const pair = (pairedWith: string | null): number =>
      estimateSeconds(
        rowsOf(
          'se01.contoso.com',
          [],
          deploymentOf([standardEdition('se01', { pairedWith }), standardEdition('se02')]),
        ),
        () => 0,
      )
    expect(pair('se02.contoso.com')).toBeGreaterThan(pair(null))
  })
})
