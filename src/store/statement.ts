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

export function insert<T extends keyof Tables>(table: T, row: NewRow<T>): Statement<never> {
  const fields = fieldsOf(row)
  const columns = fields.map(([column]) => `"${column}"`).join(', ')
  const marks = fields.map(() => '?').join(', ')
  const text = `INSERT INTO "${table}" (${columns}) VALUES (${marks})`
  return { text, values: fields.map(([, value]) => value) }
}

/** A row of the same key stays as it is. */
export function insertOnce<T extends keyof Tables>(table: T, row: NewRow<T>): Statement<never> {
  return sql`${insert(table, row)} ON CONFLICT DO NOTHING`
}

/** A row of the same `key` (primary, or unique) takes over what this one has. */
export function upsert<T extends keyof Tables>(
  table: T,
  key: readonly (keyof Tables[T] & string)[],
  row: NewRow<T>,
): Statement<never> {
  const { text, values } = insert(table, row)
  const isKey = new Set<string>(key)
  const changes = fieldsOf(row).filter(([column]) => !isKey.has(column))
  const columns = key.map((column) => `"${column}"`).join(', ')
  const set = changes.map(([column]) => `"${column}" = excluded."${column}"`).join(', ')
  return { text: `${text} ON CONFLICT (${columns}) DO UPDATE SET ${set}`, values }
}

/** What follows `SET`. */
export function assignments<T extends keyof Tables>(change: Partial<Tables[T]>): Statement {
  const fields = fieldsOf(change).map(([column, value]) => ({ text: `"${column}" = ?`, values: [value] }))
  return joined(fields, ', ')
}

function joined(statements: readonly Statement[], between: string): Statement {
  return {
    text: statements.map(({ text }) => text).join(between),
    values: statements.flatMap(({ values }) => values),
  }
}

/** The columns are names of our own types, never from outside. */
function fieldsOf(row: object): [column: string, value: Value][] {
  return Object.entries(row as Record<string, Value>)
}
