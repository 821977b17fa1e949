/**
 * What hands do at mirrors, groups and clusters, and at the Central Management store: what the command of the step says
 * (domain reference, sections 6.6, 6.14 and 7.2). Which instances belong together is that of `redundant-deployment.ts`.
 */
import type { Hand } from './hands.ts'

/** The two partners of each mirror: who is published as its host comes first. */
const mirrors = [
  [String.raw`sql01.contoso.com\rtc`, String.raw`sql02.contoso.com\rtc`],
  [String.raw`sql03.contoso.com\archive`, String.raw`sql04.contoso.com\archive`],
] as const

/** SQL Server of a failover cluster is installed on its first node; the second one is added to it. */
export function clusteredOn(machine: string): string[] {
  return machine === 'sql07.contoso.com' ? [String.raw`sqlcl.contoso.com\chat`] : []
}

export function handsAtClusters(id: string, subject: string, command: string): Hand[] {
  const lines = command.split('\n').map(parametersOf)
  switch (id) {
    case 'back-up-surviving-mirror':
    case 'fail-over-mirror':
      return lines.map(({ DatabaseType = '', NewPrincipal }) => ({
        ...{ kind: 'fail-over-mirror', subject: partnersOf(subject)[NewPrincipal === 'Primary' ? 0 : 1] },
        detail: DatabaseType,
      }))
    case 'point-pool-at-survivor':
      return [{ kind: 'publish-store-alone', subject: partnersOf(subject)[1] }]
    case 'uninstall-mirror':
      return lines.map((line) => ({
        kind: 'remove-mirror',
        subject: placeIn(line),
        detail: line['DatabaseType'] ?? '',
      }))
    case 'create-mirror': {
      const [host, partner] = partnersOf(subject)
      const principal = host.startsWith(lines[0]?.['SqlServerFqdn'] ?? '') ? host : partner
      const mirror = principal === host ? partner : host
      return [
        { kind: 'publish-store-mirrored', subject: principal, detail: mirror },
        { kind: id, subject: mirror },
      ]
    }
    case 'point-directory-at-mirror':
    case 'point-directory-at-survivor':
      return lines.map((line) => ({ kind: 'point-directory', subject: placeIn(line) }))
    case 'fail-over-central-management':
      return lines
        .filter((line) => line['BackupSqlServerFqdn'] !== undefined)
        .map((line) => ({ kind: id, subject: placeIn(line, 'BackupSql') }))
    case 'build-windows-cluster':
    case 'create-availability-group':
    case 'join-availability-group':
      return [{ kind: id, subject }]
    default:
      return []
  }
}

function partnersOf(subject: string): readonly [string, string] {
  const found = mirrors.find((names) => names.some((name) => name === subject || name.startsWith(`${subject}\\`)))
  if (!found) throw new Error(`${subject} is no partner of a mirror.`)
  return found
}

/** `-Name value` and `-Switch` of a line of PowerShell. */
function parametersOf(line: string): Record<string, string> {
  const found = line.matchAll(/ -(\w+)(?: '?([^' -][^' ]*)'?)?/g)
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]))
}

function placeIn(line: Record<string, string>, prefix = 'Sql'): string {
  const [host = '', instance = ''] = [line[`${prefix}ServerFqdn`], line[`${prefix}InstanceName`]]
  return instance === '' ? host : `${host}\\${instance}`
}
