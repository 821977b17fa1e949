import { unknownColumn } from '../errors.ts'
import { resolveTable } from '../catalogue/resolve.ts'
import type { Expression, Query, SelectItem, Source } from '../tsql/ast.ts'
import { compare, numberOf, type SqlType, type Value } from '../values.ts'
import type { Column } from '../wire/tokens.ts'
import { hasAggregate } from './aggregates.ts'
import { compileCondition, compileValue } from './expression.ts'
import type { Frame } from './frame.ts'
import { emptyEnvironment, type BoundSource, type Compiled, type Environment, type Scope } from './scope.ts'

export interface CompiledQuery {
  columns: Column[]
  /** Variables that items are assigned to, by position; null for items that are results. */
  assigns: (string | null)[]
  rows(outer: Environment | null): Value[][]
}

interface Step {
  join: Source['join']
  width: number
  rows(environment: Environment): readonly (readonly Value[])[]
  on: Compiled | null
}

/** Names are looked up and types fixed here, so an unknown column is an error even without rows. */
export function compileQuery(query: Query, frame: Frame, outer: Scope | null): CompiledQuery {
  const scope: Scope = { frame, sources: [], outer, grouping: null }
  const steps = query.sources.map((source) => compileSource(source, scope))
  const where = query.where ? compileCondition(query.where, scope) : null
  const grouped =
    query.groupBy.length > 0 || [...query.items.map((item) => item.expression), query.having].some(hasAggregate)
  const groupKeys = query.groupBy.map((by) => compileValue(by, scope))
  const listScope: Scope = { ...scope, grouping: grouped ? { by: query.groupBy, inside: false } : null }
  const items = query.items.flatMap((item) => compileItem(item, listScope))
  const having = query.having ? compileCondition(query.having, listScope) : null
  const order = query.orderBy.map(({ expression, descending }) => ({
    key: compileOrder(expression, items, listScope),
    sign: descending ? -1 : 1,
  }))
  const top = query.top ? compileValue(query.top, scope) : null
  return {
    columns: items.map(({ column }) => column),
    assigns: items.map(({ assign }) => assign),
    rows(outerEnvironment) {
      const start: Environment = { ...emptyEnvironment, outer: outerEnvironment }
      let found = steps.reduce<Environment[]>(
        (environments, step) => environments.flatMap((environment) => joined(environment, step)),
        [start],
      )
      if (where) found = found.filter((environment) => where.run(environment) === 1)
      if (grouped) found = groups(found, groupKeys, start)
      if (having) found = found.filter((environment) => having.run(environment) === 1)
      let rows = found.map((environment) => ({ environment, values: items.map(({ value }) => value.run(environment)) }))
      if (query.distinct)
        rows = rows.filter((row, index) => rows.findIndex((other) => same(other.values, row.values)) === index)
      if (order.length > 0) rows = sorted(rows, order)
      const limit = top ? numberOf(top.run(start)) : Infinity
      return rows.slice(0, limit).map(({ values }) => values)
    },
  }
}

function compileSource(source: Source, scope: Scope): Step {
  const { table } = source
  // Before its own columns are known: an APPLY sees the sources to its left.
  const before: Scope = { ...scope, sources: [...scope.sources], outer: scope.outer }
  const step = { join: source.join, on: null }
  let compiled: Step
  let bound: BoundSource
  if ('query' in table) {
    const query = compileQuery(table.query, scope.frame, source.join.endsWith('apply') ? before : scope.outer)
    bound = { alias: source.alias ?? '', columns: query.columns }
    const apply = source.join.endsWith('apply')
    compiled = {
      ...step,
      width: query.columns.length,
      rows: (environment) => query.rows(apply ? environment : environment.outer),
    }
  } else {
    const operands = 'arguments' in table ? table.arguments.map((argument) => compileValue(argument, before)) : null
    const resolved = resolveTable(table.name, operands !== null, scope.frame)
    bound = { alias: source.alias ?? table.name.at(-1) ?? '', columns: resolved.columns }
    compiled = {
      ...step,
      width: resolved.columns.length,
      rows: (environment) => resolved.rows(operands?.map((operand) => operand.run(environment)) ?? []),
    }
  }
  scope.sources.push(bound)
  return source.on ? { ...compiled, on: compileCondition(source.on, scope) } : compiled
}

function joined(environment: Environment, step: Step): Environment[] {
  const matches = step
    .rows(environment)
    .map((row): Environment => ({ ...environment, rows: [...environment.rows, row] }))
    .filter((candidate) => !step.on || step.on.run(candidate) === 1)
  if (matches.length > 0 || (step.join !== 'left' && step.join !== 'outer apply')) return matches
  return [{ ...environment, rows: [...environment.rows, new Array<Value>(step.width).fill(null)] }]
}

function groups(environments: Environment[], keys: Compiled[], start: Environment): Environment[] {
  if (keys.length === 0) return [{ ...(environments[0] ?? start), group: environments }]
  const found: { key: Value[]; members: Environment[] }[] = []
  for (const environment of environments) {
    const key = keys.map((by) => by.run(environment))
    const known = found.find((group) => same(group.key, key))
    if (known) known.members.push(environment)
    else found.push({ key, members: [environment] })
  }
  return found.map(({ members }) => ({ ...(members[0] ?? start), group: members }))
}

function same(left: readonly Value[], right: readonly Value[]): boolean {
  return left.every((value, index) => {
    const other = right[index] ?? null
    return value === null || other === null ? value === other : compare(value, other) === 0
  })
}

interface Item {
  column: Column
  value: Compiled & { type: SqlType }
  assign: string | null
}

function compileItem(item: SelectItem, scope: Scope): Item[] {
  const { expression } = item
  if (expression === null) return starItems(item.qualifier, scope)
  const value = compileValue(expression, scope)
  const name = item.alias ?? (expression.node === 'column' ? (expression.parts.at(-1) ?? '') : '')
  return [{ column: { name, type: value.type }, value, assign: item.assign }]
}

function starItems(qualifier: string | null, scope: Scope): Item[] {
  const items = scope.sources.flatMap((source, index): Item[] =>
    qualifier !== null && source.alias.toLowerCase() !== qualifier.toLowerCase()
      ? []
      : source.columns.map((column, at) => ({
          column,
          value: { type: column.type, run: (environment) => environment.rows[index]?.[at] ?? null },
          assign: null,
        })),
  )
  if (items.length === 0) throw unknownColumn('*')
  return items
}

/** ORDER BY takes a position, an alias of the list, or an expression. */
function compileOrder(expression: Expression, items: Item[], scope: Scope): Compiled {
  if (expression.node === 'literal' && typeof expression.value === 'number') {
    const item = items[expression.value - 1]
    if (item) return item.value
  }
  if (expression.node === 'column' && expression.parts.length === 1) {
    const item = items.find(({ column }) => column.name.toLowerCase() === expression.parts[0]?.toLowerCase())
    if (item) return item.value
  }
  return compileValue(expression, scope)
}

interface Row {
  environment: Environment
  values: Value[]
}

function sorted(rows: Row[], order: { key: Compiled; sign: number }[]): Row[] {
  const keyed = rows.map((row) => ({ row, keys: order.map(({ key }) => key.run(row.environment)) }))
  keyed.sort((left, right) => {
    for (const [index, { sign }] of order.entries()) {
      const [a, b] = [left.keys[index] ?? null, right.keys[index] ?? null]
      const difference = a === null || b === null ? Number(b === null) - Number(a === null) : compare(a, b)
      if (difference !== 0) return difference * sign
    }
    return 0
  })
  return keyed.map(({ row }) => row)
}
