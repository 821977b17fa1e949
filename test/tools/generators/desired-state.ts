import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { limits, mebibyte } from '../../../src/desired/limits.ts'
import { resourceSchemas, kinds, type Kind } from '../../../src/desired/resources.ts'
import { fieldTable } from '../field-table.ts'
import { root, type Generated } from '../generated.ts'
import { jsonSchemaOf, schemaText, type JsonSchema } from '../json-schema.ts'

/** JSON Schemas of all kinds for editors, and the reference page. */
export function generate(): Generated {
  const files: Generated = new Map()
  for (const kind of kinds) files.set(`docs/schemas/${fileName(kind)}.json`, schemaText(schemaOf(kind)))
  files.set('docs/reference/desired-state.md', reference())
  return files
}

function schemaOf(kind: Kind): JsonSchema {
  const { $schema, ...schema } = jsonSchemaOf(resourceSchemas[kind])
  return { $schema, title: kind, ...schema }
}

function fileName(kind: Kind): string {
  return kind.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase()
}

const introduction = `# Desired state

Made from the schemas in the code by \`npm run generate\`. What the parts mean together is explained in [concepts](../concepts.md).

Desired state is YAML 1.2 in UTF-8: any number of \`.yaml\` and \`.yml\` files, each with any number of documents divided
by \`---\`, below the configured path of the repository. Other files, links, and whatever has a name that begins with a dot
are not read. Each document is one resource:

\`\`\`yaml
apiVersion: holdfast/v1 # always
kind: Pool # one of the kinds below
metadata:
  name: pool01.contoso.com # unique among its kind
spec: {} # what the tables below describe
\`\`\`

Unknown fields are errors, and so are names that lead nowhere. All faults of a revision are reported at once, each with file,
line, column, a code with a page in [errors](../errors/README.md), and what to do: \`holdfast validate\`.
A revision with an error is not applied: backups go on by the last good one. Names are compared without case.

Durations are written \`30s\`, \`15m\`, \`24h\`, \`7d\`; sizes \`500MiB\`, \`2TiB\`; times with a zone, such as
\`2026-12-31T22:00:00Z\`. Put UNC paths and years in single quotes. Secrets are not written here.

## Limits

What is beyond them is not read, and the revision is not applied. A deployment of 1,000 pools and 5,000 servers is below a
tenth of each.

| What | At most |
|---|---|
| a file | ${limits.fileBytes / mebibyte} MiB ([file-too-large](../errors/file-too-large.md)) |
| all files together | ${limits.bytes / mebibyte} MiB |
| files; documents in them | ${grouped(limits.files)}; ${grouped(limits.room.documents)} |
| names, values, punctuation, line ends and comments in all files | ${grouped(limits.room.pieces)} |
| aliases in all files | ${grouped(limits.room.aliases)} |
| lists and maps within each other | ${limits.room.depth} |
| servers: members of pools, SQL Servers, file servers | ${grouped(limits.hosts)} |
| resources of a kind other than Pool, SqlStore and FileStore | ${limits.intents} |
| entries of \`acknowledge\`, \`accept\` or \`choose\` in a Recovery, subjects of a Suspension | ${grouped(limits.words)} ([invalid-value](../errors/invalid-value.md)) |
| a note or a reason; who says so | 2,000 characters; 200 |
| errors, and warnings, that are shown one by one | ${limits.faults} ([faults-left-out](../errors/faults-left-out.md)) |
| reading and checking it all | ${limits.seconds} seconds ([desired-state-too-slow](../errors/desired-state-too-slow.md)), ${limits.heapMebibytes} MiB of memory |

Where no other page is named, the fault is [desired-state-too-large](../errors/desired-state-too-large.md).

## Kinds

An editor with a YAML language server checks while you type, when the first line of a file names the schema:

\`\`\`yaml
# yaml-language-server: $schema=../docs/schemas/pool.json
\`\`\`
`

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

function reference(): string {
  const list = kinds.map((kind) => `- [${kind}](#${kind.toLowerCase()})`).join('\n')
  return `${introduction}\n${list}\n\n${kinds.map(chapter).join('\n')}`
}

function chapter(kind: Kind): string {
  const schema = schemaOf(kind)
  const { metadata, spec } = schema.properties ?? {}
  const name = metadata?.properties?.['name']?.description ?? ''
  const parts = [
    `## ${kind}`,
    `${schema.description ?? ''} ${later[kind] ?? ''}`.trim(),
    `\`metadata.name\`: ${name}`,
    fieldTable(spec ?? {}, '').trimEnd(),
    `\`\`\`yaml\n${exampleOf(kind).trim()}\n\`\`\``,
    `[JSON Schema](../schemas/${fileName(kind)}.json)\n`,
  ]
  return parts.join('\n\n')
}

const notYet = 'It is read and checked; this version does not act on it yet.'
const later: Partial<Record<Kind, string>> = {
  Recovery:
    'Holdfast watches the steps and, with `run: holdfast`, runs its own; `finished` closes the flag of a subject that is healthy. Either `server` and `scenario` are required, or `user`, `pool` and a set in `from`: see [one user misses contacts](../how-to/one-user.md).',
  Hold: notYet,
  Suspension:
    'What it freezes is not begun, whoever asks for it; what is under way goes on. `plan`, `status` and `runbook` say so. It ends by itself.',
}

const unseen: Partial<Record<Kind, string>> = {
  Recovery: `apiVersion: holdfast/v1
kind: Recovery
metadata:
  name: fe02
spec:
  server: fe02.contoso.com
  scenario: member-server
  from: latest
  acknowledge:
    - { step: take-image, subject: fe02.contoso.com, by: jane.doe@contoso.com, at: 2026-07-29T14:40:00+02:00 }
  finished: { by: jane.doe@contoso.com, at: 2026-07-29T18:30:00+02:00, note: 'rebuilt, users sign in' }
---
apiVersion: holdfast/v1
kind: Recovery
metadata:
  name: jane-2026-07-29
spec:
  user: jane.doe@contoso.com
  pool: pool01.contoso.com
  from: nightly/20260728T020000Z-k3x7`,
  Hold: `apiVersion: holdfast/v1
kind: Hold
metadata:
  name: audit-2026
spec:
  sets:
    - nightly/20260729T020000Z-k3x7
  reason: Asked for by the auditors
  until: 2027-01-31T00:00:00Z`,
  Suspension: `apiVersion: holdfast/v1
kind: Suspension
metadata:
  name: storage-move
spec:
  subjects:
    - backup01
  actions:
    - create-backup-set
  reason: The share moves to a new disk
  until: 2026-12-01T06:00:00+01:00`,
}

/** The first resource of that kind in the sample, without the comments above it. */
function exampleOf(kind: Kind): string {
  const own = unseen[kind]
  if (own !== undefined) return own
  const folder = join(root, 'desired-state')
  const documents = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .sort()
    .flatMap((path) => readFileSync(join(folder, path), 'utf8').split('\n---\n'))
  const found = documents.find((text) => text.includes(`\nkind: ${kind}\n`))
  if (found === undefined) throw new Error(`desired-state/ has no ${kind}`)
  return found.slice(found.indexOf('apiVersion:'))
}
