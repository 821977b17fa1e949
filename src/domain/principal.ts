import type { DatabaseFacts, Facts } from './facts.ts'
import { sameSubject } from './subject.ts'

/**
 * Which partner of a mirrored or grouped store a database can be backed up from now: the one that holds it online as
 * principal (primary); else the first that holds it online outside any session, for the session may have been removed.
 * Null when neither does: a mirror cannot be backed up (SQL Server: "BACKUP", "Offload backups to secondary replicas").
 */
export function choosePrincipal<T extends { facts: Facts['sqlInstance'] | null }>(
  database: string,
  partners: readonly T[],
): T | null {
  const roles = partners.map((partner) => ({ partner, role: roleOf(database, partner.facts) }))
  const chosen = roles.find(({ role }) => role === 'principal') ?? roles.find(({ role }) => role === 'alone')
  return chosen?.partner ?? null
}

/** Where and in what role a database was: the same when its backup ends as when it began, or the backup does not count. */
export interface Stand {
  /** The machine that answered: a listener may lead to another one a moment later. */
  machine: string
  /** `PRINCIPAL`, `PRIMARY`, ...; null outside any session and group. */
  role: string | null
  /** Null where the login may not see it. */
  guid: string | null
}

/** Null when the database is not there. */
export function standOf(name: string, facts: Facts['sqlInstance']): Stand | null {
  const database = find(name, facts)
  if (!database) return null
  return { machine: facts.machine, role: database.mirroringRole ?? database.replicaRole, guid: database.guid }
}

/** What is other than before, for a person; null: nothing. An identity that was not shown is not compared. */
export function movedSince(before: Stand, now: Stand | null): string | null {
  if (now === null) return 'the database is no longer there'
  if (!sameSubject(before.machine, now.machine)) return `${now.machine} answers instead of ${before.machine}`
  if (before.role !== now.role) return `its role was ${before.role ?? 'none'} and is ${now.role ?? 'none'}`
  if (before.guid === null || now.guid === null || sameSubject(before.guid, now.guid)) return null
  return 'another database has its name'
}

function find(name: string, facts: Facts['sqlInstance'] | null): DatabaseFacts | undefined {
  return facts?.databases.find((one) => sameSubject(one.name, name))
}

function roleOf(name: string, facts: Facts['sqlInstance'] | null): 'principal' | 'alone' | null {
  const database = find(name, facts)
  if (database?.state !== 'ONLINE') return null
  if (database.mirroringRole === 'PRINCIPAL' || database.replicaRole === 'PRIMARY') return 'principal'
  return database.mirroringRole === null && database.replicaRole === null ? 'alone' : null
}
