import { rightsFor, rightsPage, sqlRights, type SqlDeed, type SqlRightKey } from '../../../src/domain/sql-rights.ts'
import type { Generated } from '../generated.ts'

const login = 'CONTOSO\\svc-holdfast'
const deeds: Record<SqlDeed, string> = {
  look: 'looking',
  'back-up': 'backing up',
  'restore-test': 'a restore test',
  restore: 'a restore',
}

/** The how-to of the rights on SQL Server: all of it is the table of `domain/sql-rights`. */
export function generate(): Generated {
  const daily = rightsFor('look', 'back-up')
  const instance = daily.filter((key) => sqlRights[key].scope === 'instance')
  const text = `# Give the login its rights on SQL Server

Made by \`npm run generate\`. Holdfast logs in to every SQL Server instance of the deployment, to both partners of a mirror and to every replica. It needs little there, and \`holdfast doctor\` says what is missing (\`sql-rights\`, \`restore-test\`) with the statement that grants it. An error \`sql-permission\` does the same.

| Right | For | What asks for it | Holdfast checks |
|---|---|---|---|
${daily.concat(rightsFor('restore-test')).flatMap(rows).join('\n')}

\`VIEW ANY DATABASE\` and entry to \`msdb\` are what every login has unless somebody took it away. Where nothing is backed up from an instance, looking is enough, and \`VIEW SERVER STATE\` is needed only where it has availability groups.

## Looking and backing up

As an administrator of each instance, with your account in place of \`${login}\`:

\`\`\`sql
IF SUSER_ID(N'${login}') IS NULL CREATE LOGIN [${login}] FROM WINDOWS
${script(instance, '')}
\`\`\`

Then in each database that is backed up (\`LcsLog\`, \`LcsCDR\`, \`QoEMetrics\`, \`mgc\`). Of a mirrored or grouped database do it on the principal or primary: the user goes along, but the login must exist on every partner; a login of SQL Server must have the same SID on each (\`CREATE LOGIN ... WITH SID\`). In \`model\` too, so that a database that is created again has it:

\`\`\`sql
${script(['backUp'], 'LcsCDR')}
${script(['backUp'], 'model')}
\`\`\`

**Mirrors.** What \`sys.database_mirroring\` says of a mirror is shown to \`sysadmin\` alone. Holdfast does without: it judges a mirror by what its principal says of it, and where the principal does not vouch for it, the mirror is \`unknown\` with a warning.

**Nothing is begun that could not be proved.** Where \`${sqlRights.readHistory.name}\` or \`${sqlRights.createAnyDatabase.name}\` is missing, a backup is refused before it starts: its end could not be looked up, and its file could not be read.

## A restore test

On the instance that \`verification.restoreTest\` of a policy names, and nowhere else. Take one that holds nothing of value. Whether lesser rights would do is not known: a login that may create a database may perhaps not drop it.

\`\`\`sql
${script(rightsFor('restore-test'), '')}
\`\`\`

## A restore

Whoever restores, a person or Holdfast, needs \`${sqlRights.sysadmin.name}\` (${sqlRights.sysadmin.neededFor.restore}). Holdfast asks for it before it begins, and touches nothing without it. \`doctor\` names this right and leaves it out (\`sql-restore-rights\`).
`
  return new Map([[rightsPage, text]])
}

function rows(key: SqlRightKey): string[] {
  const { name, scope, neededFor, check } = sqlRights[key]
  const where = scope === 'database' ? ', in each database' : ''
  return (Object.keys(deeds) as SqlDeed[]).flatMap((deed) => {
    const what = neededFor[deed]
    return what === undefined ? [] : [`| \`${name}\`${where} | ${deeds[deed]} | ${what} | \`${check}\` |`]
  })
}

/** The grants one after the other; what stands twice in a row (USE) once. */
function script(keys: readonly SqlRightKey[], database: string): string {
  const lines = keys.flatMap((key) => sqlRights[key].grant(login, database))
  const isNew = (line: string, index: number): boolean =>
    !lines.slice(0, index).includes(line) || (line.startsWith('USE') && lastUse(lines, index) !== line)
  return lines.filter(isNew).join('\n')
}

function lastUse(lines: readonly string[], before: number): string | undefined {
  return lines.slice(0, before).findLast((line) => line.startsWith('USE'))
}
