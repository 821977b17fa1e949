import type { SqlType, Value } from '../values.ts'

export type Expression =
  | { node: 'literal'; value: Value; type: SqlType }
  | { node: 'column'; parts: string[] }
  | { node: 'variable'; name: string }
  | { node: 'call'; name: string[]; arguments: Expression[] }
  | { node: 'cast'; operand: Expression; type: SqlType; style: Expression | null }
  | { node: 'not'; operand: Expression }
  | { node: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { node: 'isNull'; operand: Expression; negated: boolean }
  | { node: 'between'; operand: Expression; low: Expression; high: Expression; negated: boolean }
  | { node: 'in'; operand: Expression; list: Expression[]; negated: boolean }
  | { node: 'like'; operand: Expression; pattern: Expression; negated: boolean }
  | { node: 'case'; branches: { when: Expression; then: Expression }[]; otherwise: Expression | null }

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '=' | '<>' | '<' | '>' | '<=' | '>=' | 'and' | 'or'

export interface SelectItem {
  /** `*` of all sources or of `qualifier`; `COUNT(*)` and `MAX`, the aggregates that are known. */
  expression: Expression | 'star' | 'count' | { largest: Expression }
  qualifier: string | null
  alias: string | null
}

export interface Source {
  name: string[]
  alias: string | null
  join: 'inner' | 'left' | 'cross'
  on: Expression | null
}

export interface Query {
  top: Expression | null
  items: SelectItem[]
  sources: Source[]
  where: Expression | null
  groupBy: Expression[]
  orderBy: { expression: Expression; descending: boolean }[]
}

/** `NAME = value` or a bare word of a WITH list. */
export interface Option {
  name: string
  value: Expression | null
  /** `MOVE 'a' TO 'b'`. */
  to: Expression | null
}

/** A database or device is an expression where it may be a name, a literal or a variable. */
export type Statement =
  | { node: 'select'; query: Query }
  | { node: 'declare'; variables: { name: string; type: SqlType; value: Expression | null }[] }
  | { node: 'setVariable'; name: string; value: Expression }
  | { node: 'setOption' }
  | { node: 'use'; database: string }
  | { node: 'if'; condition: Expression; then: Statement; otherwise: Statement | null }
  | { node: 'block'; statements: Statement[] }
  | { node: 'execute'; procedure: string; arguments: Expression[] }
  | { node: 'backup'; database: Expression; devices: Expression[]; options: Option[] }
  | { node: 'restore'; database: Expression; devices: Expression[]; options: Option[] }
  | { node: 'inspect'; what: Inspection; devices: Expression[]; options: Option[] }
  | { node: 'check'; database: Expression | null }
  | { node: 'dropDatabase'; databases: string[] }
  | { node: 'alterDatabase'; database: string; change: string }
  | { node: 'kill'; session: Expression }

export type StatementOf<Node extends Statement['node']> = Extract<Statement, { node: Node }>

export type Inspection = 'headeronly' | 'filelistonly' | 'verifyonly'
