import type { Facts } from './facts.ts'
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

function roleOf(name: string, facts: Facts['sqlInstance'] | null): 'principal' | 'alone' | null {
  const database = facts?.databases.find((one) => sameSubject(one.name, name))
  if (database?.state !== 'ONLINE') return null
  if (database.mirroringRole === 'PRINCIPAL' || database.replicaRole === 'PRIMARY') return 'principal'
  return database.mirroringRole === null && database.replicaRole === null ? 'alone' : null
}
