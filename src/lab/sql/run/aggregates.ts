import type { Expression } from '../tsql/ast.ts'
import { EngineError } from '../errors.ts'
import { bigint, compare, int, numberOf, type SqlType, type Value } from '../values.ts'
import type { Compiled, Environment, Scope } from './scope.ts'

type Call = Expression & { node: 'call' }
type CompileValue = (expression: Expression, scope: Scope) => Compiled & { type: SqlType }

const names = new Set(['count', 'count_big', 'min', 'max', 'sum'])

export function isAggregate(call: Call): boolean {
  return call.name.length === 1 && names.has(call.name[0]?.toLowerCase() ?? '')
}

/** Whether an expression of a select list needs the rows of a group. */
export function hasAggregate(expression: Expression | null): boolean {
  if (expression === null) return false
  if (expression.node === 'call') return isAggregate(expression) || expression.arguments.some(hasAggregate)
  switch (expression.node) {
    case 'cast':
    case 'unary':
    case 'isNull':
      return hasAggregate(expression.operand)
    case 'binary':
      return hasAggregate(expression.left) || hasAggregate(expression.right)
    case 'case':
      return (
        expression.branches.some(({ when, then }) => hasAggregate(when) || hasAggregate(then)) ||
        hasAggregate(expression.otherwise)
      )
    default:
      return false
  }
}

export function compileAggregate(call: Call, scope: Scope, compileValue: CompileValue): Compiled {
  const name = call.name[0]?.toLowerCase() ?? ''
  if (!scope.grouping || scope.grouping.inside)
    throw new EngineError(
      147,
      'An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.',
      { severity: 15 },
    )
  const [operand] = call.arguments.map((argument) =>
    compileValue(argument, { ...scope, grouping: { by: [], inside: true } }),
  )
  const valuesOf = (environment: Environment): Value[] => {
    const rows = environment.group ?? []
    if (!operand) return rows.map(() => 1)
    const values = rows.map((row) => operand.run(row)).filter((value) => value !== null)
    return call.distinct
      ? values.filter((value, index) => values.findIndex((other) => compare(other, value) === 0) === index)
      : values
  }
  if (name.startsWith('count')) {
    const type = name === 'count' ? int : bigint
    return {
      type,
      run: (environment) => (name === 'count' ? valuesOf(environment).length : BigInt(valuesOf(environment).length)),
    }
  }
  if (!operand) throw new EngineError(174, `The ${name} function requires 1 argument(s).`, { severity: 15 })
  if (name === 'sum')
    return {
      type: operand.type,
      run(environment) {
        const values = valuesOf(environment)
        if (values.length === 0) return null
        return operand.type.kind === 'bigint' || (operand.type.kind === 'decimal' && !operand.type.scale)
          ? values.reduce<bigint>((total, value) => total + BigInt(numberOf(value)), 0n)
          : values.reduce<number>((total, value) => total + numberOf(value), 0)
      },
    }
  const sign = name === 'max' ? 1 : -1
  return {
    type: operand.type,
    run: (environment) =>
      valuesOf(environment).reduce<Value>(
        (best, value) => (best === null || compare(value, best) * sign > 0 ? value : best),
        null,
      ),
  }
}
