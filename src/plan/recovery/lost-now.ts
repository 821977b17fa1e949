/** What it takes to bring back what is lost, or is thought to be lost now: the rows, and the copies that they come from. */
import { together } from '../../domain/loss/several.ts'
import type { Loss } from '../../domain/loss/found.ts'
import { measured, type Measured } from '../../domain/procedures/measured.ts'
import { procedureOfAll } from '../../domain/procedures/procedures.ts'
import type { Row } from '../../domain/procedures/row.ts'
import { uncPath, type BackupSet, type ItemOutcome, type SetSummary } from '../../domain/backup-set.ts'
import type { EnvironmentRecord } from '../../domain/environment-record.ts'
import type { Snapshot } from '../../domain/plan.ts'
import type { Runbook } from '../../domain/runbook.ts'
import { itemKey, sameSubject } from '../../domain/subject.ts'
import type { Item, Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { digestOf } from '../digest-of.ts'
import { knownLosses } from '../loss/lost-items.ts'
import { recordedBy } from '../recorded.ts'
import { chosenCopies } from './chosen-copies.ts'
import { recoveryGround, type RecoveryGround } from './ground.ts'
import { keptLosses } from './losses.ts'
import { pairHistory } from './pair-history.ts'
import { flagOfLeftover } from './runbooks.ts'

/** What a restore is made from: the newest copies, and the sets as the catalogue knows them. */
export type RestoreSnapshot = Snapshot & { sets: readonly BackupSet[] }

/** The copy of an item in the catalogue. */
export interface Artefact {
  set: BackupSet
  outcome: ItemOutcome
}

/** The ground that all recoveries of one snapshot share. */
export interface LostGround {
  digest: Digest
  recovery: RecoveryGround
  /** How things were, by the newest set; null: not known. */
  environment: EnvironmentRecord | null
  copyOf: (item: Item) => SetSummary | null
  /** Null where the catalogue has no such copy. */
  artefactOf: (item: Item) => Artefact | null
  /** Of the copy; null: not known. */
  bytesOf: (item: Item) => number | null
  /** What a row took before; null: it was never run. */
  measuredOf: (row: Row) => Measured | null
}

/** Subjects that are lost together. */
export interface LostTogether {
  /** In the order in which they are brought back. */
  losses: readonly Loss[]
  /** All of them as one. */
  loss: Loss
  rows: readonly Row[]
  isLost: (host: string) => boolean
}

/** `from`: as `Recovery.from`. `lost`: null when nothing of one of the names can be lost. */
export function lostNow(
  snapshot: RestoreSnapshot,
  from = 'latest',
): LostGround & { lost: (subjects: readonly Subject[]) => LostTogether | null } {
  const { desired, observed, memory, plan, now } = snapshot
  const digest = digestOf(desired, observed, memory, now)
  const recovery = recoveryGround(digest, plan.flags, chosenCopies(from, digest))
  const { copies } = recovery
  const environment = recordedBy('environment', digest)
  const known = knownLosses(snapshot)
  const sets = new Map(snapshot.sets.map((set) => [set.id, set]))

  const copyOf = (one: Item): SetSummary | null => copies.get(itemKey(one)) ?? null
  const artefactOf = (one: Item): Artefact | null => {
    const set = sets.get(copyOf(one)?.id ?? '')
    const outcome = set?.items.find((other) => itemKey(other) === itemKey(one))
    return set && outcome ? { set, outcome } : null
  }
  const bytesOf = (one: Item): number | null => artefactOf(one)?.outcome.bytes ?? null
  const world = {
    copyOf(one: Item) {
      const found = artefactOf(one)
      return found && { file: uncPath(found.set, found.outcome.path), database: found.outcome.database }
    },
    environment,
  }
  return {
    ...{ digest, recovery, environment, copyOf, artefactOf, bytesOf },
    measuredOf({ operation }) {
      if (!operation) return null
      const bytes = operation.kind === 'restore-item' ? bytesOf(operation.item) : null
      return measured(operation, bytes, memory.pastRuns)
    },
    lost(subjects) {
      const isAsked = ({ subject }: Runbook): boolean => subjects.some((name) => sameSubject(name, subject))
      const { leftovers = [] } = plan
      const left = leftovers.filter(isAsked)
      // What is left to do belongs to the loss as it was.
      const over = left.length > 0 ? leftovers.map(flagOfLeftover) : []
      const found = keptLosses(subjects, { ...known, flags: [...known.flags, ...over] }, copies)
      if (found === null) return null
      const { losses, isLost } = found
      const before = [...memory.standing.runbooks.filter(isAsked), ...left]
      const pairs = pairHistory(
        before.flatMap((one) => one.steps),
        digest,
      )
      return {
        ...{ losses, isLost, loss: together(losses, desired) },
        rows: procedureOfAll(losses, desired, { ...world, isLost, ...pairs }),
      }
    },
  }
}
