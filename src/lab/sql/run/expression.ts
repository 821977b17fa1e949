import { convert } from '../convert.ts'
import { EngineError, syntaxError, undeclared, unknownColumn } from '../errors.ts'
import type { Expression, Query } from '../tsql/ast.ts'
import { bare, commonType, compare, int, nvarchar, numberOf, type SqlType, type Value } from '../values.ts'
import { compileAggregate, isAggregate } from './aggregates.ts'
import { compileArithmetic } from './arithmetic.ts'
import { compileFunction } from './functions.ts'
import { compileBetween, compileIn, compileLike, condition, ordered } from './predicates.ts'
import { compileQuery } from './query.ts'
import { emptyEnvironment, type Compiled, type Environment, type Scope } from './scope.ts'

/** A value; a condition in its place is a syntax error. */
export function compileValue(expression: Expression, scope: Scope): Compiled & { type: SqlType } {
  const compiled = compile(expression, scope)
  const { type } = compiled
  if (type === null) throw syntaxError(expression.node === 'binary' ? expression.operator : expression.node)
  return { type, run: (environment) => compiled.run(environment) }
}

/** A condition; a value in its place is error 4145. */
export function compileCondition(expression: Expression, scope: Scope): Compiled {
  const compiled = compile(expression, scope)
  if (compiled.type !== null)
    throw new EngineError(
      4145,
      'An expression of non-boolean type specified in a context where a condition is expected.',
      { severity: 15 },
    )
  return compiled
}

/** The value of an expression without rows, of a statement such as SET. */
export function evaluate(expression: Expression, scope: Scope): { value: Value; type: SqlType } {
  const compiled = compileValue(expression, scope)
  return { value: compiled.run(emptyEnvironment), type: compiled.type }
}

function compile(expression: Expression, scope: Scope): Compiled {
  switch (expression.node) {
    case 'literal':
      return { type: expression.type, run: () => expression.value }
    case 'column':
      return compileColumn(expression.parts, scope)
    case 'variable':
      return compileVariable(expression.name, scope)
    case 'call':
      return isAggregate(expression)
        ? compileAggregate(expression, scope, compileValue)
        : compileFunction(expression, scope, compileValue)
    case 'cast':
      return compileCast(expression, scope)
    case 'unary':
      return compileUnary(expression, scope)
    case 'binary':
      return compileBinary(expression, scope)
    case 'isNull': {
      const operand = compileValue(expression.operand, scope)
      return condition((environment) => (operand.run(environment) === null) !== expression.negated)
    }
    case 'between':
      return compileBetween(expression, scope, compileValue)
    case 'in':
      return compileIn(expression, scope, compileValue)
    case 'like':
      return compileLike(expression, scope, compileValue)
    case 'case':
      return compileCase(expression, scope)
    case 'exists': {
      const query = compileQuery(expression.query, scope.frame, scope)
      return condition((environment) => query.rows(environment).length > 0)
    }
    case 'subquery':
      return compileSubquery(expression.query, scope)
  }
}

function compileColumn(parts: readonly string[], scope: Scope): Compiled {
  const name = (parts.at(-1) ?? '').toLowerCase()
  const qualifier = parts.length > 1 ? (parts.at(-2) ?? '').toLowerCase() : null
  for (let depth = 0, at: Scope | null = scope; at; depth++, at = at.outer) {
    const found = at.sources.flatMap((source, index) => {
      if (qualifier !== null && source.alias.toLowerCase() !== qualifier) return []
      const column = source.columns.findIndex((known) => known.name.toLowerCase() === name)
      return column < 0 ? [] : [{ index, column, type: source.columns[column]?.type ?? int }]
    })
    const [first] = found
    if (found.length > 1) throw new EngineError(209, `Ambiguous column name '${parts.at(-1) ?? ''}'.`)
    if (!first) continue
    if (depth === 0) checkGrouping(parts, at)
    return {
      type: first.type,
      run: (environment) => outward(environment, depth).rows[first.index]?.[first.column] ?? null,
    }
  }
  if (qualifier !== null && !knows(scope, qualifier))
    throw new EngineError(4104, `The multi-part identifier "${parts.join('.')}" could not be bound.`)
  throw unknownColumn(parts.at(-1) ?? '')
}

function knows(scope: Scope | null, qualifier: string): boolean {
  return (
    scope !== null &&
    (scope.sources.some((source) => source.alias.toLowerCase() === qualifier) || knows(scope.outer, qualifier))
  )
}

/** A column outside of aggregates must be one of GROUP BY. */
function checkGrouping(parts: readonly string[], scope: Scope): void {
  if (!scope.grouping || scope.grouping.inside) return
  const name = parts.at(-1)?.toLowerCase()
  if (scope.grouping.by.some((by) => by.node === 'column' && by.parts.at(-1)?.toLowerCase() === name)) return
  throw new EngineError(
    8120,
    `Column '${parts.join('.')}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`,
  )
}

function outward(environment: Environment, depth: number): Environment {
  let at = environment
  for (let step = 0; step < depth; step++) at = at.outer ?? emptyEnvironment
  return at
}

function compileVariable(name: string, scope: Scope): Compiled {
  const { variables } = scope.frame
  if (name.startsWith('@@'))
    return compileFunction(
      { node: 'call', name: [name], arguments: [], star: false, distinct: false },
      scope,
      compileValue,
    )
  const variable = variables.get(name.toLowerCase())
  if (!variable) throw undeclared(name)
  return { type: variable.type, run: () => variables.get(name.toLowerCase())?.value ?? null }
}

function compileCast(expression: Expression & { node: 'cast' }, scope: Scope): Compiled {
  const operand = compileValue(expression.operand, scope)
  const style = expression.style ? compileValue(expression.style, scope) : null
  return {
    type: expression.type,
    run(environment) {
      try {
        return convert(operand.run(environment), expression.type, style ? numberOf(style.run(environment)) : null)
      } catch (error) {
        if (expression.lenient && error instanceof EngineError) return null
        throw error
      }
    },
  }
}

function compileUnary(expression: Expression & { node: 'unary' }, scope: Scope): Compiled {
  if (expression.operator === 'not') {
    const operand = compileCondition(expression.operand, scope)
    return condition((environment) => {
      const truth = operand.run(environment)
      return truth === null ? null : truth === 0
    })
  }
  const operand = compileValue(expression.operand, scope)
  if (expression.operator === '+') return operand
  return {
    type: operand.type,
    run(environment) {
      const value = bare(operand.run(environment))
      return value === null ? null : typeof value === 'bigint' ? -value : -numberOf(value)
    },
  }
}

const comparisons: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
}

function compileBinary(expression: Expression & { node: 'binary' }, scope: Scope): Compiled {
  const { operator } = expression
  if (operator === 'and' || operator === 'or') {
    const [left, right] = [compileCondition(expression.left, scope), compileCondition(expression.right, scope)]
    const decisive = operator === 'and' ? 0 : 1
    return {
      type: null,
      run(environment) {
        const first = left.run(environment)
        if (first === decisive) return decisive
        const second = right.run(environment)
        return second === decisive ? decisive : first === null || second === null ? null : 1 - decisive
      },
    }
  }
  const [left, right] = [compileValue(expression.left, scope), compileValue(expression.right, scope)]
  const test = comparisons[operator]
  if (test) return condition((environment) => ordered(left.run(environment), right.run(environment), test))
  return compileArithmetic(operator, left, right)
}

function compileCase(expression: Expression & { node: 'case' }, scope: Scope): Compiled {
  const operand = expression.operand ? compileValue(expression.operand, scope) : null
  const branches = expression.branches.map(({ when, then }) => ({
    when: operand ? compileValue(when, scope) : compileCondition(when, scope),
    then: compileValue(then, scope),
  }))
  const otherwise = expression.otherwise ? compileValue(expression.otherwise, scope) : null
  const results = [...branches.map(({ then }) => then), ...(otherwise ? [otherwise] : [])]
  const type = results.map((result) => result.type).reduce(commonType)
  return {
    type,
    run(environment) {
      const value = operand?.run(environment)
      const chosen = branches.find(({ when }) => {
        const tested = when.run(environment)
        if (value === undefined) return tested === 1
        return value !== null && tested !== null && compare(value, tested) === 0
      })
      return convert((chosen?.then ?? otherwise)?.run(environment) ?? null, type)
    },
  }
}

function compileSubquery(of: Query, scope: Scope): Compiled {
  const query = compileQuery(of, scope.frame, scope)
  if (query.columns.length !== 1)
    throw new EngineError(
      116,
      'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
    )
  return {
    type: query.columns[0]?.type ?? nvarchar(1),
    run(environment) {
      const rows = query.rows(environment)
      if (rows.length > 1)
        throw new EngineError(
          512,
          'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
        )
      return rows[0]?.[0] ?? null
    },
  }
}
