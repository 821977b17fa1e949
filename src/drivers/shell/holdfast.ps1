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
$output = [Console]::OpenStandardOutput()
[Console]::SetOut([IO.TextWriter]::Null) # what others print there is no message

# A record separator, the message, a line feed; written at once, so that nothing comes in between.
function Send($message) {
    $bytes = $utf8.GetBytes([string][char]30 + (ConvertTo-Json -InputObject $message -Depth 6 -Compress) + "`n")
    $output.Write($bytes, 0, $bytes.Length)
    $output.Flush()
}

# Texts, numbers, booleans, lists and tables as they are; a document as its XML; whatever else as the text that PowerShell
# shows. BaseObject is without notes, with which engines up to 5.1 write an object.
function ConvertTo-Plain($value, [int]$depth) {
    if ($null -eq $value) { return $null }
    if ($value -is [string] -or $value -is [bool]) { return $value.PSObject.BaseObject }
    if ($value -is [enum]) { return $value.ToString() }
    if ($value -is [datetime]) {
        return $value.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [Globalization.CultureInfo]::InvariantCulture)
    }
    if ($value -is [ValueType] -and $value.GetType().IsPrimitive -and $value -isnot [char]) {
        if ([double]::IsNaN($value) -or [double]::IsInfinity($value)) { return [string]$value } # no JSON has them
        return $value.PSObject.BaseObject
    }
    if ($value -is [System.Xml.XmlNode]) { return $value.OuterXml }
    if ($value -is [System.Collections.IDictionary] -and $depth -lt 3) {
        $plain = New-Object System.Collections.Hashtable
        foreach ($pair in $value.GetEnumerator()) { $plain[[string]$pair.Key] = ConvertTo-Plain $pair.Value ($depth + 1) }
        return $plain
    }
    if ($value -is [System.Collections.IEnumerable] -and $depth -lt 3) {
        $list = @(foreach ($one in $value) { ConvertTo-Plain $one ($depth + 1) })
        return , $list
    }
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
        if ($null -eq $property) { $plain[$name] = $null } else { $plain[$name] = ConvertTo-Plain $property.Value 0 }
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

# The allow-listed parameters of a request for splatting; a text for the first thing that is not as the table has it.
function Get-Arguments($entry, $request) {
    if ($null -eq $entry) { return "The call $($request.call) is not in the table." }
    if ($request.parameters -isnot [System.Management.Automation.PSCustomObject]) { return 'The parameters are not a table.' }
    $arguments = @{}
    foreach ($parameter in @($request.parameters.PSObject.Properties)) {
        $known = $entry.Value.parameters.PSObject.Properties[$parameter.Name]
        if ($null -eq $known) { return "The parameter $($parameter.Name) is not in the table." }
        $fits = $parameter.Value -is [string]
        if ($known.Value -eq 'switch') { $fits = $parameter.Value -is [bool] }
        if (-not $fits) { return "The parameter $($parameter.Name) is of another type." }
        $arguments[$known.Name] = $parameter.Value
    }
    return $arguments
}

function Invoke-Request($line) {
    $id = '' # of a request that names none
    $arguments = 'The request is not an object with id, call and parameters.'
    try {
        $request = $line | ConvertFrom-Json
        if ($line.StartsWith('{') -and $request.id -is [string] -and $request.call -is [string]) {
            $id = $request.id
            $entry = $table.calls.PSObject.Properties[$request.call]
            $arguments = Get-Arguments $entry $request
        }
    }
    catch { $arguments = "The request cannot be read: $_" }
    if ($arguments -is [string]) { Send-Refusal $id $arguments; return }
    $ok = $true
    try {
        & $entry.Value.cmdlet @arguments 2>&1 3>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.ErrorRecord]) { Send-Error $id $_ $false }
            elseif ($_ -is [System.Management.Automation.WarningRecord]) { Send @{ id = $id; event = 'warning'; message = [string]$_ } }
            elseif ($null -ne $_) { Send-Object $id $_ $entry.Value.returns }
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
$loaded = @()
$failed = @{}
foreach ($module in @('Lync', 'SkypeForBusiness' | Where-Object { Get-Module -ListAvailable -Name $_ })) {
    try { Import-Module $module -WarningAction SilentlyContinue -ErrorAction Stop; $loaded += $module }
    catch { $failed[$module] = [string]$_ }
}
$sha256 = New-Object System.Security.Cryptography.SHA256CryptoServiceProvider
$digest = $sha256.ComputeHash([IO.File]::ReadAllBytes($MyInvocation.MyCommand.Path))
Send @{
    hello = @{
        protocol = $table.protocol; script = [BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant()
        pid = $PID; engine = [string]$PSVersionTable.PSVersion; culture = [string](Get-Culture).Name; modules = $loaded
        failed = $failed
    }
}
while ($null -ne ($line = $reader.ReadLine())) {
    if ($line.Trim() -ne '') { Invoke-Request $line.Trim() }
}
