# The cmdlets that calls.json names, for proving the shell host's script without a Lync deployment. They take the
# documented parameters and do what is documented, or what the one word in behaviour.txt beside this file says.
# Language: Windows PowerShell 3.0.
Set-StrictMode -Version 2
Add-Type -AssemblyName System.IO.Compression

function Get-Behaviour {
    $file = Join-Path $PSScriptRoot 'behaviour.txt'
    if (Test-Path -LiteralPath $file) { return [IO.File]::ReadAllText($file).Trim() }
    return 'ordinary'
}

function New-Record([Exception]$exception, [string]$id, $category, $target) {
    return New-Object System.Management.Automation.ErrorRecord($exception, $id, $category, $target)
}

# A real ZIP file of one or two XML documents.
function Write-Export([string]$path, [string[]]$names, [string]$text) {
    $stream = New-Object System.IO.FileStream($path, [IO.FileMode]::Create)
    $zip = New-Object System.IO.Compression.ZipArchive($stream, [IO.Compression.ZipArchiveMode]::Create)
    foreach ($name in $names) {
        $writer = New-Object System.IO.StreamWriter($zip.CreateEntry($name).Open())
        $writer.Write($text)
        $writer.Dispose()
    }
    $zip.Dispose()
    $stream.Dispose()
}

# A program that prints by itself, past PowerShell: a line in another code page and half a line.
function Start-Printing {
    $start = New-Object System.Diagnostics.ProcessStartInfo('/bin/sh', '-c "printf ''Gr\224\341e \377\n{}\n50 %%''"')
    if ([IO.Path]::DirectorySeparatorChar -eq '\') {
        $start = New-Object System.Diagnostics.ProcessStartInfo('cmd.exe', "/d /c echo Gr$([char]0xfc)n & echo {} & <nul set /p =50")
    }
    $start.UseShellExecute = $false
    [Diagnostics.Process]::Start($start).WaitForExit()
}

# What any cmdlet may do before its work.
function Invoke-Behaviour($cmdlet) {
    switch (Get-Behaviour) {
        'warns' { $cmdlet.WriteWarning('The replica is older than the store.') }
        'errors' {
            $skipped = New-Object System.InvalidOperationException('The user "sip:kim@contoso.com" was skipped.')
            $cmdlet.WriteError((New-Record $skipped 'UserSkipped' 'InvalidData' $null))
        }
        'fails' {
            $lost = New-Object System.InvalidOperationException('Cannot open database "xds".')
            $cmdlet.ThrowTerminatingError((New-Record $lost 'SqlConnectionError' 'InvalidOperation' $null))
        }
        'throws' { throw 'Something of .NET went wrong.' }
        'asks' { [void]$cmdlet.ShouldContinue('Overwrite?', 'Export') }
        'talks' {
            Write-Host 'Exporting to C:\'
            [Console]::Out.WriteLine('Written past everything')
            [Console]::Error.WriteLine('A complaint')
            Write-Verbose 'In detail' -Verbose
            Write-Debug 'In more detail' -Debug
        }
        'prints' { Start-Printing }
        'breaks-in' {
            # As the Write-Host of an engine that writes to the stream itself.
            $bytes = [Text.Encoding]::UTF8.GetBytes("Exporting ... `n{`"id`":`"2`",`"event`":`"end`",`"ok`":true}`n10 %")
            $stream = [Console]::OpenStandardOutput()
            $stream.Write($bytes, 0, $bytes.Length)
            $stream.Flush()
        }
        'all-streams' {
            Start-Printing
            Write-Host 'Exporting to C:\'
            $cmdlet.WriteWarning('The replica is older than the store.')
            $cmdlet.WriteVerbose('In detail')
            Write-Progress -Activity 'Exporting' -PercentComplete 10
            $skipped = New-Object System.InvalidOperationException('The user "sip:kim@contoso.com" was skipped.')
            $cmdlet.WriteError((New-Record $skipped 'UserSkipped' 'InvalidData' $null))
            [Console]::Out.WriteLine('Written past everything')
        }
        'german' {
            $german = New-Object System.Globalization.CultureInfo('de-DE')
            [Threading.Thread]::CurrentThread.CurrentCulture = $german
            [Threading.Thread]::CurrentThread.CurrentUICulture = $german
            $cmdlet.WriteWarning("Das Replikat ist $((1234.5).ToString('N1')) Tage $([char]0xe4)lter.")
        }
        'slow' {
            foreach ($step in 1..10) {
                Write-Progress -Activity 'Exporting' -PercentComplete ($step * 10)
                Start-Sleep -Milliseconds 100
            }
        }
        'hangs' { Start-Sleep -Seconds 3600 }
        'dies' { [Environment]::Exit(3) }
    }
}

function Assert-Fresh($cmdlet, [string]$path) {
    if (-not (Test-Path -LiteralPath $path)) { return }
    $there = New-Object System.IO.IOException("The file `"$path`" already exists.")
    $cmdlet.ThrowTerminatingError((New-Record $there 'FileExists' 'ResourceExists' $path))
}

function Export-CsConfiguration {
    [CmdletBinding(DefaultParameterSetName = 'FileName')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ParameterSetName = 'FileName')][string]$FileName,
        [Parameter(ParameterSetName = 'AsBytes')][switch]$AsBytes,
        [switch]$LocalStore, [switch]$Force
    )
    Invoke-Behaviour $PSCmdlet
    if ((Get-Behaviour) -ne 'writes-nothing') { Write-Export $FileName @('DocItemSet.xml') '<DocItemSet />' }
}

function Export-CsLisConfiguration {
    [CmdletBinding(DefaultParameterSetName = 'FileName')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ParameterSetName = 'FileName')][string]$FileName,
        [Parameter(ParameterSetName = 'AsBytes')][switch]$AsBytes
    )
    Invoke-Behaviour $PSCmdlet
    Assert-Fresh $PSCmdlet $FileName
    Write-Export $FileName @('Lis.xml') '<Lis />'
}

function Export-CsUserData {
    [CmdletBinding(DefaultParameterSetName = 'PoolFqdn')]
    param(
        [Parameter(Mandatory = $true)][string]$FileName,
        [Parameter(Mandatory = $true, ParameterSetName = 'PoolFqdn')][string]$PoolFqdn,
        [Parameter(Mandatory = $true, ParameterSetName = 'Identity')][string]$Identity,
        [string]$UserFilter, [string]$ConfDirectoryFilter, [string]$DomainController, [switch]$LegacyFormat, [switch]$Force
    )
    Invoke-Behaviour $PSCmdlet
    Write-Export $FileName @('DocItemSet.xml', 'ConfDirectories.xml') '<DocItemSet />'
    # Documented: the export stops at that user, and what was written so far stays.
    if ((Get-Behaviour) -eq 'bad-urn') {
        $urn = New-Object System.UriFormatException('"urn:hcd:User1/test@contoso.com" is not a valid uniform resource name')
        $PSCmdlet.ThrowTerminatingError((New-Record $urn 'System.UriFormatException' 'NotSpecified' $null))
    }
}

function Export-CsRgsConfiguration {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$FileName,
        [Parameter(Mandatory = $true)][string]$Source,
        [string]$Owner, [switch]$RemoveExportedConfiguration, [switch]$Force
    )
    Invoke-Behaviour $PSCmdlet
    if ($RemoveExportedConfiguration) { throw 'Nobody may ask for this.' }
    Assert-Fresh $PSCmdlet $FileName
    Write-Export $FileName @('RgsConfiguration.xml') '<Rgs />'
}

function Export-CsPersistentChatData {
    [CmdletBinding(DefaultParameterSetName = 'FileName')]
    param(
        [Parameter(Mandatory = $true)][string]$DBInstance,
        [Parameter(ParameterSetName = 'FileName')][string]$FileName,
        [Parameter(ParameterSetName = 'AsBytes')][switch]$AsBytes,
        [string]$DBName, [string]$Level, [string[]]$Scope, [datetime]$StartDate, [string]$Report,
        [switch]$DisableExportedNodes
    )
    Invoke-Behaviour $PSCmdlet
    if ($DisableExportedNodes) { throw 'Nobody may ask for this.' }
    Write-Export $FileName @('Rooms.xml') '<Rooms />'
}

function Get-CsCpsConfiguration {
    [CmdletBinding(DefaultParameterSetName = 'Identity')]
    param(
        [Parameter(Position = 0, ParameterSetName = 'Identity')][string]$Identity,
        [Parameter(ParameterSetName = 'Filter')][string]$Filter,
        [switch]$LocalStore
    )
    Invoke-Behaviour $PSCmdlet
    $uri = ''
    $timeout = New-Object System.TimeSpan(0, 1, 30)
    $attempts = 1
    $music = $true
    $hold = $null
    switch (Get-Behaviour) {
        'large' { $uri = 'x' * 5MB }
        'lists' { $uri = @('sip:kim@contoso.com', $null, 'sip:sam@contoso.com'); $attempts = @(3) }
        'odd-texts' { $uri = "Z$([char]0xfc)rich $([char]0x6771)$([char]0x4eac) `"quoted`" \ <&> `r`n$([char]0x2028) end" }
        'notes' {
            $uri, $attempts, $music, $timeout = foreach ($value in 'sip:kim@contoso.com', 3, $false, [datetime]'2026-07-29Z') {
                Add-Member -InputObject $value -MemberType NoteProperty -Name Source -Value 'by hand' -PassThru
            }
            $hold = Add-Member -InputObject @('a', 'b') -MemberType NoteProperty -Name Source -Value 'by hand' -PassThru
        }
        'not-numbers' {
            $timeout = [double]::NaN
            $attempts = [double]::PositiveInfinity
            $uri = @([single]::NegativeInfinity, 1.5, [long]::MaxValue, [decimal]0.1)
            $hold = [char]'x'
        }
        'collections' {
            $uri = New-Object System.Collections.Generic.HashSet[string]
            [void]$uri.Add('sip:kim@contoso.com')
            $attempts = New-Object System.Collections.Generic.Queue[int]
            $attempts.Enqueue(3)
            $timeout = New-Object System.Collections.ArrayList
            [void]$timeout.AddRange(@('a', @('b', $null), @()))
            $music = New-Object 'System.Collections.Generic.Dictionary[int,object]'
            $music.Add(7, @($true))
            $hold = @{ keys = 'own'; Inner = @{ count = [DayOfWeek]::Monday } }
        }
        'endless-nesting' {
            $uri = New-Object System.Collections.ArrayList
            [void]$uri.Add('within itself')
            [void]$uri.Add($uri)
        }
        'other-culture' {
            $german = New-Object System.Globalization.CultureInfo('de-DE')
            [Threading.Thread]::CurrentThread.CurrentCulture = $german
            $timeout = New-Object System.DateTime(2026, 7, 29, 2, 0, 0, 125, ([DateTimeKind]::Utc))
            $attempts = 1234.5
            $uri = [decimal]1234.5
        }
    }
    if ((Get-Behaviour) -eq 'nulls') { $null }
    foreach ($scope in 'Global', 'Site:Redmond') {
        New-Object PSObject -Property @{
            Identity = $scope; CallPickupTimeoutThreshold = $timeout; EnableMusicOnHold = $music
            MaxCallPickupAttempts = $attempts; OnTimeoutURI = $uri; OnHold = $hold; Anchor = $PSCmdlet
        }
    }
}

function Get-CsTopology {
    [CmdletBinding()]
    param([switch]$AsXml, [switch]$LocalStore)
    Invoke-Behaviour $PSCmdlet
    if (-not $AsXml) { return New-Object PSObject }
    $text = '<Topology><InternalDomain Name="contoso.com" /></Topology>'
    if ((Get-Behaviour) -eq 'document') { return , [xml]$text }
    return $text
}

# A value of a type of its own, which PowerShell shows as this text.
function New-Shown([string]$text) {
    $shown = New-Object PSObject
    Add-Member -InputObject $shown -MemberType ScriptMethod -Name ToString -Value ([scriptblock]::Create("'$text'")) -Force
    return $shown
}

function Get-CsWindowsService {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)][string]$Name, [string]$ComputerName, [switch]$ExcludeActivityLevel, [string]$Report
    )
    Invoke-Behaviour $PSCmdlet
    foreach ($service in 'RTCSRV', 'REPLICA') {
        New-Object PSObject -Property @{
            Name = $service; Status = [Threading.ThreadState]::Running; DisplayName = 'Front-End'; RoleName = @('Registrar')
        }
    }
}

function Get-CsManagementStoreReplicationStatus {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string]$ReplicaFqdn, [switch]$CentralManagementStoreStatus)
    Invoke-Behaviour $PSCmdlet
    if ((Get-Behaviour) -eq 'other-culture') {
        [Threading.Thread]::CurrentThread.CurrentCulture = New-Object System.Globalization.CultureInfo('de-DE')
    }
    $reported = New-Object System.DateTime(2026, 7, 29, 2, 0, 0, 125, ([DateTimeKind]::Utc))
    if ($CentralManagementStoreStatus) {
        $agents = New-Object System.Collections.Generic.List[object]
        $agents.Add((New-Shown 'fe01.contoso.com'))
        return New-Object PSObject -Property @{
            ActiveMasterFqdn = New-Shown 'fe01.contoso.com'; ActiveMasterLastHeartbeat = $reported
            ActiveFileTransferAgents = $agents
        }
    }
    New-Object PSObject -Property @{
        ReplicaFqdn = New-Shown 'fe01.contoso.com'; UpToDate = $true; LastStatusReport = $reported
        LastUpdateCreation = $reported.ToLocalTime(); ProductVersion = New-Object System.Version(6, 0, 9319, 623)
    }
}

function Get-CsConfigurationStoreLocation {
    [CmdletBinding()]
    param([string]$GlobalSettingsDomainController, [string]$Report)
    Invoke-Behaviour $PSCmdlet
    if ((Get-Behaviour) -eq 'nulls') { return $null }
    if ((Get-Behaviour) -ne 'objects') { return 'sql01.contoso.com\rtc' }
    New-Object PSObject -Property @{ BackEndServer = 'sql01.contoso.com\rtc'; MirrorBackEndServer = $null }
}

function Test-CsDatabase {
    [CmdletBinding(DefaultParameterSetName = 'ByConfigured', SupportsShouldProcess = $true)]
    param(
        [Parameter(Mandatory = $true, ParameterSetName = 'ByConfigured')][switch]$ConfiguredDatabases,
        [Parameter(Mandatory = $true, ParameterSetName = 'ByConfigured')][string]$SqlServerFqdn,
        [Parameter(Mandatory = $true, ParameterSetName = 'ByLocal')][switch]$LocalService, [string]$Report
    )
    Invoke-Behaviour $PSCmdlet
    New-Object PSObject -Property @{
        SqlServerFqdn = $SqlServerFqdn; SqlInstanceName = 'rtc'; MirrorSqlServerFqdn = ''; DatabaseName = 'xds'
        ExpectedVersion = New-Shown '10.13.2'; InstalledVersion = ''; Succeed = $true
    }
}

function Get-CsPoolFabricState {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string]$PoolFqdn, [string]$Type, [string]$HealthState, [switch]$ShowAll,
        [string]$OutputCsvFile, [switch]$Force
    )
    Invoke-Behaviour $PSCmdlet
    return "Routing group: 1`r`n  Primary: fe01.contoso.com`r`n  Secondary: fe02.contoso.com`r`n"
}

function Get-CsPoolBackupRelationship {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string]$PoolFqdn, [switch]$LocalStore, [switch]$Force)
    Invoke-Behaviour $PSCmdlet
    New-Object PSObject -Property @{ PoolFqdn = New-Shown $PoolFqdn; BackupPoolFqdn = New-Shown 'pool02.contoso.com' }
}

function Get-CsBackupServiceStatus {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string]$PoolFqdn, [string]$Category, [switch]$Force)
    Invoke-Behaviour $PSCmdlet
    New-Object PSObject -Property @{
        OverallExportStatus = 'NormalState'; OverallImportStatus = 'NormalState'
        BackupModules = @(
            (New-Shown 'UserServices.PresenceFocus:[SteadyState,NormalState]')
            (New-Shown 'ConfServices.DataConf:[FinalState,NormalState]')
        )
    }
}

function Get-CsRegistrarConfiguration {
    [CmdletBinding()]
    param([string]$Identity, [string]$Filter, [switch]$LocalStore)
    Invoke-Behaviour $PSCmdlet
    New-Object PSObject -Property @{ Identity = New-Shown 'Global'; PoolState = New-Shown 'Active' }
    New-Object PSObject -Property @{
        Identity = New-Shown 'Service:Registrar:pool01.contoso.com'; PoolState = New-Shown 'Active'
    }
}

function Get-CsSimpleUrlConfiguration {
    [CmdletBinding()]
    param([string]$Identity, [string]$Filter, [guid]$Tenant, [switch]$LocalStore)
    Invoke-Behaviour $PSCmdlet
    $urls = New-Object System.Collections.Generic.List[object]
    foreach ($component in 'Meet', 'Dialin') {
        $urls.Add((New-Shown "Component=$component;Domain=contoso.com;ActiveUrl=https://$component.contoso.com"))
    }
    New-Object PSObject -Property @{ Identity = New-Shown 'Global'; SimpleUrl = $urls }
}

function Get-CsCertificate {
    [CmdletBinding()]
    param([string[]]$Type, [string]$Report, [string]$Identity)
    Invoke-Behaviour $PSCmdlet
    $until = New-Object System.DateTime(2027, 7, 29, 2, 0, 0, 125, ([DateTimeKind]::Utc))
    New-Object PSObject -Property @{
        Use = New-Shown 'OAuthTokenIssuer'; Subject = 'CN=contoso.com'; Issuer = 'CN=ContosoCA'; SerialNumber = '611BB012'
        Thumbprint = 'A9D51A2911C74FABFF7F2A8A994B20857D399107'; NotAfter = $until
        AlternativeNames = [string[]]@('contoso.com')
    }
}

function Get-CsPersistentChatComplianceConfiguration {
    [CmdletBinding()]
    param([string]$Identity, [string]$Filter, [switch]$LocalStore)
    Invoke-Behaviour $PSCmdlet
    New-Object PSObject -Property @{
        Identity = New-Shown 'Global'; RunInterval = [TimeSpan]::FromMinutes(15)
        AdapterType = 'Microsoft.Rtc.Internal.Chat.Server.Compliance.XmlAdapter,compliance'
    }
}

# What Active Directory holds; types of their own, as the real ones have for names, pools and policies.
function Get-CsUser {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)][string]$Identity, [string]$Filter, [string]$LdapFilter, [string]$OU,
        [string]$DomainController, [string]$ResultSize, [switch]$UnAssignedUser
    )
    Invoke-Behaviour $PSCmdlet
    $count = 2
    if ((Get-Behaviour) -eq 'many') { $count = 2000 }
    for ($number = $count; $number -gt 0; $number--) {
        New-Object PSObject -Property @{
            Identity = New-Shown "CN=User $number,OU=Redmond,DC=contoso,DC=com"; SipAddress = "sip:user$number@contoso.com"
            DisplayName = "User $number"; FirstName = 'User'; LastName = [string]$number; SamAccountName = "user$number"
            UserPrincipalName = "user$number@contoso.com"; WindowsEmailAddress = "user$number@contoso.com"; Enabled = $true
            RegistrarPool = New-Shown 'pool01.contoso.com'; HomeServer = New-Shown 'CN=Lc Services,DC=contoso,DC=com'
            HostingProvider = 'SRV:'; LineURI = "tel:+1425555$number"; EnterpriseVoiceEnabled = $true; ExUmEnabled = $true
            RemoteCallControlTelephonyEnabled = $false; AudioVideoDisabled = $false
            ExchangeArchivingPolicy = [DayOfWeek]::Monday; VoicePolicy = New-Shown 'International'; ConferencingPolicy = New-Shown 'Webinars'
        }
    }
}

function New-Contact([string]$name) {
    return @{
        Identity = New-Shown "CN={$name},CN=Application Contacts,DC=contoso,DC=com"; SipAddress = "sip:$name@contoso.com"
        DisplayName = $name; DisplayNumber = '+14255550100'; Enabled = $true; LineURI = 'tel:+14255550100'
        RegistrarPool = New-Shown 'pool01.contoso.com'; HomeServer = New-Shown 'CN=Lc Services,DC=contoso,DC=com'
        HostingProvider = 'SRV:'; EnterpriseVoiceEnabled = $true
    }
}

function Get-CsDialInConferencingAccessNumber {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string]$Identity, [string]$Filter, [string]$OU, [string]$Region, [switch]$EmptyRegion)
    Invoke-Behaviour $PSCmdlet
    New-Object PSObject -Property @{
        Identity = New-Shown 'CN={dialin},CN=Application Contacts,DC=contoso,DC=com'; PrimaryUri = 'sip:dialin@contoso.com'
        DisplayName = 'Dial-in'; DisplayNumber = '+14255550100'; LineUri = 'tel:+14255550100'
        Pool = New-Shown 'pool01.contoso.com'; HostingProvider = 'SRV:'; PrimaryLanguage = 'en-US'
        SecondaryLanguages = [string[]]@('de-DE', 'fr-FR'); Regions = [string[]]@('Redmond'); ScopeToSite = $false
    }
}

function Get-CsExUmContact {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string]$Identity, [string]$Filter, [string]$LdapFilter, [string]$OU)
    Invoke-Behaviour $PSCmdlet
    $contact = New-Contact 'attendant'
    $contact.AutoAttendant = $true
    $contact.IsSubscriberAccess = $false
    New-Object PSObject -Property $contact
}

function Get-CsCommonAreaPhone {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string]$Identity, [string]$Filter, [string]$LdapFilter, [string]$OU)
    Invoke-Behaviour $PSCmdlet
    $contact = New-Contact 'lobby'
    $contact.ExUmEnabled = $false
    $contact.VoicePolicy = New-Shown 'CommonAreaPhones'
    $contact.Description = 'Lobby'
    New-Object PSObject -Property $contact
}

function Get-CsTrustedApplicationEndpoint {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string]$Identity, [string]$Filter, [string]$ApplicationId, [string]$OU)
    Invoke-Behaviour $PSCmdlet
    $contact = New-Contact 'helpdesk'
    $contact.OwnerUrn = New-Shown 'urn:application:helpdesk'
    $contact.EnabledForFederation = $false
    $contact.PrimaryLanguage = 'en-US'
    $contact.SecondaryLanguages = @()
    New-Object PSObject -Property $contact
}

# From the module DhcpServer of Windows.
function Get-DhcpServerInDC {
    [CmdletBinding()]
    param([int]$ThrottleLimit)
    Invoke-Behaviour $PSCmdlet
    New-Object PSObject -Property @{ DnsName = 'dhcp01.contoso.com'; IPAddress = [Net.IPAddress]::Loopback }
}

function Get-DhcpServerv4OptionValue {
    [CmdletBinding()]
    param(
        [string]$ComputerName, [uint32[]]$OptionId, [string]$ScopeId, [string]$VendorClass, [string]$UserClass,
        [switch]$All, [switch]$Brief
    )
    Invoke-Behaviour $PSCmdlet
    foreach ($class in '', 'MSUCClient') {
        New-Object PSObject -Property @{
            OptionId = [uint32]120; Name = 'UCSipServer'; VendorClass = $class; Value = [string[]]@('0x00', '0x06')
        }
    }
}

if ((Get-Behaviour) -eq 'does-not-load') { throw 'The assembly Microsoft.Rtc.Management is missing.' }
if ((Get-Behaviour) -eq 'complains-at-load') {
    Write-Host 'Welcome'
    Write-Warning 'A newer version is there.'
    Start-Printing
}
$all = @(
    'Export-CsConfiguration', 'Export-CsLisConfiguration', 'Export-CsUserData', 'Export-CsRgsConfiguration'
    'Export-CsPersistentChatData', 'Get-CsCpsConfiguration', 'Get-CsTopology', 'Get-CsWindowsService'
    'Get-CsManagementStoreReplicationStatus', 'Get-CsConfigurationStoreLocation', 'Test-CsDatabase'
    'Get-CsPoolFabricState', 'Get-CsPoolBackupRelationship', 'Get-CsBackupServiceStatus', 'Get-CsRegistrarConfiguration'
    'Get-CsSimpleUrlConfiguration', 'Get-CsCertificate', 'Get-CsPersistentChatComplianceConfiguration'
    'Get-DhcpServerInDC'
    'Get-DhcpServerv4OptionValue', 'Get-CsUser', 'Get-CsDialInConferencingAccessNumber', 'Get-CsExUmContact'
    'Get-CsCommonAreaPhone', 'Get-CsTrustedApplicationEndpoint'
)
if ((Get-Behaviour) -eq 'missing') { $all = @($all | Where-Object { $_ -ne 'Export-CsUserData' }) }
Export-ModuleMember -Function $all
