import type { SqlType, Value } from '../values.ts'

export type Expression =
  | { node: 'literal'; value: Value; type: SqlType }
  | { node: 'column'; parts: string[] }
  | { node: 'variable'; name: string }
  | { node: 'call'; name: string[]; arguments: Expression[]; star: boolean; distinct: boolean }
  | { node: 'cast'; operand: Expression; type: SqlType; style: Expression | null; lenient: boolean }
  | { node: 'unary'; operator: '-' | '+' | 'not'; operand: Expression }
  | { node: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { node: 'isNull'; operand: Expression; negated: boolean }
  | { node: 'between'; operand: Expression; low: Expression; high: Expression; negated: boolean }
  | { node: 'in'; operand: Expression; list: Expression[] | Query; negated: boolean }
  | { node: 'like'; operand: Expression; pattern: Expression; escape: Expression | null; negated: boolean }
  | {
      node: 'case'
      operand: Expression | null
      branches: { when: Expression; then: Expression }[]
      otherwise: Expression | null
    }
  | { node: 'exists'; query: Query }
  | { node: 'subquery'; query: Query }

export type BinaryOperator =
  '+' | '-' | '*' | '/' | '%' | '&' | '|' | '=' | '<>' | '<' | '>' | '<=' | '>=' | 'and' | 'or'

export interface SelectItem {
  /** Null: `*`, of all sources or of `qualifier`. */
  expression: Expression | null
  qualifier: string | null
  alias: string | null
  /** `SELECT @x = ...` */
  assign: string | null
}

export interface Source {
  table: { name: string[] } | { name: string[]; arguments: Expression[] } | { query: Query }
  alias: string | null
  join: 'first' | 'inner' | 'left' | 'cross' | 'cross apply' | 'outer apply'
  on: Expression | null
}

export interface Query {
  distinct: boolean
  top: Expression | null
  items: SelectItem[]
  sources: Source[]
  where: Expression | null
  groupBy: Expression[]
  having: Expression | null
  orderBy: { expression: Expression; descending: boolean }[]
}

/** `NAME = value` or a bare word of a WITH list; further words in between belong to the value. */
export interface Option {
  name: string
  value: Expression | null
  /** `MOVE 'a' TO 'b'`. */
  to: Expression | null
}

/** A database or device that may be a name, a literal or a variable. */
export type Statement =
  | { node: 'select'; query: Query }
  | { node: 'declare'; variables: { name: string; type: SqlType; value: Expression | null }[] }
  | { node: 'setVariable'; name: string; value: Expression }
  | { node: 'setOption' }
  | { node: 'use'; database: string }
  | { node: 'if'; condition: Expression; then: Statement; otherwise: Statement | null }
  | { node: 'block'; statements: Statement[] }
  | { node: 'print'; value: Expression }
  | { node: 'execute'; procedure: string[]; arguments: { name: string; value: Expression }[] }
  | { node: 'waitFor'; delay: Expression }
  | { node: 'backup'; what: 'database' | 'log'; database: Expression; devices: Expression[]; options: Option[] }
  | { node: 'restore'; database: Expression; devices: Expression[]; options: Option[] }
  | { node: 'inspect'; what: Inspection; devices: Expression[]; options: Option[] }
  | { node: 'check'; database: Expression | null }
  | { node: 'createDatabase'; database: string }
  | { node: 'dropDatabase'; databases: string[]; lenient: boolean }
  | { node: 'alterDatabase'; database: string; change: string[] }
  | { node: 'kill'; session: Expression }

export type Inspection = 'headeronly' | 'filelistonly' | 'labelonly' | 'verifyonly'
