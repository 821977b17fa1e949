/** What restore tests proved of each policy. It outlives the sets that were tested: what was shown is that they come back. */
import type { Time } from '../base/time.ts'
import type { RestoreTest } from './model.ts'
import { foldSubject } from './subject.ts'
import type { ItemKind, SetId } from './words.ts'

/** The newest set of a policy is tested, and an older one that chance picks: copies rot unseen. */
export type TestTurn = 'newest' | 'older'

/** One item that a restore test brought back to the end, and how long that took. */
export interface ProvedItem {
  kind: ItemKind
  bytes: number
  /** Of the restore alone, without what it waited for and what checked it. */
  seconds: number
}

/** The last restore test that items of a kind passed: all of them that the set holds. */
export interface RestoreProof {
  set: SetId
  at: Time
  items: number
}

export interface PolicyProofs {
  kinds: Readonly<Partial<Record<ItemKind, RestoreProof>>>
  /** When the last test of each turn passed as a whole. */
  turns: Readonly<Partial<Record<TestTurn, Time>>>
}

/** By the name of the policy, folded. */
export type RestoreProofs = Readonly<Record<string, PolicyProofs>>

const none: PolicyProofs = { kinds: {}, turns: {} }

export function proofsOf(policy: string, proofs: RestoreProofs): PolicyProofs {
  return proofs[foldSubject(policy)] ?? none
}

/** The kinds that a policy has tested; imports are not yet. */
export function testedKinds(test: RestoreTest | null): ItemKind[] {
  return [
    ...(test?.databases ? ['sql-database' as const] : []),
    ...(test?.files != null ? ['file-store' as const] : []),
  ]
}

/** With the proofs of one more test of a set of that policy. `turn`: the turn that it passed as a whole. */
export function withTest(
  proofs: RestoreProofs,
  policy: string,
  test: { set: SetId; at: Time; items: readonly ProvedItem[]; turn: TestTurn | null },
): RestoreProofs {
  const { kinds, turns } = proofsOf(policy, proofs)
  const { set, at, items, turn } = test
  const proved = [...Map.groupBy(items, ({ kind }) => kind)].map(([kind, of]) => [kind, { set, at, items: of.length }])
  return {
    ...proofs,
    [foldSubject(policy)]: {
      kinds: { ...kinds, ...(Object.fromEntries(proved) as PolicyProofs['kinds']) },
      turns: turn === null ? turns : { ...turns, [turn]: at },
    },
  }
}
