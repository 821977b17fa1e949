import { convert } from '../convert.ts'
import { EngineError } from '../errors.ts'
import {
  bare,
  bigint,
  commonType,
  float,
  int,
  isMoment,
  isText,
  numberOf,
  type SqlType,
  type Value,
} from '../values.ts'
import type { Compiled } from './scope.ts'

/** A sum, product or joined text of two values. */
export function compileArithmetic(
  operator: string,
  left: Compiled & { type: SqlType },
  right: Compiled & { type: SqlType },
): Compiled {
  const type = commonType(left.type, right.type)
  if (operator === '+' && isText(left.type) && isText(right.type)) {
    const [a, b] = [left.type.length ?? 1, right.type.length ?? 1]
    const joined = { ...type, length: a < 0 || b < 0 ? -1 : Math.min(a + b, 4000) }
    return {
      type: joined,
      run: (environment) =>
        both(left.run(environment), right.run(environment), (x, y) => String(bare(x)) + String(bare(y))),
    }
  }
  if (isMoment(type) && (operator === '+' || operator === '-')) {
    const sign = operator === '+' ? 1 : -1
    return {
      type,
      run: (environment) =>
        both(left.run(environment), right.run(environment), (x, y) => convert(numberOf(x) + sign * numberOf(y), type)),
    }
  }
  const result =
    type.kind === 'decimal' && (left.type.scale ?? 0) + (right.type.scale ?? 0) > 0 ? float : isText(type) ? int : type
  return {
    type: result,
    run: (environment) =>
      both(left.run(environment), right.run(environment), (x, y) => calculate(operator, x, y, result)),
  }
}

function both(left: Value, right: Value, apply: (left: Value, right: Value) => Value): Value {
  return left === null || right === null ? null : apply(left, right)
}

function calculate(operator: string, left: Value, right: Value, type: SqlType): Value {
  const whole = type.kind === 'bigint' || type.kind === 'decimal'
  const [a, b] = whole
    ? [convert(left, bigint) as bigint, convert(right, bigint) as bigint]
    : [numberOf(left), numberOf(right)]
  if ((operator === '/' || operator === '%') && Number(b) === 0)
    throw new EngineError(8134, 'Divide by zero error encountered.')
  const result =
    typeof a === 'bigint' && typeof b === 'bigint'
      ? wholeResult(operator, a, b)
      : plainResult(operator, Number(a), Number(b))
  return convert(
    typeof result === 'number' && type.kind !== 'float' && type.kind !== 'real' ? Math.trunc(result) : result,
    type,
  )
}

function wholeResult(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
    case '&':
      return a & b
    default:
      return a | b
  }
}

function plainResult(operator: string, a: number, b: number): number {
  if (operator === '/') return a / b
  return operator === '&' || operator === '|' || (Number.isInteger(a) && Number.isInteger(b))
    ? Number(wholeResult(operator, BigInt(a), BigInt(b)))
    : ({ '+': a + b, '-': a - b, '*': a * b }[operator] ?? a % b)
}
