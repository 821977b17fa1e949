import { convert } from '../convert.ts'
import { EngineError } from '../errors.ts'
import { commonType, isText, type Value } from '../values.ts'
import type { CompiledValue } from './scope.ts'

/** A sum, product or joined text of two values. Numbers are calculated as whole ones. */
export function compileArithmetic(operator: string, left: CompiledValue, right: CompiledValue): CompiledValue {
  const common = commonType(left.type, right.type)
  const joins = operator === '+' && isText(left.type) && isText(right.type)
  const lengths = [left.type.length ?? 1, right.type.length ?? 1] as const
  const length = Math.min(...lengths) < 0 ? -1 : Math.min(lengths[0] + lengths[1], 4000)
  const type = joins ? { ...common, length } : common
  if (type.kind === 'datetime') throw new EngineError(102, operator)
  return {
    type,
    run(rows) {
      const [a, b] = [left.run(rows), right.run(rows)]
      if (a === null || b === null) return null
      return joins ? String(a) + String(b) : convert(calculate(operator, whole(a), whole(b)), type)
    },
  }
}

function whole(value: Value): bigint {
  return convert(value, { kind: 'bigint' }) as bigint
}

function calculate(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '+') return a + b
  if (operator === '-') return a - b
  if (operator === '*') return a * b
  if (b === 0n) throw new EngineError(8134)
  return operator === '/' ? a / b : a % b
}
