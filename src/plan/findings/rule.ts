import type { ProblemCode } from '../../base/problem-codes.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'

/** What may be wrong in one respect, and how it is seen. */
export interface FindingRule {
  /** What it may find; no other rule finds these. */
  readonly codes: readonly ProblemCode[]
  find(digest: Digest): readonly Fresh<Finding>[]
  /** Whether nothing can be told now of an open finding that is not found any more: then it stays as it was. */
  isDark?(open: Finding, digest: Digest): boolean
  /** Whether no Suspension can leave it out now. */
  isFirm?(finding: Fresh<Finding>, digest: Digest): boolean
}
