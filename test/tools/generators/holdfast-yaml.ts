import { configSchema } from '../../../src/config/schema.ts'
import { fieldTable } from '../field-table.ts'
import type { Generated } from '../generated.ts'
import { jsonSchemaOf, schemaText } from '../json-schema.ts'

/** JSON Schema and reference of the daemon's own configuration. */
export function generate(): Generated {
  const { $schema, ...schema } = jsonSchemaOf(configSchema)
  return new Map([
    ['docs/schemas/holdfast-yaml.json', schemaText({ $schema, title: 'holdfast.yaml', ...schema })],
    ['docs/reference/holdfast-yaml.md', `${introduction}\n${fieldTable(schema)}`],
  ])
}

const introduction = `# holdfast.yaml

Made from the schema in the code by \`npm run generate\`. There is a [JSON Schema](../schemas/holdfast-yaml.json) for editors.

The configuration of one daemon: how it reaches Git, the shares, the SQL Servers and the Management Shell. It is outside
the repository of desired state, because it is about this machine and leads to secrets. \`--config\` names it; without that,
\`holdfast.yaml\` in the current folder is taken. Relative paths count from its own folder. Durations are written \`30s\`,
\`15m\`, \`24h\`. Unknown fields are errors; all faults are reported at once with line and column.

A secret is never written here itself: \`{ env: NAME }\` takes it from the environment, \`{ file: PATH }\` from a file, whose last
line end is cut off. Secrets never appear in a log, an error or a backup set. How the daemon logs in to Git is shown in
[docs/how-to/git.md](../how-to/git.md). Names of accounts are not secrets, also where they are given by reference: messages
name them.

A child process sees in its environment only the one secret that it needs: the Git that fetches over https, with what it
starts, sees \`git.password\`; the OpenSSH client sees \`shell.password\`. All other calls of Git and the shell host see none:
variables to which this file refers for a secret are not handed down. No secret is on a command line.

Next to the file is \`owner.id\`, made by the first command that acts: whoever has it owns the backup locations. Take it along
when the daemon moves to another machine.

Commands that read (\`status\`, \`sets\`, \`plan\` and the like) need neither the secrets nor \`owner.id\`, and write nothing. Where
their account may not read them, they answer from what the daemon saw last ([who owns what](../how-to/install.md)).

\`\`\`yaml
git: { url: /srv/lync-backup.git, branch: main, path: desired-state }
state: ./state.db
pathMap:
  '\\\\backup01.contoso.com\\LyncBackup': /mnt/lync-backup
shell:
  transport: local
  command: [powershell.exe, -NoProfile, -NonInteractive, -File, holdfast.ps1]
  scratch: 'C:\\LyncBackup'
sql: { user: holdfast, password: { file: /run/secrets/sql } }
hosts:
  sql01.contoso.com: { address: 10.0.0.5, ports: { 5061: 15061 }, sql: { instances: { rtc: 1433 } } }
\`\`\`
`
