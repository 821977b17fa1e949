import { convert } from '../convert.ts'
import { EngineError } from '../errors.ts'
import type { Expression } from '../tsql/ast.ts'
import { commonType, compare, int, numberOf, type Value } from '../values.ts'
import { compileArithmetic } from './arithmetic.ts'
import type { Frame } from './frame.ts'
import { compileFunction } from './functions.ts'
import { likeExpression } from './like.ts'
import type { Compiled, CompiledValue, Rows, Scope } from './scope.ts'

type Of<Node extends Expression['node']> = Extract<Expression, { node: Node }>

/** A value; a condition in its place is a syntax error. */
export function compileValue(expression: Expression, scope: Scope): CompiledValue {
  const { type, run } = compile(expression, scope)
  if (type === null) throw new EngineError(102, expression.node === 'binary' ? expression.operator : expression.node)
  return { type, run }
}

/** A condition; a value in its place is error 4145. */
export function compileCondition(expression: Expression, scope: Scope): Compiled {
  const compiled = compile(expression, scope)
  if (compiled.type !== null) throw new EngineError(4145)
  return compiled
}

/** The value of an expression that stands in a statement, outside of a query. */
export function valueOf(expression: Expression, frame: Frame): Value {
  return compileValue(expression, { frame, sources: [] }).run([])
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
      return compileCall(expression.name, expression.arguments, scope)
    case 'cast':
      return compileCast(expression, scope)
    case 'not':
      return negated(compileCondition(expression.operand, scope))
    case 'binary':
      return compileBinary(expression, scope)
    case 'isNull': {
      const operand = compileValue(expression.operand, scope)
      return condition((rows) => (operand.run(rows) === null) !== expression.negated)
    }
    case 'between': {
      const { operand, low, high } = expression
      const [above, below] = [comparison('>=', operand, low, scope), comparison('<=', operand, high, scope)]
      return unless(expression.negated, conjunction('and', above, below))
    }
    case 'in': {
      const equals = expression.list.map((item) => comparison('=', expression.operand, item, scope))
      return unless(
        expression.negated,
        equals.reduce((left, right) => conjunction('or', left, right)),
      )
    }
    case 'like':
      return compileLike(expression, scope)
    case 'case':
      return compileCase(expression, scope)
  }
}

/** A condition of plain truth; null is unknown. */
function condition(test: (rows: Rows) => boolean | null): Compiled {
  return {
    type: null,
    run(rows) {
      const truth = test(rows)
      return truth === null ? null : Number(truth)
    },
  }
}

function negated(of: Compiled): Compiled {
  return condition((rows) => {
    const truth = of.run(rows)
    return truth === null ? null : truth === 0
  })
}

function unless(not: boolean, of: Compiled): Compiled {
  return not ? negated(of) : of
}

function conjunction(operator: 'and' | 'or', left: Compiled, right: Compiled): Compiled {
  const decisive = operator === 'and' ? 0 : 1
  return {
    type: null,
    run(rows) {
      const first = left.run(rows)
      if (first === decisive) return decisive
      const second = right.run(rows)
      return second === decisive ? decisive : first === null || second === null ? null : 1 - decisive
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

function comparison(operator: string, left: Expression, right: Expression, scope: Scope): Compiled {
  const [first, second] = [compileValue(left, scope), compileValue(right, scope)]
  const test = comparisons[operator]
  return condition((rows) => {
    const [a, b] = [first.run(rows), second.run(rows)]
    return a === null || b === null || !test ? null : test(compare(a, b))
  })
}

function compileBinary({ operator, left, right }: Of<'binary'>, scope: Scope): Compiled {
  if (operator === 'and' || operator === 'or')
    return conjunction(operator, compileCondition(left, scope), compileCondition(right, scope))
  if (operator in comparisons) return comparison(operator, left, right, scope)
  return compileArithmetic(operator, compileValue(left, scope), compileValue(right, scope))
}

function compileColumn(parts: readonly string[], { sources }: Scope): CompiledValue {
  const name = parts.at(-1) ?? ''
  const qualifier = parts.at(-2)?.toLowerCase()
  const named = sources.map(({ alias }) => qualifier === undefined || alias.toLowerCase() === qualifier)
  if (qualifier !== undefined && !named.includes(true)) throw new EngineError(4104, parts.join('.'))
  const found = sources.flatMap(({ columns }, source) => {
    const at = columns.findIndex((known) => known.name.toLowerCase() === name.toLowerCase())
    return named[source] === true && at >= 0 ? [{ source, at, type: columns[at]?.type ?? int }] : []
  })
  const [column] = found
  if (!column) throw new EngineError(207, name)
  if (found.length > 1) throw new EngineError(209, name)
  return { type: column.type, run: (rows) => rows[column.source]?.[column.at] ?? null }
}

function compileVariable(name: string, scope: Scope): CompiledValue {
  if (name.startsWith('@@')) return compileFunction([name], [], scope.frame)
  const { variables } = scope.frame
  const variable = variables.get(name.toLowerCase())
  if (!variable) throw new EngineError(137, name)
  return { type: variable.type, run: () => variables.get(name.toLowerCase())?.value ?? null }
}

function compileCall(name: readonly string[], operands: readonly Expression[], scope: Scope): CompiledValue {
  const compiled = operands.map((operand) => compileValue(operand, scope))
  return compileFunction(name, compiled, scope.frame)
}

function compileCast({ operand, type, style }: Of<'cast'>, scope: Scope): CompiledValue {
  const value = compileValue(operand, scope)
  const chosen = style ? compileValue(style, scope) : null
  return { type, run: (rows) => convert(value.run(rows), type, chosen ? numberOf(chosen.run(rows)) : 0) }
}

function compileLike({ operand, pattern, negated: not }: Of<'like'>, scope: Scope): Compiled {
  const [value, like] = [compileValue(operand, scope), compileValue(pattern, scope)]
  return condition((rows) => {
    const [text, form] = [value.run(rows), like.run(rows)]
    return text === null || form === null ? null : likeExpression(String(form)).test(String(text)) !== not
  })
}

function compileCase({ branches, otherwise }: Of<'case'>, scope: Scope): CompiledValue {
  const compiled = branches.map(({ when, then }) => ({
    when: compileCondition(when, scope),
    then: compileValue(then, scope),
  }))
  const last = otherwise ? compileValue(otherwise, scope) : null
  const results = [...compiled.map(({ then }) => then), ...(last ? [last] : [])]
  const type = results.map((result) => result.type).reduce(commonType)
  return {
    type,
    run(rows) {
      const chosen = compiled.find(({ when }) => when.run(rows) === 1)?.then ?? last
      return convert(chosen?.run(rows) ?? null, type)
    },
  }
}
