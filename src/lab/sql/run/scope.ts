import type { Expression } from '../tsql/ast.ts'
import type { SqlType, Value } from '../values.ts'
import type { Column } from '../wire/tokens.ts'
import type { Frame } from './frame.ts'

/** A source of rows in FROM, under the name that the query knows it by. */
export interface BoundSource {
  alias: string
  columns: readonly Column[]
}

/** Where names are looked up: the sources of a query, then those around it. */
export interface Scope {
  frame: Frame
  sources: BoundSource[]
  outer: Scope | null
  /** Null where aggregates are not allowed; else the GROUP BY expressions of the query. */
  grouping: { by: readonly Expression[]; inside: boolean } | null
}

/** The rows at hand when an expression runs, one per source. */
export interface Environment {
  rows: (readonly Value[])[]
  outer: Environment | null
  /** The rows of a group, for aggregates. */
  group: readonly Environment[] | null
}

/** An expression ready to run. A condition has no type; it gives 1, 0 or null (unknown). */
export interface Compiled {
  type: SqlType | null
  run(environment: Environment): Value
}

export const emptyEnvironment: Environment = { rows: [], outer: null, group: null }
