import { addSeconds } from '../../base/time.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { newest } from '../../domain/recovery-point.ts'
import { proofsOf, testedKinds, trialInWords, type PolicyProofs, type Trial } from '../../domain/restore-proofs.ts'
import type { ItemKind } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { completeSets } from '../selections.ts'
import type { ConditionState } from './state.ts'

/** How a restore test proves what it brought back. */
const levels: Readonly<Partial<Record<ItemKind, string>>> = {
  'sql-database': 'by RESTORE and DBCC CHECKDB',
  'file-store': 'by each file against the manifest',
}
/** Records, from which nothing is restored. */
const records: ReadonlySet<ItemKind> = new Set(['environment', 'directory-record'])

/** What was brought back for a test, of which set, when and how it was proved; and what never was. */
export function restorable(policy: BackupPolicy, digest: Digest): ConditionState {
  const sets = digest.setsOf(policy.name)
  if (completeSets(sets).length === 0) {
    const spoilt = newest(sets, digest.now, ({ whole, state }) => whole && state === 'damaged')
    return spoilt
      ? { status: 'false', reason: 'Damaged', message: `No complete set is left: ${spoilt.id} was found damaged.` }
      : { status: 'unknown', reason: 'NoCompleteSet', message: 'There is no complete set yet.' }
  }
  const { restoreTest } = policy.verification
  const { kinds, trials = [] } = proofsOf(policy.name, digest.memory.restoreProofs)
  const proved = (Object.keys(kinds) as ItemKind[]).sort()
  const held = [...new Set(digest.required(policy).map(({ kind }) => kind))].filter((kind) => !records.has(kind)).sort()
  const asked = testedKinds(restoreTest).filter((kind) => held.includes(kind))
  const message = [
    ...proved.map((kind) => tell(kind, kinds)),
    never(held.filter((kind) => !kinds[kind])),
    ...trials.slice(0, toldTrials).map(tellTrial),
  ].join(' ')
  if (proved.length === 0 || asked.some((kind) => !kinds[kind]))
    return { status: 'unknown', reason: 'NotTested', message }
  const days = restoreTest?.validDays ?? null
  const limit = days === null ? '' : addSeconds(digest.now, -days * 86_400)
  const old = (asked.length > 0 ? asked : proved).filter((kind) => (kinds[kind]?.at ?? '') < limit)
  if (old.length > 0)
    return {
      status: 'false',
      reason: 'Overdue',
      message: `Not proved within ${days} days: ${old.join(', ')}. ${message}`,
    }
  return { status: 'true', reason: 'RestoreTested', message }
}

function tell(kind: ItemKind, kinds: PolicyProofs['kinds']): string {
  const proof = kinds[kind]
  if (!proof) return ''
  return `Restore test passed by ${proof.items} ${kind} of ${proof.set} at ${proof.at} (${levels[kind] ?? 'restored'}).`
}

/** The newest set and an older one have their turns. */
const toldTrials = 2

function tellTrial({ set, at, imports }: Trial): string {
  return `Tried only, of ${set} at ${at}: ${trialInWords(imports)}.`
}

function never(kinds: readonly ItemKind[]): string {
  return kinds.length === 0 ? 'Nothing else is to be restored.' : `Never restored for a test: ${kinds.join(', ')}.`
}
