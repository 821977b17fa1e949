import { uncPath } from '../domain/backup-set.ts'
import * as commands from '../domain/restore-commands.ts'
import { foldSubject } from '../domain/subject.ts'
import type { ItemKind } from '../domain/words.ts'
import type { RecordedItem, SetRecord } from './record.ts'
import { cell, fence, inline } from './restore-markdown.ts'

/** What can be had from a set while no server is lost, and what has to be known of its items. */
export function singleItemsText(record: SetRecord): string {
  const usable = record.items.filter(({ outcome }) => outcome === 'ok' || outcome === 'suspect')
  const of = (kind: ItemKind): RecordedItem[] =>
    usable
      .filter((item) => item.kind === kind)
      .sort((a, b) => (foldSubject(a.subject) < foldSubject(b.subject) ? -1 : 1))
  return [
    ...of('environment').map(environment),
    ...oneUser(of('user-data'), record),
    ...of('directory-record').map(directory),
    ...databases(of('sql-database')),
    ...callPark(of('call-park')),
    ...fileStores(of('file-store')),
  ].join('\n')
}

function environment({ path }: RecordedItem): string {
  return `## How it was

What must be the same again (names, addresses, instances, certificates) is in ${inline(path)}.
`
}

/** "Update-CsUserData". */
function oneUser(items: readonly RecordedItem[], record: SetRecord): string[] {
  if (items.length === 0) return []
  const pools = items.map(
    ({ subject, path }) =>
      `A user of pool ${inline(subject)}:\n\n${fence('powershell', commands.updateUserData(uncPath(record, path)))}\n`,
  )
  return [
    `## One user's contacts and conferences

They go into the living pool, and no service is stopped. Name the user by the SIP address, without \`sip:\`. A user whose
contacts have moved to Exchange since must not be imported.

${pools.join('\n')}`,
  ]
}

function directory({ path }: RecordedItem): string {
  return `## What only Active Directory holds

Users with SIP address, pool, policies and line URI; contact objects; trusted endpoints: no export has them, and
they come back with Active Directory itself. ${inline(path)} is a record of them, **no restore source**: one JSON object
a line, sorted by distinguished name. Compare it with what the same cmdlets show now, and correct what differs with
\`Set-CsUser\`, \`Move-CsUser\`, the \`Grant-Cs...Policy\` cmdlets and those of each contact object:

${fence('powershell', compareUsers(path))}
`
}

/** Windows PowerShell 3.0; run in the folder of the set. */
function compareUsers(path: string): string {
  return `$then = Get-Content ${path.replaceAll('/', '\\')}\\users.jsonl -Encoding UTF8 | ForEach-Object { $_ | ConvertFrom-Json }
$told = { "$($_.SipAddress) $($_.RegistrarPool) $($_.LineURI)" }
Compare-Object @($then | ForEach-Object $told) @(Get-CsUser | ForEach-Object $told)`
}

/** What of each database a restore has to know before it begins. */
function databases(items: readonly RecordedItem[]): string[] {
  const rows = items.flatMap(({ subject, database }) => {
    if (database === undefined) return []
    const { recoveryModel, collation, encryptor, logShipped } = database
    const encrypted = encryptor === null ? 'no' : `**yes**, by ${inline(`0x${encryptor}`)}`
    const shipped = logShipped === undefined ? 'not seen' : logShipped ? 'yes' : 'no'
    return [
      `| ${inline(subject)} | ${cell(recoveryModel)} | ${cell(collation ?? 'not known')} | ${encrypted} | ${shipped} |`,
    ]
  })
  if (rows.length === 0) return []
  return [
    `## The databases, as they were

| Database | Recovery model | Collation | Encrypted (TDE) | Log shipped |
|---|---|---|---|---|
${rows.join('\n')}

Without the certificate of that thumbprint and its private key in \`master\`, no server opens the backup of an encrypted
database. Set log shipping up again after a restore.
`,
  ]
}

function callPark(items: readonly RecordedItem[]): string[] {
  if (items.length === 0) return []
  const rows = items.map(({ subject, path }) => `- Pool ${inline(subject)}: ${inline(path)}`)
  return [
    `## Call Park settings

What \`Get-CsCpsConfiguration\` showed. Needed only for a pool with another name: set it again with \`Set-CsCpsConfiguration\`.

${rows.join('\n')}
`,
  ]
}

function fileStores(items: readonly RecordedItem[]): string[] {
  if (items.length === 0) return []
  const rows = items.map(({ subject, path }) => `- ${inline(subject)}: ${inline(`${path}.listing.jsonl`)}`)
  return [
    `## The file stores, as they were

Files whose names had to be changed, empty folders and time stamps, one JSON object a line. Access lists are not kept:
\`Enable-CsTopology\` sets them.

${rows.join('\n')}
`,
  ]
}
