import { reasonOf } from '../domain/backup-set.ts'
import { compareItems } from '../domain/inventory.ts'
import { tellNotTaken } from '../domain/not-taken.ts'
import { commitRecordFile, manifestFile } from './manifest.ts'
import type { RecordedItem, SetRecord } from './record.ts'
import { singleItemsText } from './restore-items.ts'
import { cell, fence, inline } from './restore-markdown.ts'
import { proceduresText, type Known } from './restore-procedures.ts'

/** `RESTORE.md`: what is in this set, and how to use it with this folder alone. */
export function restoreText(record: SetRecord, known: Known): string {
  return [
    heading(record),
    contents(record),
    checking(),
    before(),
    singleItemsText(record),
    proceduresText(record, known),
  ].join('\n')
}

function heading(record: SetRecord): string {
  return `# Backup set ${record.id}

Deployment ${inline(record.deployment)}, begun ${record.startedAt}, closed ${record.finishedAt ?? 'never'}. Desired state: revision ${inline(record.revision)}.
This folder can be used without the program that made it. Its format is described by the file backup-set.json itself:
every item with its file, its size and how it ended.
`
}

function contents(record: SetRecord): string {
  const rows = [...record.items]
    .sort(compareItems)
    .map(
      ({ kind, subject, path, outcome, code, message, notTaken }) =>
        `| ${kind} | ${inline(subject)} | ${outcome} | ${outcome === 'failed' || outcome === 'skipped' ? '' : inline(path)} | ${cell([reasonOf({ code, message }), leftOut(notTaken)].filter(Boolean).join(' '))} |`,
    )
  return ['## What is in here', '', '| Item | Of | Outcome | Where | |', '|---|---|---|---|---|', ...rows, ''].join(
    '\n',
  )
}

function leftOut(notTaken: RecordedItem['notTaken']): string {
  const told = tellNotTaken(notTaken)
  return told.length === 0 ? '' : `Not taken: ${told.join('; ')}.`
}

function checking(): string {
  return `## Check it first

${fence('sh', `sha256sum --quiet --strict -c ${commitRecordFile} && sha256sum --quiet --strict -c ${manifestFile}`)}

On Windows, in this folder (PowerShell 3.0 or later; it prints what is damaged or missing):

${fence(
  'powershell',
  `$sha256 = New-Object System.Security.Cryptography.SHA256CryptoServiceProvider
Get-Content ${manifestFile} -Encoding UTF8 | ForEach-Object {
  $hash, $path = $_ -split '  ', 2
  try {
    $file = [IO.File]::OpenRead((Convert-Path -LiteralPath $path -ErrorAction Stop))
    try { $is = [BitConverter]::ToString($sha256.ComputeHash($file)) -replace '-' } finally { $file.Close() }
  } catch { $is = '' }
  if ($is -ne $hash) { "DAMAGED $path" }
}`,
)}
`
}

function before(): string {
  return `## Before anything is restored

Restore only onto new or clean machines, under the old names: the same FQDNs, SQL instance names, share and file names.
Do not delete the computer account in Active Directory. Certificates first. The account needs RTCUniversalServerAdmins,
and local Administrators where the Deployment Wizard runs. A server that still holds data must not be restored over.
Copy the exports to a local folder first; a cmdlet may not read a UNC path.
`
}
