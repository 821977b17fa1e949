import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'

/** What one rule says: what is wrong, and of which subjects nothing can be told now (folded). */
export interface Told {
  codes: readonly Finding['code'][]
  found: readonly Fresh<Finding>[]
  dark: ReadonlySet<string>
}

export type Rule = (digest: Digest) => Told
