/** SQL with its values beside it: a value is bound, never written into the text. */
import type { Tables } from './schema.ts'

export type Value = string | number | null

/** A statement whose rows are `Row`. */
export interface Statement<Row = unknown> {
  readonly text: string
  readonly values: readonly Value[]
  /** For the compiler alone. */
  readonly row?: Row
}

/**
 * A value becomes `?`; a list (after `IN`) one value too, so that its length makes no other text; a statement its text:
 * `sql<Row>`SELECT id FROM intent WHERE request = ${id}``.
 */
export function sql<Row = unknown>(
  texts: TemplateStringsArray,
  ...parts: readonly (Value | readonly Value[] | Statement)[]
): Statement<Row> {
  const statements = parts.map(statementOf)
  return {
    text: texts.reduce((before, text, index) => `${before}${statements[index - 1]?.text ?? ''}${text}`),
    values: statements.flatMap(({ values }) => values),
  }
}

function statementOf(part: Value | readonly Value[] | Statement): Statement {
  if (isList(part)) return { text: '(SELECT value FROM json_each(?))', values: [JSON.stringify(part)] }
  return typeof part === 'object' && part !== null ? part : { text: '?', values: [part] }
}

function isList(part: unknown): part is readonly Value[] {
  return Array.isArray(part)
}

/** All of these conditions; at least one. */
export function and(conditions: readonly Statement[]): Statement {
  return joined(conditions, ' AND ')
}

/** A row as it is inserted: what may be null may be left out, and a running number is SQLite's own. */
type NewRow<T extends keyof Tables> = Omit<Tables[T], Optional<Tables[T]>> & Partial<Tables[T]>
type Optional<Row> = { [K in keyof Row]: null extends Row[K] ? K : never }[keyof Row] | 'number'

/** One row at least; all with the columns of the first. */
export function insert<T extends keyof Tables>(table: T, ...rows: readonly NewRow<T>[]): Statement<never> {
  const columns = columnsOf(rows)
  const marks = `(${columns.map(() => '?').join(', ')})`
  return {
    text: `INSERT INTO "${table}" (${columns.map(quoted).join(', ')}) VALUES ${rows.map(() => marks).join(', ')}`,
    values: rows.flatMap((row) => columns.map((column) => (row as Record<string, Value>)[column] ?? null)),
  }
}

/** A row of the same key stays as it is. */
export function insertOnce<T extends keyof Tables>(table: T, ...rows: readonly NewRow<T>[]): Statement<never> {
  return sql`${insert(table, ...rows)} ON CONFLICT DO NOTHING`
}

/** A row of the same `key` (primary, or unique) takes over what this one has. */
export function upsert<T extends keyof Tables>(
  table: T,
  key: readonly (keyof Tables[T] & string)[],
  ...rows: readonly NewRow<T>[]
): Statement<never> {
  const { text, values } = insert(table, ...rows)
  const isKey = new Set<string>(key)
  const others = columnsOf(rows).filter((column) => !isKey.has(column))
  const set = others.map((column) => `${quoted(column)} = excluded.${quoted(column)}`).join(', ')
  return { text: `${text} ON CONFLICT (${key.map(quoted).join(', ')}) DO UPDATE SET ${set}`, values }
}

/** What follows `SET`. */
export function assignments<T extends keyof Tables>(change: Partial<Tables[T]>): Statement {
  const fields = Object.entries(change as Record<string, Value>)
  return joined(
    fields.map(([column, value]) => ({ text: `${quoted(column)} = ?`, values: [value] })),
    ', ',
  )
}

function joined(statements: readonly Statement[], between: string): Statement {
  return {
    text: statements.map(({ text }) => text).join(between),
    values: statements.flatMap(({ values }) => values),
  }
}

/** The columns are names of our own types, never from outside. */
function columnsOf(rows: readonly object[]): string[] {
  return Object.keys(rows[0] ?? {})
}

function quoted(column: string): string {
  return `"${column}"`
}
