/** The commands that procedures show to people, read by a real PowerShell: they parse, and their parameters exist. */
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lackingEngine, powershell } from '../support/engines.ts'
import { copyFileStore, languageOf } from '../../src/domain/restore-commands.ts'
import { cases, rowsOfCase } from '../domain/procedures/cases.ts'
import { engine } from './engine.ts'

/** By hand from the cmdlet reference: what of each cmdlet procedures use. */
const reference: Readonly<Record<string, readonly string[]>> = {
  'Enable-CsTopology': [],
  'Export-CsConfiguration': ['FileName', 'LocalStore'],
  'Get-CsBackupServiceStatus': ['PoolFqdn'],
  'Get-CsCertificate': ['Type'],
  'Get-CsConfigurationStoreLocation': [],
  'Get-CsDatabaseMirrorState': ['DatabaseType', 'PoolFqdn'],
  'Get-CsManagementStoreReplicationStatus': ['CentralManagementStoreStatus', 'ReplicaFqdn'],
  'Get-CsPersistentChatActiveServer': [],
  'Get-CsPersistentChatComplianceConfiguration': [],
  'Get-CsPoolFabricState': ['PoolFqdn'],
  'Get-CsRgsWorkflow': ['Identity', 'ShowAll'],
  'Get-CsWindowsService': ['ComputerName'],
  'Import-CsConfiguration': ['FileName'],
  'Import-CsLisConfiguration': ['FileName'],
  'Import-CsPersistentChatData': ['DBInstance', 'FileName'],
  'Import-CsRgsConfiguration': ['Destination', 'FileName', 'OverwriteOwner', 'ReplaceExistingRgsSettings'],
  'Import-CsUserData': ['FileName', 'PoolFqdn'],
  'Install-CsDatabase': [
    ...['CentralManagementDatabase', 'Clean', 'ConfiguredDatabases', 'ExcludeCollocatedStores', 'LocalDatabases'],
    ...['SqlInstanceName', 'SqlServerFqdn', 'Update', 'UseDefaultSqlPaths', 'Verbose'],
  ],
  'Install-CsMirrorDatabase': ['ConfiguredDatabases', 'FileShare', 'SqlServerFqdn', 'Verbose'],
  'Invoke-CsBackupServiceSync': ['BackupModule', 'PoolFqdn'],
  'Invoke-CsDatabaseFailover': ['DatabaseType', 'Force', 'NewPrincipal', 'PoolFqdn', 'Verbose'],
  'Invoke-CsManagementServerFailover': [
    ...['BackupMirrorSqlInstanceName', 'BackupMirrorSqlServerFqdn', 'BackupSqlInstanceName', 'BackupSqlServerFqdn'],
    ...['Force', 'Verbose'],
  ],
  'Invoke-CsPoolFailback': ['PoolFqdn', 'Verbose'],
  'Invoke-CsPoolFailover': ['DisasterMode', 'PoolFqdn', 'Verbose'],
  'Publish-CsLisConfiguration': [],
  'Reset-CsPoolRegistrarState': ['MachineFqdn', 'PoolFqdn', 'ResetType'],
  'Set-CsConfigurationStoreLocation': [
    ...['MirrorSqlInstanceName', 'MirrorSqlServerFqdn', 'SqlInstanceName', 'SqlServerFqdn', 'Verbose'],
  ],
  'Set-CsEdgeServer': ['Identity', 'Registrar'],
  'Set-CsPersistentChatActiveServer': ['ActiveServers', 'Identity'],
  'Set-CsPersistentChatState': ['Identity', 'PoolState'],
  'Start-CsPool': ['PoolFqdn'],
  'Start-CsWindowsService': ['ComputerName', 'NoWait'],
  'Stop-CsWindowsService': ['ComputerName'],
  'Update-CsUserData': ['FileName', 'UserFilter'],
  'Uninstall-CsMirrorDatabase': ['DatabaseType', 'SqlInstanceName', 'SqlServerFqdn', 'Verbose'],
}

/** Each command as PowerShell parses it; what is wrong with a text stands in `errors`. */
interface Read {
  text: string
  errors: string[]
  commands: { name: string; parameters: string[] }[]
}

/** Texts come by standard input; nothing of them is run. */
const parse = `
$texts = [Console]::In.ReadToEnd() | ConvertFrom-Json
ConvertTo-Json -Depth 5 -InputObject @($texts | ForEach-Object {
  $errors = $null
  $tree = [System.Management.Automation.Language.Parser]::ParseInput($_, [ref]$null, [ref]$errors)
  $commands = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
  @{
    text = $_
    errors = @($errors | ForEach-Object { $_.Message })
    commands = @($commands | ForEach-Object {
      @{
        name = $_.GetCommandName()
        parameters = @($_.CommandElements |
          Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } |
          ForEach-Object { $_.ParameterName })
      }
    })
  }
})`

function readBy(program: string, texts: readonly string[]): Read[] {
  const { stdout, stderr, status } = spawnSync(program, ['-NoProfile', '-NonInteractive', '-Command', parse], {
    ...{ input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 1e8, timeout: 120_000 },
  })
  if (status !== 0) throw new Error(`PowerShell ended with ${status ?? 'a signal'}: ${stderr}`)
  return JSON.parse(stdout) as Read[]
}

/** All but those for SQL Server, which the vendor's other parser reads. */
function commandsOfCases(): string[] {
  const rows = cases.flatMap((one) => rowsOfCase(one, ({ kind }) => ({ file: join("\\\\it's\\set", kind) })))
  const texts = rows.flatMap(({ command }) =>
    command === undefined || languageOf(command) === 'sql' ? [] : command.split('\n'),
  )
  return [...new Set(texts)]
}

describe.skipIf(engine === null)(
  `the commands of procedures${engine === null ? `: ${lackingEngine(powershell)}` : ''}`,
  { timeout: 180_000 },
  () => {
    const found = engine === null ? [] : readBy(engine, commandsOfCases())
    const cmdlets = found.flatMap(({ commands }) => commands).filter(({ name }) => /-Cs/.test(name))

    test('parse, each as one command', () => {
      expect(found.length).toBeGreaterThan(50)
      // The names of a file store are given back by one pipeline of four.
      const count = (text: string): number => (text.startsWith('Get-ChildItem ') ? 4 : 1)
      for (const { text, errors, commands } of found)
        expect([text, errors, commands.length]).toEqual([text, [], count(text)])
    })

    test('a copied file store gets its own names back, folders too', async () => {
      const folder = await mkdtemp(join(tmpdir(), "holdfast-it's-"))
      await mkdir(join(folder, '1-WebServices-1', 'a=3Db', 'c=25'), { recursive: true })
      const names = ['100=25.xml', 'gr=C3=BCn.txt', 'plain [1].txt', 'closed=5B=3D]=3Dx.wav']
      for (const name of names) await writeFile(join(folder, '1-WebServices-1', 'a=3Db', 'c=25', name), name)
      const [, rename = ''] = copyFileStore('set', folder).split('\n')
      const { status, stderr } = spawnSync(engine ?? '', ['-NoProfile', '-NonInteractive', '-Command', rename], {
        encoding: 'utf8',
      })
      expect([status, stderr]).toEqual([0, ''])
      const found = await readdir(join(folder, '1-WebServices-1', 'a=b', 'c%'))
      expect(found.sort()).toEqual(['100%.xml', 'closed[=]=x.wav', 'grün.txt', 'plain [1].txt'])
      await rm(folder, { recursive: true })
    })

    test('give parameters that the reference knows', () => {
      for (const { name, parameters } of cmdlets)
        expect([name, parameters.filter((one) => reference[name]?.includes(one) !== true)]).toEqual([name, []])
    })

    test('use every row of the list', () => {
      const used = (name: string): string[] => cmdlets.flatMap((one) => (one.name === name ? one.parameters : []))
      const idle = Object.entries(reference).flatMap(([name, parameters]) => [
        ...(cmdlets.some((one) => one.name === name) ? [] : [name]),
        ...parameters.filter((one) => !used(name).includes(one)).map((one) => `${name} -${one}`),
      ])
      expect(idle).toEqual([])
    })
  },
)
