import type { SqlServerFacts } from '../facts.ts'
import type { Frame } from '../run/frame.ts'
import { createCursor } from '../tsql/cursor.ts'
import { parseType } from '../tsql/expressions.ts'
import { tokenize } from '../tsql/lexer.ts'
import type { Value } from '../values.ts'
import { releaseOf } from '../versions.ts'
import type { Column } from '../wire/tokens.ts'

/** A row by column name; what is left out is NULL. */
export type Row = Record<string, Value>

/** A catalogue view: its columns in order and where its rows come from. */
export interface TableDefinition {
  /** `name type, name type @11`: from major version 11. */
  columns: string
  /** Major version that first has it. */
  since?: number
  /** The permission without which error 300 or 229 answers. */
  needs?: 'server state' | `msdb.dbo.${string}`
  rows(frame: Frame): Row[]
}

const parsed = new Map<string, (Column & { since: number })[]>()

/** The columns of a definition that this version of the server has. */
export function columnsOf(definition: string, facts: SqlServerFacts): Column[] {
  const columns = parsed.get(definition) ?? parseColumns(definition)
  parsed.set(definition, columns)
  return columns.filter((column) => column.since <= releaseOf(facts).major)
}

function parseColumns(definition: string): (Column & { since: number })[] {
  return definition.split(/,\s*/).map((text) => {
    const [declaration = '', since = '0'] = text.split(' @')
    const cursor = createCursor(tokenize(declaration))
    return { name: cursor.next().text, type: parseType(cursor, 1), since: Number(since) }
  })
}

/** The values of a row in the order of its columns. */
export function valuesOf(row: Row, columns: readonly Column[]): Value[] {
  return columns.map(({ name }) => row[name] ?? null)
}
