import type { SqlType, Value } from '../values.ts'
import type { Column } from '../wire/tokens.ts'
import type { Frame } from './frame.ts'

/** Where names are looked up: the sources in FROM, each under the name that the query knows it by. */
export interface Scope {
  frame: Frame
  sources: { alias: string; columns: readonly Column[] }[]
}

/** The rows at hand when an expression runs, one per source. */
export type Rows = readonly (readonly Value[])[]

/** An expression ready to run. A condition has no type; it gives 1, 0 or null (unknown). */
export interface Compiled {
  type: SqlType | null
  run: (rows: Rows) => Value
}
export interface CompiledValue extends Compiled {
  type: SqlType
}
