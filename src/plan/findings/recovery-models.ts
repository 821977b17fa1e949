import { addSeconds, type Time } from '../../base/time.ts'
import { isLyncDatabase } from '../../domain/databases.ts'
import { partnersOf } from '../../domain/endpoints.ts'
import type { DatabaseFacts } from '../../domain/facts.ts'
import type { SqlStore } from '../../domain/model.ts'
import { foldSubject, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntold } from './untold.ts'
import type { FindingRule } from './rule.ts'

/**
 * Recovery models and log backups of every store. "Only the simple recovery model is supported"; a mirrored or grouped
 * database is always in FULL, and then the log must be backed up or the disk fills (domain reference, section 5, rule 5).
 */
export const recoveryModels: FindingRule = {
  codes: ['recovery-model', 'log-backup-missing'],
  find,
  isDark,
}

function find(digest: Digest): Fresh<Finding>[] {
  const limit = addSeconds(digest.now, -logBackupSeconds)
  const keptLimit = addSeconds(digest.now, -logKeptSeconds)
  return digest.desired.sqlStores.flatMap((store) => {
    const partners = machinesOf(store).map((partner) => seen(sqlSubject(partner), digest))
    return [
      ...partners.flatMap(({ subject, databases }) =>
        (databases ?? []).flatMap((one) => model(store, subject, one, keptLimit)),
      ),
      ...withoutLogBackup(store, partners, limit),
    ]
  })
}

/** A recovery model is told by its own instance, log backups by all of a store. */
function isDark({ code, subject }: Finding, digest: Digest): boolean {
  const parts = parseDatabase(subject)
  const instance = parts ? sqlSubject(parts) : subject
  return digest.desired.sqlStores.some((store) => {
    const machines = machinesOf(store).map((one) => sqlSubject(one))
    return code === 'recovery-model'
      ? machines.some((one) => sameSubject(one, instance) && isUntold('sqlInstance', one, digest))
      : sameSubject(sqlSubject(store), subject) && machines.some((one) => isUntold('sqlInstance', one, digest))
  })
}

/** A listener is no further place: what answers there is one of the replicas. */
function machinesOf(store: SqlStore): ReturnType<typeof partnersOf> {
  const [first, ...others] = partnersOf(store)
  const isListener = store.highAvailability.kind === 'availability-group' && others.length > 0
  return first === undefined || isListener ? others : [first, ...others]
}

interface Partner {
  subject: Subject
  /** Null: the instance did not answer. */
  databases: readonly DatabaseFacts[] | null
}

function seen(subject: Subject, { observed }: Digest): Partner {
  const fact = observed.facts.sqlInstance.get(subject)
  return { subject, databases: fact?.known ? fact.value.databases.filter(({ name }) => isLyncDatabase(name)) : null }
}

function isInSession({ mirroringRole, replicaRole }: DatabaseFacts): boolean {
  return mirroringRole !== null || replicaRole !== null
}

/** A database that should be in a session and is none yet is judged when it is. */
function model(
  { highAvailability }: SqlStore,
  instance: Subject,
  database: DatabaseFacts,
  limit: Time,
): Fresh<Finding>[] {
  const isPlain = highAvailability.kind === 'none' || highAvailability.kind === 'failover-cluster'
  const wanted = isInSession(database) ? 'FULL' : isPlain ? 'SIMPLE' : null
  if (wanted === null || database.recoveryModel === wanted) return []
  if (wanted === 'SIMPLE' && isLogKept(database, limit)) return []
  return [
    {
      code: 'recovery-model',
      severity: 'warning',
      subject: `${instance}/${database.name}`,
      desired: wanted,
      observed: database.recoveryModel,
      message:
        wanted === 'FULL'
          ? 'A mirrored or grouped database must be in FULL: otherwise its partner cannot follow, and a failover loses data.'
          : `A database that is neither mirrored nor grouped belongs in SIMPLE: nobody restores its log, which grows until the disk is full.${unseenLog(database)}`,
    },
  ]
}

/** Who backs up logs at all does so within a week. */
const logKeptSeconds = 7 * 86_400

/** Somebody backs up the log, or ships it: SIMPLE would break what he restores from (domain reference, section 6.14). */
function isLogKept({ logShipped, lastLogBackupAt: last }: DatabaseFacts, limit: Time): boolean {
  return logShipped === true || (typeof last === 'string' && last >= limit)
}

function unseenLog({ logShipped, lastLogBackupAt }: DatabaseFacts): string {
  const isUnseen = logShipped === undefined || lastLogBackupAt === undefined
  return isUnseen ? ' Ask first whether somebody backs up or ships its log: this login may not see that.' : ''
}

const logBackupSeconds = 86_400

/** One row for a store: whoever backs up its logs does so for all of its databases. Either partner may have done it. */
function withoutLogBackup(store: SqlStore, partners: readonly Partner[], limit: Time): Fresh<Finding>[] {
  if (!partners.some(({ databases }) => databases?.some(isInSession))) return []
  const byName = Map.groupBy(
    partners.flatMap(({ databases }) => databases ?? []),
    ({ name }) => foldSubject(name),
  )
  const isToldByAll = partners.every(({ databases }) => databases !== null)
  const late = [...byName.values()].flatMap((copies) => {
    const [first] = copies
    const isOld = copies.every(({ createdAt }) => createdAt !== null && createdAt < limit)
    const isTold = copies.every(({ lastLogBackupAt }) => lastLogBackupAt !== undefined)
    if (!first || !isToldByAll || !isTold || !isOld || !copies.some((one) => isInSession(one))) return []
    const newest = copies.reduce<Time | null>((last, { lastLogBackupAt: at }) => later(last, at ?? null), null)
    return newest === null || newest < limit ? [{ name: first.name, newest }] : []
  })
  if (late.length === 0) return []
  const newest = late.reduce<Time | null>((last, one) => later(last, one.newest), null)
  return [
    {
      code: 'log-backup-missing',
      severity: 'warning',
      subject: sqlSubject(store),
      desired: 'a log backup at least once a day',
      observed: newest === null ? 'none' : `the last one at ${newest}`,
      message: `Under FULL nobody backed up the log of ${late
        .map(({ name }) => name)
        .sort()
        .join(', ')}: it grows until the disk is full, and then the pool stops.`,
    },
  ]
}

function later(a: Time | null, b: Time | null): Time | null {
  return a === null || (b !== null && b > a) ? b : a
}
