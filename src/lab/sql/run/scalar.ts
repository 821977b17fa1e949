import type { Expression } from '../tsql/ast.ts'
import { bare, type Value } from '../values.ts'
import { evaluate } from './expression.ts'
import type { Frame } from './frame.ts'
import type { Scope } from './scope.ts'

/** For an expression outside of a query. */
export function scopeOf(frame: Frame): Scope {
  return { frame, sources: [], outer: null, grouping: null }
}

/** The value of an expression that stands in a statement. */
export function valueOf(expression: Expression, frame: Frame): Exclude<Value, { of: Value }> {
  return bare(evaluate(expression, scopeOf(frame)).value)
}
