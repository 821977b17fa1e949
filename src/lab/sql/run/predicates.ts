import type { Expression, Query } from '../tsql/ast.ts'
import { bare, compare, type SqlType, type Value } from '../values.ts'
import { compileQuery } from './query.ts'
import type { Compiled, Environment, Scope } from './scope.ts'

type CompileValue = (expression: Expression, scope: Scope) => Compiled & { type: SqlType }

/** A condition of plain truth; null is unknown. */
export function condition(test: (environment: Environment) => boolean | null): Compiled {
  return {
    type: null,
    run(environment) {
      const truth = test(environment)
      return truth === null ? null : truth ? 1 : 0
    },
  }
}

/** Whether two values stand in that order; unknown when one is NULL. */
export function ordered(left: Value, right: Value, test: (order: number) => boolean): boolean | null {
  return left === null || right === null ? null : test(compare(left, right))
}

export function compileBetween(
  expression: Expression & { node: 'between' },
  scope: Scope,
  compileOperand: CompileValue,
): Compiled {
  const [operand, low, high] = [expression.operand, expression.low, expression.high].map((part) =>
    compileOperand(part, scope),
  ) as [Compiled, Compiled, Compiled]
  return condition((environment) => {
    const value = operand.run(environment)
    const above = ordered(value, low.run(environment), (order) => order >= 0)
    const below = ordered(value, high.run(environment), (order) => order <= 0)
    if (above === null || below === null) return null
    return (above && below) !== expression.negated
  })
}

export function compileIn(
  expression: Expression & { node: 'in' },
  scope: Scope,
  compileOperand: CompileValue,
): Compiled {
  const operand = compileOperand(expression.operand, scope)
  const list = listOf(expression.list, scope, compileOperand)
  return condition((environment) => {
    const value = operand.run(environment)
    if (value === null) return null
    const candidates = list(environment)
    if (candidates.some((candidate) => candidate !== null && compare(value, candidate) === 0))
      return !expression.negated
    return candidates.includes(null) ? null : expression.negated
  })
}

function listOf(
  list: Expression[] | Query,
  scope: Scope,
  compileOperand: CompileValue,
): (environment: Environment) => Value[] {
  if (Array.isArray(list)) {
    const items = list.map((item) => compileOperand(item, scope))
    return (environment) => items.map((item) => item.run(environment))
  }
  const query = compileQuery(list, scope.frame, scope)
  return (environment) => query.rows(environment).map((row) => row[0] ?? null)
}

export function compileLike(
  expression: Expression & { node: 'like' },
  scope: Scope,
  compileOperand: CompileValue,
): Compiled {
  const [operand, pattern] = [compileOperand(expression.operand, scope), compileOperand(expression.pattern, scope)]
  const escape = expression.escape ? compileOperand(expression.escape, scope) : null
  return condition((environment) => {
    const [value, like] = [bare(operand.run(environment)), bare(pattern.run(environment))]
    if (value === null || like === null) return null
    const escaping = escape ? String(bare(escape.run(environment))) : null
    return likeExpression(String(like), escaping).test(String(value)) !== expression.negated
  })
}

/** A LIKE pattern as a regular expression: `%`, `_`, `[set]`, `[^set]`. */
function likeExpression(pattern: string, escape: string | null): RegExp {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    const end = pattern.indexOf(']', at + 1)
    if (character === escape) source += RegExp.escape(pattern[++at] ?? '')
    else if (character === '%') source += '[^]*'
    else if (character === '_') source += '[^]'
    else if (character === '[' && end > at) {
      const set = pattern.slice(at + 1, end)
      source += set.startsWith('^')
        ? `[^${set.slice(1).replaceAll('\\', '\\\\')}]`
        : `[${set.replaceAll('\\', '\\\\')}]`
      at = end
    } else source += RegExp.escape(character)
  }
  return new RegExp(`^${source}$`, 'i')
}
