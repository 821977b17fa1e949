import * as commands from '../domain/restore-commands.ts'
import { reasonOf } from '../domain/backup-set.ts'
import { compareItems } from '../domain/inventory.ts'
import { tellNotTaken } from '../domain/not-taken.ts'
import { foldSubject, parseDatabase, sameSubject, sqlSubject } from '../domain/subject.ts'
import type { ItemKind } from '../domain/words.ts'
import { commitRecordFile, manifestFile } from './manifest.ts'
import type { RecordedItem, SetRecord } from './record.ts'

/** What to do with one item, as the vendor's restore chapter and SQL Server's documentation say it. */
interface Guide {
  title: string
  /** Prose and commands with the real names of the set; `file` is the UNC path of the artefact. */
  text(item: RecordedItem, file: string): string
}

/**
 * `RESTORE.md`: what is in this set and how to use it without Holdfast. The commands are those of the vendor's chapter
 * Restoring Lync Server 2013, in its order: settings, user data, locations, Response Groups, databases, file stores.
 */
export function restoreText(record: SetRecord): string {
  const usable = record.items.filter(({ outcome }) => outcome === 'ok' || outcome === 'suspect')
  const sections = order.flatMap((kind) => {
    const items = usable
      .filter((item) => item.kind === kind)
      .sort((a, b) => (foldSubject(a.subject) < foldSubject(b.subject) ? -1 : 1))
    const guide = guides[kind]
    if (items.length === 0) return []
    return [`## ${guide.title}\n\n${items.map((item) => guide.text(item, uncOf(record, item))).join('\n\n')}\n`]
  })
  return [heading(record), contents(record), checking(), before(), ...sections].join('\n')
}

const order: readonly ItemKind[] = [
  'environment',
  'configuration',
  'user-data',
  'location-information',
  'response-groups',
  'call-park',
  'sql-database',
  'persistent-chat',
  'file-store',
  'directory-record',
]

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

const guides: Readonly<Record<ItemKind, Guide>> = {
  environment: {
    title: 'How it was',
    text: (item) =>
      `What must be the same again (names, addresses, instances, certificates) is in ${inline(item.path)}.`,
  },
  configuration: {
    title: 'Central Management store: topology, policies, settings',
    text: (_item, file) =>
      `Only when the Central Management store itself is lost. In a paired pool, \`Invoke-CsManagementServerFailover\` comes first: where it
works, do nothing of this section, for the store lives on the partner, and making it anew would destroy it. Then look whether a
surviving server has a newer replica (\`Export-CsConfiguration -LocalStore -FileName\`). Prove that no store is active
(\`Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus\`), re-create the empty store by
\`Install-CsDatabase -CentralManagementDatabase\` and \`Set-CsConfigurationStoreLocation\`, and then:

${fence('powershell', `${commands.importConfiguration(file)}\nEnable-CsTopology`)}`,
  },
  'location-information': {
    title: 'Locations for emergency calls',
    text: (_item, file) =>
      `It merges into what is there.

${fence('powershell', commands.importLocations(file))}`,
  },
  'user-data': {
    title: 'User data and conference IDs',
    text: ({ subject }, file) =>
      `Pool ${inline(subject)}. Where it was failed over to its partner, do not import: \`Invoke-CsPoolFailback\` brings newer data. Else the
services of all its Front Ends are stopped first and started together afterwards; without that it brings nothing.

${fence('powershell', `Stop-CsWindowsService        # on each Front End\n${commands.importUserData(subject, file)}\nStart-CsWindowsService       # on each Front End`)}

The contacts and conferences of one user alone go into the living pool, and no service is stopped:

${fence('powershell', commands.updateUserData(file))}`,
  },
  'response-groups': {
    title: 'Response Groups',
    text: ({ subject }, file) =>
      `Pool ${inline(subject)}. \`-OverwriteOwner\` is needed even under the same name.

${fence('powershell', commands.importResponseGroups(subject, file))}`,
  },
  'call-park': {
    title: 'Call Park settings',
    text: ({ subject, path }) =>
      `Pool ${inline(subject)}: what \`Get-CsCpsConfiguration\` showed is in ${inline(path)}. Needed only for a pool with another name; set it again with \`Set-CsCpsConfiguration\`.`,
  },
  'sql-database': { title: 'SQL databases', text: restoreDatabase },
  'persistent-chat': {
    title: 'Persistent Chat',
    text: ({ subject }, file) => {
      const database = parseDatabase(subject)
      return `It adds to the database that is there, so that must be empty.

${fence('powershell', commands.importPersistentChat(database ? sqlSubject(database) : subject, file))}`
    },
  },
  'directory-record': {
    title: 'What only Active Directory holds',
    text: ({ path }) =>
      `Users with SIP address, pool, policies and line URI; contact objects; trusted endpoints: no export has them, and
they come back with Active Directory itself. ${inline(path)} is a record of them, **no restore source**: one JSON object
a line, sorted by distinguished name. Compare it with what the same cmdlets show now, and correct what differs with
\`Set-CsUser\`, \`Move-CsUser\`, the \`Grant-Cs...Policy\` cmdlets and those of each contact object:

${fence('powershell', compareUsers(path))}`,
  },
  'file-store': {
    title: 'File stores',
    text: ({ subject, path }, folder) =>
      `To the same path, then share it; access lists are set by \`Enable-CsTopology\`. Files whose names had to be changed, empty
folders and time stamps are in ${inline(`${path}.listing.jsonl`)}.

${fence('bat', commands.copyFileStore(folder, subject))}`,
  },
}

/** Windows PowerShell 3.0; run in the folder of the set. */
function compareUsers(path: string): string {
  return `$then = Get-Content ${path.replaceAll('/', '\\')}\\users.jsonl -Encoding UTF8 | ForEach-Object { $_ | ConvertFrom-Json }
$told = { "$($_.SipAddress) $($_.RegistrarPool) $($_.LineURI)" }
Compare-Object @($then | ForEach-Object $told) @(Get-CsUser | ForEach-Object $told)`
}

function restoreDatabase({ subject, database }: RecordedItem, file: string): string {
  return `${inline(subject)}. ${aboutDatabase(database)}Re-create the empty database first (Topology Builder or \`Install-CsDatabase\`). \`MOVE\` each file to the folders
of this server. A database in a mirroring session or an availability group is not restored: this comes before either is set up.
${heldByChat(subject)}Afterwards the group RTCComponentUniversalServices must be a user with the database role ServerRole.

${fence('sql', commands.restoreDatabase(parseDatabase(subject)?.database ?? subject, file, database?.files))}`
}

/** "Failing back Persistent Chat Server": its servers hold the database, and RESTORE ends with error 3101. */
function heldByChat(subject: string): string {
  if (!sameSubject(parseDatabase(subject)?.database ?? '', 'mgc')) return ''
  return 'Clear the list of active Persistent Chat servers first (`Set-CsPersistentChatActiveServer`), and set it again at the end. '
}

/** What of it a restore has to know before it begins. */
function aboutDatabase(database: RecordedItem['database']): string {
  if (database === undefined) return ''
  const { collation, recoveryModel, encryptor, logShipped } = database
  const plain = `Recovery model ${recoveryModel}, collation ${collation ?? 'not known'}.`
  const locked = `**It is encrypted (TDE)**: without the certificate of thumbprint ${inline(`0x${encryptor ?? ''}`)} and its private key in \`master\`, no server opens this backup.`
  const shipped = 'Its log was shipped: set log shipping up again afterwards.'
  return `${[plain, ...(encryptor === null ? [] : [locked]), ...(logShipped === true ? [shipped] : [])].join(' ')} `
}

function uncOf({ unc }: SetRecord, { path }: RecordedItem): string {
  return `${unc}\\${path.replaceAll('/', '\\')}`
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}

function inline(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
}
