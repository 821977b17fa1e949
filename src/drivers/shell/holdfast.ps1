# The shell host of Holdfast: runs the calls of calls.json, and nothing else, in the Management Shell of this machine.
# Protocol: docs/shell-protocol.md. Language: Windows PowerShell 3.0.
Set-StrictMode -Version 2
$ErrorActionPreference = 'Continue'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'Continue'
# Or an array that came out of a function is written as { value, Count } by engines up to 5.1.
Remove-TypeData -TypeName System.Array -ErrorAction SilentlyContinue

$utf8 = New-Object System.Text.UTF8Encoding($false)
$reader = New-Object System.IO.StreamReader([Console]::OpenStandardInput(), $utf8)
$writer = New-Object System.IO.StreamWriter([Console]::OpenStandardOutput(), $utf8)
$writer.NewLine = "`n"
$writer.AutoFlush = $true
[Console]::SetOut([IO.TextWriter]::Null) # only the protocol goes there

function Send($message) {
    $writer.WriteLine((ConvertTo-Json -InputObject $message -Depth 6 -Compress))
}

# Texts, numbers, booleans and lists as they are; a document as its XML; whatever else as the text that PowerShell shows.
function ConvertTo-Plain($value) {
    if ($null -eq $value) { return $null }
    if ($value -is [string] -or $value -is [bool]) { return $value }
    if ($value -is [enum]) { return $value.ToString() }
    if ($value -is [datetime]) {
        return $value.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [Globalization.CultureInfo]::InvariantCulture)
    }
    if ($value -is [ValueType] -and $value.GetType().IsPrimitive -and $value -isnot [char]) { return $value }
    if ($value -is [System.Collections.IList]) {
        $list = @(foreach ($one in $value) { ConvertTo-Plain $one })
        return , $list
    }
    if ($value -is [System.Xml.XmlNode]) { return $value.OuterXml }
    return [string]$value
}

function Send-Object($id, $value, $properties) {
    if (@($properties).Length -eq 0) {
        $text = [string]$value
        if ($value -is [System.Xml.XmlNode]) { $text = $value.OuterXml }
        Send @{ id = $id; event = 'object'; value = $text }
        return
    }
    $plain = @{}
    foreach ($name in $properties) {
        $property = $value.PSObject.Properties[$name]
        if ($null -eq $property) { $plain[$name] = $null } else { $plain[$name] = ConvertTo-Plain $property.Value }
    }
    Send @{ id = $id; event = 'object'; value = $plain }
}

function Send-Error($id, $record, [bool]$terminating) {
    $position = ''
    if ($null -ne $record.InvocationInfo) { $position = [string]$record.InvocationInfo.PositionMessage }
    Send @{
        id = $id; event = 'error'; message = [string]$record; category = [string]$record.CategoryInfo.Category
        errorId = [string]$record.FullyQualifiedErrorId; position = $position; terminating = $terminating
    }
}

function Send-Refusal($id, $message) {
    Send @{ id = $id; event = 'error'; message = $message; category = 'InvalidArgument'; errorId = ''; position = ''; terminating = $true }
    Send @{ id = $id; event = 'end'; ok = $false }
}

# The allow-listed parameters of a request for splatting; a text for the first that the table does not take.
function Get-Arguments($call, $parameters) {
    $arguments = @{}
    foreach ($parameter in @($parameters.PSObject.Properties)) {
        $known = $call.parameters.PSObject.Properties[$parameter.Name]
        if ($null -eq $known) { return "The parameter $($parameter.Name) is not in the table." }
        $fits = $parameter.Value -is [string]
        if ($known.Value -eq 'switch') { $fits = $parameter.Value -is [bool] }
        if (-not $fits) { return "The parameter $($parameter.Name) is of another type." }
        $arguments[$known.Name] = $parameter.Value
    }
    return $arguments
}

function Invoke-Request($request) {
    $id = [string]$request.id
    $entry = $table.calls.PSObject.Properties[[string]$request.call]
    if ($null -eq $entry) { Send-Refusal $id "The call $($request.call) is not in the table."; return }
    $arguments = Get-Arguments $entry.Value $request.parameters
    if ($arguments -is [string]) { Send-Refusal $id $arguments; return }
    $ok = $true
    try {
        & $entry.Value.cmdlet @arguments 2>&1 3>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.ErrorRecord]) { Send-Error $id $_ $false }
            elseif ($_ -is [System.Management.Automation.WarningRecord]) { Send @{ id = $id; event = 'warning'; message = [string]$_ } }
            else { Send-Object $id $_ $entry.Value.returns }
        }
    }
    catch {
        $ok = $false
        Send-Error $id $_ $true
    }
    Send @{ id = $id; event = 'end'; ok = $ok }
}

$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$table = [IO.File]::ReadAllText((Join-Path $here 'calls.json'), $utf8) | ConvertFrom-Json
$modules = @('Lync', 'SkypeForBusiness' | Where-Object { Get-Module -ListAvailable -Name $_ })
foreach ($module in $modules) { Import-Module $module -WarningAction SilentlyContinue }
$sha256 = New-Object System.Security.Cryptography.SHA256CryptoServiceProvider
$digest = $sha256.ComputeHash([IO.File]::ReadAllBytes($MyInvocation.MyCommand.Path))
Send @{
    hello = @{
        protocol = $table.protocol; script = [BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant()
        pid = $PID; engine = [string]$PSVersionTable.PSVersion; culture = [string](Get-Culture).Name; modules = $modules
    }
}
while ($null -ne ($line = $reader.ReadLine())) {
    if ($line.Trim() -ne '') { Invoke-Request ($line | ConvertFrom-Json) }
}
