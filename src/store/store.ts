/** The state store: one SQLite file. A cache and a diary; sets are found again from the share. */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { keepOwner } from '../base/keep-owner.ts'
import { systemRandom, type Random } from '../base/random.ts'
import { addSeconds, type Time } from '../base/time.ts'
import { Problem } from '../base/problem.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { Observed } from '../domain/observation.ts'
import type { Memory, Plan, ReplacedStore } from '../domain/plan.ts'
import type { SetId } from '../domain/words.ts'
import type { Committed, SetCache } from '../sets/catalogue.ts'
import { committedMessage, committedType } from './committed.ts'
import type { WrittenBeats } from '../sets/heartbeat.ts'
import { doneLately, openAttempts, ranSteps } from './attempts.ts'
import { openDatabase, type Database } from './database.ts'
import { isFirst, openFormerJournal, type FormerJournal } from './former-journal.ts'
import { openHeartbeats } from './heartbeats.ts'
import { openIntents, type Intents } from './intents.ts'
import { openJournal, type Journal, type NewEntry } from './journal.ts'
import { openLease, type Lease } from './lease.ts'
import { openDisputes, type Disputes } from './disputes.ts'
import { openImportForms, type ImportForms } from './import-forms.ts'
import { openPastRuns } from './past-runs.ts'
import { openRestoreProofs } from './restore-proofs.ts'
import { openStepCounts, type StepCounts } from './step-counts.ts'
import { openMemory, remembered } from './memory.ts'
import { isUsable, migrate } from './migrations.ts'
import { openObservations } from './observations.ts'
import { openRequests, type Requests } from './requests.ts'
import { openSetCache } from './set-cache.ts'
import { sql } from './statement.ts'
import { openVanishedSets } from './vanished-sets.ts'

export type { Entry, Journal, NewEntry } from './journal.ts'
export type { Intents } from './intents.ts'
export type { Lease } from './lease.ts'
export type { Requests } from './requests.ts'

export interface Store extends Disposable {
  readonly lease: Lease
  readonly journal: Journal
  readonly requests: Requests
  readonly intents: Intents
  readonly stepCounts: StepCounts
  readonly importForms: ImportForms
  readonly sets: SetCache
  readonly disputes: Disputes
  readonly heartbeats: WrittenBeats
  memory(): Memory
  /** The newest snapshot that a pass was made on; null before the first. Sets are left out: they come from `sets`. */
  lastObserved(): Observed['facts'] | null
  /** What the last pass decided. */
  lastPlan(): Plan | null
  /** When the last pass ended, by the daemon; null before the first. As of the lease's last renewal. */
  lastPassAt(): Time | null
  /** Keeps what a pass decided, and journals what it says that is new. All of it, or nothing. */
  remember(
    after: Plan,
    observed: Observed,
    applied: { revision: string; subjects: number },
    entries: readonly NewEntry[],
  ): void
  /** To bring back the journal of a former store; null where this one is not new: somebody was told of its journal. */
  formerJournal(): FormerJournal | null
  /** To be called before a share or a set is told of an entry of the journal. */
  journalTold(): void
  /** These commit records count from now on. `why`: for the journal, who speaks for them. */
  vouch(sets: readonly Committed[], why: string): void
  /** Somebody has said that it was meant: nobody misses these sets any more. */
  acknowledge(vanished: readonly SetId[]): void
  /** All sets known for a location, newest first. */
  knownSets(location: string): readonly BackupSet[]
  /** Keeps, and journals, that this store was begun in place of a damaged one. */
  replaces(damaged: ReplacedStore): void
  /** Somebody has said that the damaged stores are known. */
  forgetReplaced(): void
  /** False once another file has the name of the one that was opened. */
  isInPlace(): boolean
}

/** How long a call of a command blocks while another program holds the file. */
const commandWaitsMilliseconds = 5000

/**
 * Opens or makes the file. `read` never writes and never waits for the lease; where there is no file yet, it answers
 * as an empty store and makes none. Throws Problem `state-store-...`. `busyMilliseconds` as in `openDatabase`.
 */
export function openStore(
  file: string,
  mode: 'read' | 'act',
  clock: Clock,
  random: Random = systemRandom,
  busyMilliseconds = commandWaitsMilliseconds,
): Store {
  const database = mode === 'act' ? openToAct(file, clock, busyMilliseconds) : openToRead(file, clock, busyMilliseconds)
  const opened = identityOf(file)
  const journal = openJournal(database, clock)
  const observations = openObservations(database)
  const memory = openMemory(database, journal, observations, clock)
  const lease = openLease(database, clock, random, () => memory.lastPass())
  const requests = openRequests(database, journal, clock, random)
  const pastRuns = openPastRuns(remembered(database, 'pastRuns'))
  const stepCounts = openStepCounts(remembered(database, 'stepCounts'), (work) => database.durably(work))
  const importForms = openImportForms(remembered(database, 'importForms'), (work) => database.durably(work))
  const restoreProofs = openRestoreProofs(remembered(database, 'restoreProofs'))
  const ofActions = { pastRuns, stepCounts, restoreProofs }
  const intents = openIntents(database, journal, clock, () => memory.applied()?.revision ?? '', ofActions)
  const vanished = openVanishedSets(database)
  const sets = openSetCache(database, vanished)
  const disputes = openDisputes(remembered(database, 'disputes'), (work) => database.durably(work), journal)
  const told = remembered<true>(database, 'journalTold')
  const lastPassAt = () =>
    memory.lastPass() ?? database.first(sql<{ passAt: Time | null }>`SELECT passAt FROM lease`)?.passAt ?? null
  return {
    lease,
    journal,
    requests,
    intents,
    stepCounts,
    importForms,
    sets,
    disputes,
    heartbeats: openHeartbeats(database),
    memory: () =>
      database.consistently(() => ({
        inFlight: intents.unresolved().map(({ action }) => action),
        progress: intents.progress(),
        requests: requests.waiting(),
        attempts: openAttempts(database),
        doneLately: doneLately(database, clock.now()),
        ranSteps: ranSteps(database),
        pastRuns: pastRuns.all(),
        restoreProofs: restoreProofs.all(),
        standing: memory.standing(),
        applied: memory.applied(),
        settled: memory.settled(),
        vanished: vanished.all(),
        disputes: disputes.all(),
        replaced: memory.replaced(),
      })),
    lastObserved: () => observations.read(),
    lastPlan() {
      const plan = memory.lastPlan()
      return plan && { ...plan, at: lastPassAt() ?? plan.at }
    },
    lastPassAt,
    remember: (after, observed, applied, entries) => memory.remember(after, observed, applied, entries),
    vouch(made, why) {
      const revision = memory.applied()?.revision ?? ''
      database.durably(() => {
        for (const { id, commitSha256 } of made)
          journal.append({
            ...{ actor: 'holdfast', cause: 'scheduled', revision, type: committedType, subject: id },
            message: committedMessage(commitSha256, why),
          })
        sets.vouch(made)
      })
    },
    formerJournal: () =>
      told.read() !== true && isFirst(journal)
        ? openFormerJournal(database, journal, (made) => sets.vouch(made))
        : null,
    journalTold() {
      if (told.read() !== true) database.durably(() => told.write(true))
    },
    acknowledge(ids) {
      database.durably(() => {
        vanished.remove(ids)
      })
    },
    knownSets: (location) => database.consistently(() => sets.all(location)),
    replaces: (damaged) => memory.replaces(damaged),
    forgetReplaced: () => memory.forgetReplaced(),
    isInPlace: () => [opened, null].includes(identityOf(file)),
    [Symbol.dispose]() {
      try {
        if (mode === 'act') lease.release()
      } catch (thrown) {
        if (!(thrown instanceof Problem)) throw thrown // else as good as written: the lease of a dead process is nobody's
      } finally {
        database.close()
      }
    },
  }
}

/** Which file has this name; null: none. */
export function identityOf(file: string): string | null {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev} ${found.ino}`
}

function openToAct(file: string, clock: Clock, busyMilliseconds: number): Database {
  mkdirSync(dirname(file), { recursive: true })
  if (!existsSync(file)) {
    closeSync(openSync(file, 'a')) // for SQLite an empty file is a new one; its log gets the same owner
    keepOwner(file)
  }
  const database = openDatabase(file, false, busyMilliseconds)
  try {
    migrate(database, file, clock)
    forgetOldProofs(database, clock)
    return database
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

function openToRead(file: string, clock: Clock, busyMilliseconds: number): Database {
  if (existsSync(file)) {
    const database = openDatabase(file, true, busyMilliseconds)
    try {
      if (isUsable(database, file)) return database
    } catch (thrown) {
      database.close()
      throw thrown
    }
    database.close()
  }
  const empty = openDatabase(null, false, busyMilliseconds)
  migrate(empty, file, clock)
  return empty
}

/** Proofs outlive a share that is gone for a while, not a set that is gone for good. */
const proofsKeptSeconds = 90 * 86_400

function forgetOldProofs(database: Database, clock: Clock): void {
  const old = addSeconds(clock.now(), -proofsKeptSeconds)
  const orphaned = sql`at < ${old} AND setId NOT IN (SELECT id FROM backupSet)`
  if (database.first(sql`SELECT setId FROM proof WHERE ${orphaned} LIMIT 1`))
    database.briefly(() => database.run(sql`DELETE FROM proof WHERE ${orphaned}`))
}
