/** What restore tests proved of each policy. It outlives the sets that were tested: what was shown is that they come back. */
import type { Time } from '../base/time.ts'
import type { RestoreTest } from './model.ts'
import { foldSubject } from './subject.ts'
import type { ItemKind, SetId, Subject } from './words.ts'

/** The newest set of a policy is tested, and an older one that chance picks: copies rot unseen. */
export type TestTurn = 'newest' | 'older'

/** One item that a restore test brought back to the end, and how long that took. */
export interface ProvedItem {
  kind: ItemKind
  bytes: number
  /** Of the restore alone, without what it waited for and what checked it. */
  seconds: number
}

/**
 * What `Update-CsUserData -TestMode` said of one export. The documents do not say what it proves, so it warns and decides nothing.
 * `not-there`: the product has no such mode.
 */
export interface TrialImport {
  pool: Subject
  outcome: 'passed' | 'complained' | 'not-there'
  /** What it complained of; else null. */
  message: string | null
}

/** The exports of user data of one set, tried in a restore test. */
export interface Trial {
  set: SetId
  at: Time
  imports: readonly TrialImport[]
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
  /** The last few, newest first, one for each set; absent: none was made. */
  trials?: readonly Trial[]
}

const keptTrials = 4

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
  test: {
    set: SetId
    at: Time
    items: readonly ProvedItem[]
    turn: TestTurn | null
    trials?: readonly TrialImport[] | undefined
  },
): RestoreProofs {
  const { kinds, turns, trials: before = [] } = proofsOf(policy, proofs)
  const { set, at, items, turn, trials: imports = [] } = test
  const trials = imports.length === 0 ? before : [{ set, at, imports }, ...before.filter((one) => one.set !== set)]
  const proved = [...Map.groupBy(items, ({ kind }) => kind)].map(([kind, of]) => [kind, { set, at, items: of.length }])
  return {
    ...proofs,
    [foldSubject(policy)]: {
      kinds: { ...kinds, ...(Object.fromEntries(proved) as PolicyProofs['kinds']) },
      turns: turn === null ? turns : { ...turns, [turn]: at },
      ...(trials.length === 0 ? {} : { trials: trials.slice(0, keptTrials) }),
    },
  }
}

/** `Update-CsUserData -TestMode: 2 of 3 exports passed; pool01.contoso.com: ...`: what it complained of by name. */
export function trialInWords(imports: readonly TrialImport[]): string {
  const tried = imports.filter(({ outcome }) => outcome !== 'not-there')
  const without = imports.filter(({ outcome }) => outcome === 'not-there').map(({ pool }) => pool)
  const passed = tried.filter(({ outcome }) => outcome === 'passed').length
  const complaints = tried.flatMap(({ pool, outcome, message }) =>
    outcome === 'complained' ? [`${pool}: ${message ?? 'it said nothing'}`] : [],
  )
  return [
    ...(tried.length === 0
      ? []
      : [`Update-CsUserData -TestMode passed ${passed} of ${tried.length} exports of user data`]),
    ...complaints,
    ...(without.length === 0 ? [] : [`Lync Server 2013 has no -TestMode (${without.join(', ')})`]),
  ].join('; ')
}
