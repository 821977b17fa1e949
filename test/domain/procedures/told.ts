import type { Row } from '../../../src/domain/procedures/row.ts'

/**
 * A procedure in short, for tables: `? fail-over-pool` is a fork, `import-user-data * [from-set]` belongs to a branch and
 * could be done by Holdfast, `rebuild-machine x2` are two rows.
 */
export function told(rows: readonly Row[]): string[] {
  const lines = rows.map(({ id, actor, branches, in: ways }) => {
    const branch = ways.length === 0 ? '' : ` [${ways.map((one) => one.branch).join(', ')}]`
    return `${branches ? '? ' : ''}${id}${actor === 'holdfast' ? ' *' : ''}${branch}`
  })
  const found: { line: string; count: number }[] = []
  for (const line of lines) {
    const last = found.at(-1)
    if (last?.line === line) last.count++
    else found.push({ line, count: 1 })
  }
  return found.map(({ line, count }) => (count === 1 ? line : `${line} x${count}`))
}
