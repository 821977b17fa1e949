# Runs a script as it would find Windows PowerShell 3.0 to 5.1, as far as its ConvertTo-Json goes: first the compiled
# writer, then the script.
param([string]$Writer, [string]$Script)
Add-Type -Path $Writer
# Their types.ps1xml gives every array a Count.
Update-TypeData -TypeName System.Array -MemberType AliasProperty -MemberName Count -Value Length
function global:ConvertTo-Json {
    param($InputObject, [int]$Depth = 2, [switch]$Compress)
    return [OldJsonWriter]::Write($InputObject, $Depth)
}
& $Script
