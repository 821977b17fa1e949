import { hashOf } from '../../base/hash.ts'
import { onceFor } from '../../base/once-for.ts'
import { addSeconds, type Time } from '../../base/time.ts'
import type { Action } from '../../domain/action.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { newest } from '../../domain/recovery-point.ts'
import { proofsOf, testedKinds, type TestTurn } from '../../domain/restore-proofs.ts'
import type { ItemKind } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { completeSets, firstEnd } from '../selections.ts'
import { actionId } from './hash.ts'
import { isWaiting } from './tries.ts'

const secondsPerDay = 86_400

/**
 * Restore tests that age calls for: of the newest complete set, and of an older one that chance picks, each in its turn.
 * Before any, the first set has to be a day old. A test that found damage did not do its turn: the next set is picked.
 */
export function dueRestoreTests(policy: BackupPolicy, digest: Digest): Action[] {
  const { restoreTest } = policy.verification
  const days = restoreTest?.everyDays ?? null
  if (days === null) return []
  const { turns } = proofsOf(policy.name, digest.memory.restoreProofs)
  const all = completeSets(digest.setsOf(policy.name))
  const began = firstEnd(all)
  const holds = holding(testedKinds(restoreTest))
  const last = newest(all, digest.now, holds)
  if (began === null || last === null) return []
  const picks: Record<TestTurn, () => SetSummary | null> = {
    newest: () => last,
    older: () =>
      drawn(all, `${policy.name} ${turns.older ?? began} ${last.id}`, () =>
        pick(
          all.filter((set) => set.startedAt < last.startedAt && holds(set)),
          `${policy.name} ${turns.older ?? began}`,
        ),
      ),
  }
  return (['newest', 'older'] as const).flatMap((turn) => {
    const passed = turns[turn]
    const before = passed !== undefined && passed <= digest.now ? passed : undefined // no wrong clock holds it back
    if ((before ?? began) > addSeconds(digest.now, -(before === undefined ? 1 : days) * secondsPerDay)) return []
    const set = picks[turn]()
    return set === null || isWaiting(set, digest) ? [] : [testOf(set, turn, before ?? null, digest)]
  })
}

function testOf(set: SetSummary, turn: TestTurn, before: Time | null, digest: Digest): Action {
  const { length } = digest.attempts('verify-backup-set', set.id)
  return {
    location: set.location,
    kind: 'verify-backup-set',
    id: actionId('verify-backup-set', set.id, ['restore', turn, before, length]),
    subject: set.id,
    set: set.id,
    level: 'restore',
    turn,
    cause: 'scheduled',
    reason: `${why[turn]}: ${before === null ? 'none passed a restore test yet' : `the last restore test of one was at ${before}`}.`,
    request: null,
  }
}

const why: Readonly<Record<TestTurn, string>> = {
  newest: 'It is the newest set of its policy',
  older: 'Chance picked it among the older sets of its policy',
}

/**
 * Each set as likely as any other, by a hash of the seed and its id: the same as long as the set and the seed are the same,
 * whatever other sets come and go.
 */
export function pick<S extends { id: string }>(sets: readonly S[], seed: string): S | null {
  let first: { set: S; lot: string } | null = null
  for (const set of sets) {
    const lot = hashOf([seed, set.id])
    if (first === null || lot < first.lot) first = { set, lot }
  }
  return first?.set ?? null
}

/** Drawn once for as long as no set came, went or changed. */
function drawn(sets: readonly SetSummary[], lot: string, draw: () => SetSummary | null): SetSummary | null {
  const known = lots(sets)
  const found = known.get(lot)
  if (found !== undefined) return found
  const set = draw()
  known.set(lot, set)
  return set
}

const lots = onceFor((_sets: readonly SetSummary[]) => new Map<string, SetSummary | null>())

function holding(kinds: readonly ItemKind[]): (set: SetSummary) => boolean {
  return ({ ok }) => ok.some(({ kind }) => kinds.includes(kind))
}
