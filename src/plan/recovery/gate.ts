/**
 * Whether Holdfast may run a step of a recovery (design, section 7, "The gate"). No query can tell a rebuilt server from a
 * healthy one: every condition has to hold, or to be accepted by name; all that do not are told at once.
 */
import type { Time } from '../../base/time.ts'
import { believableUntil, type Skew } from '../../domain/clock-skew.ts'
import { databaseFilledBy } from '../../domain/filled-database.ts'
import type { Recovery } from '../../domain/model.ts'
import type { DatabaseFacts } from '../../domain/facts.ts'
import { gates, isAcceptable, type Gate, type Refused } from '../../domain/gate.ts'
import { isSameRow } from '../../domain/procedures/order.ts'
import type { Row } from '../../domain/procedures/row.ts'
import type { Step } from '../../domain/runbook.ts'
import { itemKey, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Class, Item, Subject } from '../../domain/words.ts'
import { tellNames } from '../../domain/not-taken.ts'
import { provedAt } from '../due/verify.ts'
import { gitUnseen } from '../git-sight.ts'
import { gateOfDifference, isAccepted } from './accepted.ts'
import { blockerOf, differencesSince, recordsFor } from './changed-since.ts'
import type { Ground } from './evidence/sighting.ts'
import { intoOpeningInstance } from './gate-of-encryption.ts'
import { fromServingPartner, intoActivePool, unlessChosen } from './gate-of-pairs.ts'
import { movedSince, publishedElsewhere } from './moved.ts'
import { freezeInWords, freezeOf, type Now, type Touching } from '../suspensions.ts'
import { locationOf } from './step-runs.ts'

export interface Asked {
  row: Row
  step: Step
  /** Of the whole runbook. */
  steps: readonly Step[]
  ground: Ground
  /** The open `Recovery` of the flag; null: there is none. */
  recovery: Recovery | null
}

/** Every reason why the step is not run now; none: its gate is open. */
export function refusalsOf(asked: Asked): Refused[] {
  return conditions
    .flatMap((condition) => condition(asked))
    .filter(({ accept }) => !accept || !isAccepted(accept, asked.ground, asked.step.lostAgainAt))
}

/**
 * What the last try was refused for, where only the look right before it could tell (rows that were gathered) and nobody has
 * accepted it since; it is tried again all the same, for it may pass by itself.
 */
export function refusalOfTry({ row, step: { run, lostAgainAt }, ground }: Asked): Refused | null {
  const { tried } = run ?? {}
  const gate = gates.find((name) => name === tried?.code)
  if (!tried || !gate) return null
  const told = refused(gate, tried.message ?? '', itemOf(row)?.subject ?? row.subject)
  return told.accept && !isAccepted(told.accept, ground, lostAgainAt) ? told : null
}

/** What of a step can be asked whether its subject is lost or not. */
interface AskedToday {
  row: Row
  ground: Pick<Ground, 'digest' | 'loss' | 'recovery'>
}

/** Why a step would not be run that restores an item, if it were its turn now: it is frozen, or its copy is not to be used. */
export function refusalsToday(row: Row, ground: AskedToday['ground']): Refused[] {
  const item = itemOf(row)
  if (!item || !row.operation) return []
  const set = ground.recovery.copies.get(itemKey(item)) ?? null
  const touching = { kind: 'recovery-step' as const, subject: row.subject, operation: row.operation }
  const location = set?.location ?? null
  return [...frozen({ ...touching, location, set: set?.id ?? null }, ground.digest), ...fromUsableCopy({ row, ground })]
}

type Condition = (asked: Asked) => Refused[]

const conditions: readonly Condition[] = [
  declared,
  stillAsked,
  notSuspended,
  ready,
  aloneThere,
  ofPairs,
  seenLost,
  intoNewDatabases,
  whereItOpens,
  fromUsableCopy,
  inSameEnvironment,
]

function refused(gate: Gate, message: string, subject: Subject, fact?: string): Refused {
  if (!isAcceptable(gate)) return { gate, message }
  return { gate, message, accept: { what: gate, subject, ...(fact === undefined ? {} : { fact }) } }
}

function declared({ recovery, ground: { flag }, row }: Asked): Refused[] {
  if (!recovery) return [refused('not-declared', `No Recovery in Git is for ${flag.subject}.`, row.subject)]
  if (recovery.run === 'holdfast') return []
  return [refused('only-guided', `Recovery ${recovery.name} says run: ${recovery.run}.`, row.subject)]
}

/** What is asked for may be withdrawn, frozen or ended there by now. */
function stillAsked({ row, ground: { digest } }: Asked): Refused[] {
  const unseen = gitUnseen(digest)
  if (unseen === null) return []
  const message = `Git cannot be read, and by its last good revision alone nothing is run: ${unseen}`
  return [refused('git-out-of-sight', message, row.subject)]
}

function notSuspended({ row: { operation, subject }, step, steps, recovery, ground: { digest } }: Asked): Refused[] {
  if (!recovery || !operation) return []
  const location = locationOf(step, steps, digest)
  const set = step.run?.set ?? null
  return frozen({ kind: 'recovery-step', subject, location, set, recovery: recovery.name, operation }, digest)
}

function frozen(touching: Touching, digest: Now): Refused[] {
  const by = freezeOf(touching, digest)
  const { kind, subject } = touching
  return by ? [refused('suspended', `${kind} of ${subject}: ${freezeInWords(by)}`, subject)] : []
}

/** All that it needs is done: forks are decided, what is to be filled is there. */
function ready({ row, step, steps }: Asked): Refused[] {
  if (step.state === 'ready') return ofHidden(row, steps)
  const open = steps.filter(
    (one) => one.state !== 'done' && one.state !== 'ended' && row.needs.some((need) => isSameRow(need, one)),
  )
  const told = open.map(({ id, subject }) => `${id} of ${subject}`).join(', ')
  const message = open.length > 0 ? `It waits for ${told}.` : `It is ${step.state}: ${step.evidence ?? step.title}`
  return [refused('step-waits', message, row.subject)]
}

/** What was done when it was last seen may be undone by now. */
function ofHidden(row: Row, steps: readonly Step[]): Refused[] {
  return steps
    .filter((one) => one.isHidden && row.needs.some((need) => isSameRow(need, one)))
    .map(({ id, subject, lastSeenAt = '' }) => {
      const message = `It waits for a look: ${id} of ${subject} was done when it was last seen, before ${lastSeenAt}.`
      return refused('step-waits', message, row.subject)
    })
}

function aloneThere({ row, step, ground: { digest } }: Asked): Refused[] {
  const other = digest.memory.inFlight.find(
    ({ kind, id, subject }) => kind === 'recovery-step' && id !== step.run?.action && sameSubject(subject, row.subject),
  )
  return other ? [refused('restored-now', `${row.subject} is being restored now: ${other.reason}`, row.subject)] : []
}

function ofPairs(asked: Asked): Refused[] {
  return [...unlessChosen(asked), ...fromServingPartner(asked), ...intoActivePool(asked)].map(
    ({ gate, message, subject, fact }) => refused(gate, message, subject, fact),
  )
}

/** A flag rises by what Holdfast saw; half-built alone is a server that may hold all that it held. */
function seenLost({ row, ground }: Asked): Refused[] {
  const { subject, since, seen, seenOf = [] } = ground.flag
  if (isLostClass(seen)) return []
  const place = placeFilled(row, ground)
  // What is filled from no set is filled from the pool that has it.
  const lost = seenOf.filter((one) => isLostClass(one.seen) && (place === null || sameSubject(one.subject, place)))
  if (lost.length > 0) return []
  const what = place === null || sameSubject(place, subject) ? subject : `${subject}, and of it ${place},`
  const message = `Since ${since} Holdfast has seen ${what} neither absent nor clean: it may hold what it held.`
  return [refused('never-seen-lost', message, row.subject)]
}

const isLostClass = (seen: readonly Class[]): boolean => seen.includes('absent') || seen.includes('clean')

/** The database or the share that a step fills, or makes way for; null: none of its own. */
function placeFilled(row: Row, ground: Ground): Subject | null {
  const { operation } = row
  const item =
    operation?.kind === 'start-services' ? ({ kind: 'user-data', subject: operation.pool } as const) : itemOf(row)
  if (!item) return null
  return item.kind === 'file-store' ? item.subject : databaseFilledBy(item, ground.digest.desired)
}

/** What it brings back, or makes way for: a pool is not stopped for an import that would be refused. */
function itemOf({ operation, subject }: Row): Item | null {
  if (operation?.kind === 'stop-services') return { kind: 'user-data', subject }
  return operation?.kind === 'restore-item' ? operation.item : null
}

/** By the clock of its own server, with which ours has to agree; locations merge with what is there, however old that is. */
function intoNewDatabases({ row, step, ground }: Asked): Refused[] {
  const item = itemOf(row)
  if (!item || item.kind === 'file-store') return []
  const subject = databaseReached(item, ground.digest)
  const parts = subject === null ? null : parseDatabase(subject)
  if (subject === null || !parts)
    return [refused('database-age-unknown', `Which database ${item.kind} fills is not known.`, item.subject)]
  const instance = sqlSubject(parts)
  const sight = ground.digest.classes.scene.sights.of('sqlInstance', instance)
  if (sight.state !== 'seen') {
    // A mirror cannot be seen either. A cmdlet reaches its store by another way, and a person may know better.
    const gate = item.kind === 'sql-database' ? 'database-out-of-sight' : 'database-age-unknown'
    return [refused(gate, `${instance} does not tell now what it holds.`, subject)]
  }
  const found = sight.value.databases.find(({ name }) => sameSubject(name, parts.database))
  if (!found) return [refused('database-missing', `${instance} has no database ${parts.database} to fill.`, subject)]
  if (item.kind === 'location-information') return []
  const { clock = null } = sight.value
  const lostAt = step.lostAgainAt ?? ground.flag.since
  return [
    ...(clock === null ? isNew(found, subject, lostAt, ground) : [notComparable(instance, clock, subject)]),
    ...(item.kind === 'sql-database' ? isAlone(found, subject) : []),
  ]
}

/** Locations go to the store that Active Directory points at: after its failover Git names the lost one until they are back. */
function databaseReached(item: Item, { desired, classes }: Ground['digest']): Subject | null {
  const database = databaseFilledBy(item, desired)
  if (item.kind !== 'location-information' || database === null) return database
  const sight = classes.scene.sights.of('centralManagement', desired.deployment.name)
  const store = sight.state === 'seen' ? sight.value.location : null
  const name = parseDatabase(database)?.database
  return store === null || name === undefined ? database : `${store}/${name}`
}

function notComparable(instance: Subject, clock: Skew, subject: Subject): Refused {
  const where = clock === 'ahead' ? 'ahead of' : 'behind'
  const message = `The clock of ${instance} is ${where} that of this machine: when ${subject} was created is not known.`
  return refused('database-age-unknown', message, subject)
}

/** What was restored, or made, before its server died again may have been used since. */
function isNew({ createdAt }: DatabaseFacts, subject: Subject, lostAt: Time, { digest: { now } }: Ground): Refused[] {
  if (createdAt === null) return [refused('database-age-unknown', `When ${subject} was created is not known.`, subject)]
  if (createdAt > believableUntil(now)) {
    const message = `${subject} was created at ${createdAt} by the clock of its server, and that is still to come.`
    return [refused('database-age-unknown', message, subject)]
  }
  if (createdAt >= lostAt) return []
  const message = `${subject} was created at ${createdAt}, before the loss at ${lostAt}: it may be the live one.`
  return [refused('database-older', message, subject)]
}

/** RESTORE is refused in a mirroring session and in an availability group ("Database mirroring and backup and restore"). */
function isAlone({ mirroringRole, replicaRole }: DatabaseFacts, subject: Subject): Refused[] {
  if (mirroringRole === null && replicaRole === null) return []
  const where = mirroringRole === null ? 'an availability group' : 'a mirroring session'
  const message = `${subject} is in ${where}, and a restore comes before that. Take the database out first.`
  return [refused('database-mirrored', message, subject)]
}

function whereItOpens({ row, ground }: Asked): Refused[] {
  const item = itemOf(row)
  const locked = item ? intoOpeningInstance(item, ground) : []
  return locked.map(({ gate, message, subject }) => refused(gate, message, subject))
}

/** A copy that was taken while the subject was lost is suspect, and so is that of an idle pool: no recovery point is one. */
function fromUsableCopy({ row, ground: { digest, recovery } }: AskedToday): Refused[] {
  const item = itemOf(row)
  if (!item) return []
  const set = recovery.copies.get(itemKey(item))
  const what = `${item.kind} of ${item.subject}`
  const moved = publishedElsewhere(item, recovery).map((message) => refused('path-changed', message, item.subject))
  if (!set)
    return [
      refused('copy-missing', `No set that can be used holds ${what}.`, item.subject),
      ...movedSince(item, recovery).map(({ gate, message }) => refused(gate, message, item.subject)),
      ...moved,
    ]
  const fault = recovery.hidden(set.location)
  const gap = recovery.incomplete.get(itemKey(item))
  return [
    ...moved,
    ...(fault ? [refused('copy-out-of-sight', `${set.id} is on ${set.location}: ${fault.message}`, item.subject)] : []),
    ...(provedAt(set, 'content') === null
      ? [
          refused('set-not-verified', `${set.id} is not verified at level content yet.`, item.subject),
          ...frozen({ kind: 'verify-backup-set', subject: set.id, location: set.location, set: set.id }, digest),
        ]
      : []),
    ...(gap
      ? [
          refused(
            'copy-incomplete',
            `The copy of ${what} in ${set.id} lacks ${gap.missing.count} files or folders: ${tellNames(gap.missing)}.`,
            item.subject,
          ),
        ]
      : []),
  ]
}

/** "At restore time DNS, DHCP, names, paths and instances must equal those at backup time" ("Preparing to restore"). */
function inSameEnvironment({ row, ground: { loss, recovery } }: Asked): Refused[] {
  if (!itemOf(row)) return []
  if (recordsFor(loss, recovery).length === 0)
    return [refused('environment-unknown', 'No set tells how the environment was.', row.subject)]
  return differencesSince(loss, recovery).map(({ set, difference }) => {
    const { code, message } = blockerOf(difference, set, loss)
    return refused(gateOfDifference(code), message, difference.subject, difference.fact)
  })
}
