import { EngineError } from '../errors.ts'
import type { Expression, Query, SelectItem } from '../tsql/ast.ts'
import { compare, int, type Value } from '../values.ts'
import type { Column } from '../wire/tokens.ts'
import { compileValue } from './expression.ts'
import type { CompiledValue, Rows, Scope } from './scope.ts'

interface GroupItem {
  column: Column
  of(group: readonly Rows[]): Value
}

export function isGrouped({ groupBy, items }: Query): boolean {
  return groupBy.length > 0 || items.some(({ expression }) => expression === 'count' || isLargest(expression))
}

/** GROUP BY and its aggregates: a row for each group; without GROUP BY, one of all that was found. */
export function compileGroups(query: Query, scope: Scope, found: () => Rows[]) {
  if (query.orderBy.length > 0 || query.top) throw new EngineError(102, 'GROUP')
  const keys = query.groupBy.map((key) => compileValue(key, scope))
  const items = query.items.map((item) => compileItem(item, query, scope))
  return {
    columns: items.map(({ column }) => column),
    rows: () => groupsOf(found(), keys).map((group) => items.map((item) => item.of(group))),
  }
}

function compileItem({ expression, alias }: SelectItem, { groupBy }: Query, scope: Scope): GroupItem {
  if (expression === 'count') return { column: { name: alias ?? '', type: int }, of: (group) => group.length }
  if (expression === 'star') throw new EngineError(8120, '*')
  if (isLargest(expression)) {
    const value = compileValue(expression.largest, scope)
    return {
      column: { name: alias ?? '', type: value.type },
      of: (group) => largest(group.map((rows) => value.run(rows))),
    }
  }
  const own = expression.node === 'column' ? (expression.parts.at(-1) ?? '') : ''
  if (!groupBy.some((key) => written(key) === written(expression))) throw new EngineError(8120, own)
  const value = compileValue(expression, scope)
  return { column: { name: alias ?? own, type: value.type }, of: ([first]) => (first ? value.run(first) : null) }
}

export function isLargest(expression: SelectItem['expression']): expression is { largest: Expression } {
  return typeof expression === 'object' && 'largest' in expression
}

function written(expression: Expression): string {
  return JSON.stringify(expression).toLowerCase()
}

function groupsOf(found: Rows[], keys: readonly CompiledValue[]): Rows[][] {
  if (keys.length === 0) return [found]
  return [
    ...Map.groupBy(found, (rows) => keys.map((key) => String(key.run(rows)).toLowerCase()).join('\u0000')).values(),
  ]
}

/** What is NULL does not count. */
function largest(values: readonly Value[]): Value {
  return values.reduce<Value>(
    (most, value) => (most === null || (value !== null && compare(value, most) > 0) ? value : most),
    null,
  )
}
