import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, type Generated } from '../generated.ts'

/** The index of all decisions, by what the first line of each says: `# NNNN: title`. */
export function generate(): Generated {
  const folder = join(root, 'docs', 'adr')
  const lines = globSync('[0-9]*.md', { cwd: folder })
    .sort()
    .map((file) => {
      const [first = ''] = readFileSync(join(folder, file), 'utf8').split('\n')
      const [, number, title] = /^# (\d{4}): (.+)$/.exec(first) ?? []
      if (!number || !file.startsWith(`${number}-`))
        throw new Error(`docs/adr/${file} does not begin with "# NNNN: title".`)
      return `- [${number}](${file}) ${title}`
    })
  const text = `# Decisions

Each file records one decision: what it answers, what was chosen, what else there was, and what follows. This list is made by \`npm run generate\`.

${lines.join('\n')}
`
  return new Map([['docs/adr/README.md', text]])
}
