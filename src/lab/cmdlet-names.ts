/** The cmdlets that the lab's Management Shell knows; which of them a product lacks stands in `cmdlets.ts`. */
const cmdletNames = [
  'Export-CsConfiguration',
  'Export-CsLisConfiguration',
  'Export-CsUserData',
  'Export-CsRgsConfiguration',
  'Export-CsPersistentChatData',
  'Get-CsCpsConfiguration',
  'Get-CsUser',
  'Get-CsDialInConferencingAccessNumber',
  'Get-CsExUmContact',
  'Get-CsCommonAreaPhone',
  'Get-CsTrustedApplicationEndpoint',
  'Get-CsTopology',
  'Get-CsWindowsService',
  'Get-CsManagementStoreReplicationStatus',
  'Get-CsConfigurationStoreLocation',
  'Test-CsDatabase',
  'Get-CsPoolFabricState',
  'Get-CsPoolBackupRelationship',
  'Get-CsBackupServiceStatus',
  'Get-CsRegistrarConfiguration',
  'Get-CsSimpleUrlConfiguration',
  'Get-CsCertificate',
  'Get-CsPersistentChatComplianceConfiguration',
  'Get-DhcpServerInDC',
  'Get-DhcpServerv4OptionValue',
] as const

/** Those that change something; the machine of the lab runs them (`cmdlets-changing.ts`), not the shell. */
export const changingCmdletNames = [
  'Import-CsConfiguration',
  'Import-CsLisConfiguration',
  'Publish-CsLisConfiguration',
  'Import-CsUserData',
  'Update-CsUserData',
  'Import-CsRgsConfiguration',
  'Import-CsPersistentChatData',
  'Stop-CsWindowsService',
  'Start-CsWindowsService',
  'Start-CsPool',
  'Invoke-CsPoolFailback',
  'Invoke-CsBackupServiceSync',
] as const
export type ChangingCmdletName = (typeof changingCmdletNames)[number]

export const allCmdletNames = [...cmdletNames, ...changingCmdletNames] as const
export type CmdletName = (typeof cmdletNames)[number]

const ofDirectory =
  '[[-Identity] <UserIdParameter>] [-Credential <pscredential>] [-DomainController <Fqdn>] [-Filter <string>] [-OU <OUIdParameter>] [-ResultSize <Unlimited[uint]>]'

/** The parameter sets of each as PowerShell shows them (cmdlet reference), without the common parameters. */
export const parameterSets: Record<CmdletName | ChangingCmdletName, readonly string[]> = {
  'Export-CsConfiguration': ['-FileName <string> [-Force] [-LocalStore]', '-AsBytes [-Force] [-LocalStore]'],
  'Export-CsLisConfiguration': ['-FileName <string> [-LocalStore]', '-AsBytes [-LocalStore]'],
  'Export-CsUserData': ['-PoolFqdn <Fqdn> -FileName <string> [-UserFilter <string>] [-ConfDirectoryFilter <string>]'],
  'Export-CsRgsConfiguration': [
    '[-Source] <RgsIdentity> [-FileName] <string> [-Owner <RgsIdentity>] [-RemoveExportedConfiguration]',
  ],
  'Export-CsPersistentChatData': [
    '-DBInstance <string> -FileName <string> [-DBName <string>] [-Level <string>] [-Scope <string>]',
    '-DBInstance <string> -AsBytes [-DBName <string>] [-Level <string>] [-Scope <string>]',
  ],
  'Get-CsCpsConfiguration': ['[[-Identity] <XdsIdentity>] [-LocalStore]', '[-Filter <string>] [-LocalStore]'],
  'Get-CsUser': [`${ofDirectory} [-LdapFilter <string>] [-UnAssignedUser] [-OnModernServer]`],
  'Get-CsDialInConferencingAccessNumber': [ofDirectory, '-EmptyRegion', '[-Region <string>]'],
  'Get-CsExUmContact': [`${ofDirectory} [-LdapFilter <string>]`],
  'Get-CsCommonAreaPhone': [`${ofDirectory} [-LdapFilter <string>]`],
  'Get-CsTrustedApplicationEndpoint': [
    `${ofDirectory} [-ApplicationId <string>] [-TrustedApplicationPoolFqdn <string>]`,
  ],
  'Get-CsTopology': ['[-AsXml] [-LocalStore]'],
  'Get-CsWindowsService': ['[-Name <string>] [-ComputerName <Fqdn>] [-ExcludeActivityLevel] [-Report <string>]'],
  'Get-CsManagementStoreReplicationStatus': ['[-ReplicaFqdn <Fqdn>]', '-CentralManagementStoreStatus'],
  'Get-CsConfigurationStoreLocation': ['[-GlobalSettingsDomainController <Fqdn>] [-Report <string>]'],
  'Test-CsDatabase': [
    '-ConfiguredDatabases -SqlServerFqdn <Fqdn> [-SqlInstanceName <string>] [-Report <string>] [-WhatIf] [-Confirm]',
    '-CentralManagementDatabase -SqlServerFqdn <Fqdn> [-SqlInstanceName <string>] [-Report <string>] [-WhatIf] [-Confirm]',
    '-LocalService [-Report <string>] [-WhatIf] [-Confirm]',
  ],
  'Get-CsPoolFabricState': ['-PoolFqdn <Fqdn> [-Type <string>] [-ShowAll] [-Force] [-WhatIf] [-Confirm]'],
  'Get-CsPoolBackupRelationship': ['-PoolFqdn <Fqdn> [-LocalStore] [-Force]'],
  'Get-CsBackupServiceStatus': ['-PoolFqdn <Fqdn> [-Category <string>] [-Force]'],
  'Get-CsRegistrarConfiguration': ['[[-Identity] <XdsIdentity>] [-LocalStore]', '[-Filter <string>] [-LocalStore]'],
  'Get-CsSimpleUrlConfiguration': [
    '[[-Identity] <XdsIdentity>] [-Tenant <guid>] [-LocalStore]',
    '[-Filter <string>] [-Tenant <guid>] [-LocalStore]',
  ],
  'Get-CsCertificate': ['[-Type <CertType[]>] [-Report <string>] [[-Identity] <XdsIdentity>]'],
  'Get-CsPersistentChatComplianceConfiguration': [
    '[-Filter <string>] [-LocalStore]',
    '[[-Identity] <XdsIdentity>] [-LocalStore]',
  ],
  'Get-DhcpServerInDC': ['[-CimSession <CimSession[]>] [-ThrottleLimit <int>] [-AsJob]'],
  'Get-DhcpServerv4OptionValue': [
    '[[-ScopeId] <ipaddress>] [-ComputerName <string>] [-OptionId <uint32[]>] [-VendorClass <string>] [-All] [-Brief] [-AsJob]',
  ],
  'Import-CsConfiguration': [
    '[-FileName] <string> [-Force] [-LocalStore]',
    '[-ByteInput] <byte[]> [-Force] [-LocalStore]',
  ],
  'Import-CsLisConfiguration': ['[-FileName] <string>', '[-ByteInput] <byte[]>'],
  'Publish-CsLisConfiguration': ['[-Force] [-WhatIf] [-Confirm]'],
  'Import-CsUserData': [
    '-FileName <string> -PoolFqdn <Fqdn> [-ConfDirectoryFilter <string>] [-DomainController <Fqdn>] [-Force] [-LegacyFormat] [-RoutingGroupFilter <string>] [-UserFilter <string>]',
  ],
  'Update-CsUserData': [
    '[-FileName] <string> [-DomainController <Fqdn>] [-Force] [-RoutingGroupFilter <string>] [-UserFilter <string>] [-WhatIf] [-Confirm]',
  ],
  'Import-CsRgsConfiguration': [
    '-Destination <RgsIdentity> -FileName <string> [-Force] [-OverwriteOwner] [-ReplaceExistingRgsSettings] [-ResolveNameConflicts]',
  ],
  'Import-CsPersistentChatData': ['-DBInstance <string> -FileName <string> [-DBName <string>] [-Level <string>]'],
  'Stop-CsWindowsService': [
    '[[-Name] <string>] [-ComputerName <string>] [-Graceful] [-NoWait] [-Force] [-Report <string>] [-WhatIf] [-Confirm]',
  ],
  'Start-CsWindowsService': [
    '[[-Name] <string>] [-ComputerName <string>] [-NoWait] [-Force] [-Report <string>] [-WhatIf] [-Confirm]',
  ],
  'Start-CsPool': [
    '[-PoolFqdn] <Fqdn> [-Confirm] [-Force] [-QuorumLossRecovery] [-SkipRoutingGroup <string[]>] [-SkipServer <string[]>] [-WhatIf]',
  ],
  'Invoke-CsPoolFailback': [
    '-PoolFqdn <Fqdn> [-DisasterMode] [-Force] [-SkipDataVerification] [-WaitTime <timespan>] [-WhatIf] [-Confirm]',
  ],
  'Invoke-CsBackupServiceSync': ['-PoolFqdn <Fqdn> [-BackupModule <string>] [-Force]'],
}
