import { resolveTable } from '../catalogue/resolve.ts'
import { EngineError } from '../errors.ts'
import type { Expression, Query, SelectItem, Source } from '../tsql/ast.ts'
import { compare, numberOf, type Value } from '../values.ts'
import type { Column } from '../wire/tokens.ts'
import { compileCondition, compileValue } from './expression.ts'
import type { Frame } from './frame.ts'
import { compileGroups, isGrouped, isLargest } from './groups.ts'
import type { Compiled, CompiledValue, Rows, Scope } from './scope.ts'

interface CompiledQuery {
  columns: Column[]
  rows(): Value[][]
}

interface Step {
  join: Source['join']
  width: number
  rows: () => Value[][]
  on: Compiled | null
}

interface Item {
  column: Column
  value: CompiledValue
}

/** Names are looked up and types fixed here, so an unknown column is an error even without rows. */
export function compileQuery(query: Query, frame: Frame): CompiledQuery {
  const scope: Scope = { frame, sources: [] }
  const steps = query.sources.map((source) => compileSource(source, scope))
  const where = query.where ? compileCondition(query.where, scope) : null
  const found = (): Rows[] => {
    const joined = steps.reduce<Rows[]>((all, step) => all.flatMap((rows) => joinedTo(rows, step)), [[]])
    return where ? joined.filter((rows) => where.run(rows) === 1) : joined
  }
  if (isGrouped(query)) return compileGroups(query, scope, found)
  const items = query.items.flatMap((item) => compileItem(item, scope))
  const order = query.orderBy.map(({ expression, descending }) => ({
    key: compileOrder(expression, items, scope),
    sign: descending ? -1 : 1,
  }))
  const top = query.top ? compileValue(query.top, scope) : null
  return {
    columns: items.map(({ column }) => column),
    rows: () =>
      sorted(found(), order)
        .slice(0, top ? numberOf(top.run([])) : undefined)
        .map((rows) => items.map(({ value }) => value.run(rows))),
  }
}

function compileSource({ name, alias, join, on }: Source, scope: Scope): Step {
  const { columns, rows } = resolveTable(name, scope.frame)
  scope.sources.push({ alias: alias ?? name.at(-1) ?? '', columns })
  return { join, rows, width: columns.length, on: on ? compileCondition(on, scope) : null }
}

function joinedTo(before: Rows, { join, width, rows, on }: Step): Rows[] {
  const matches = rows()
    .map((row): Rows => [...before, row])
    .filter((candidate) => !on || on.run(candidate) === 1)
  return matches.length > 0 || join !== 'left' ? matches : [[...before, new Array<Value>(width).fill(null)]]
}

function compileItem({ expression, qualifier, alias }: SelectItem, scope: Scope): Item[] {
  if (expression === 'count' || isLargest(expression)) throw new EngineError(8120, '')
  if (expression === 'star') return starItems(qualifier, scope)
  const value = compileValue(expression, scope)
  const name = alias ?? (expression.node === 'column' ? (expression.parts.at(-1) ?? '') : '')
  return [{ column: { name, type: value.type }, value }]
}

function starItems(qualifier: string | null, scope: Scope): Item[] {
  const items = scope.sources.flatMap(({ alias, columns }, index): Item[] =>
    qualifier !== null && alias.toLowerCase() !== qualifier.toLowerCase()
      ? []
      : columns.map((column, at) => ({
          column,
          value: { type: column.type, run: (rows) => rows[index]?.[at] ?? null },
        })),
  )
  if (items.length === 0) throw new EngineError(207, '*')
  return items
}

/** ORDER BY takes a position, an alias of the list, or an expression. */
function compileOrder(expression: Expression, items: readonly Item[], scope: Scope): Compiled {
  const place = expression.node === 'literal' && typeof expression.value === 'number' ? expression.value - 1 : -1
  const name = expression.node === 'column' && expression.parts.length === 1 ? expression.parts[0]?.toLowerCase() : null
  const item = items[place] ?? items.find(({ column }) => column.name.toLowerCase() === name)
  return item?.value ?? compileValue(expression, scope)
}

function sorted(found: Rows[], order: readonly { key: Compiled; sign: number }[]): Rows[] {
  return found.toSorted((left, right) => {
    for (const { key, sign } of order) {
      const [a, b] = [key.run(left), key.run(right)]
      const difference = a === null || b === null ? Number(b === null) - Number(a === null) : compare(a, b)
      if (difference !== 0) return difference * sign
    }
    return 0
  })
}
