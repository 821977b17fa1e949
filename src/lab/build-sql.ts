import { addSeconds, type Time } from '../base/time.ts'
import { between, chanceOf, guidOf } from './chance.ts'
import type { PlannedSql } from './plan-sql.ts'
import { databasesOf } from './roles.ts'
import { newDatabase, newSqlServer, type SqlDatabase, type SqlLogin, type SqlServerFacts } from './sql/facts.ts'

const mebibyte = 1024 * 1024

/** The instance with the databases of its uses. Copies of a database (mirror, replica) are alike. */
export function buildSqlServer(planned: PlannedSql, login: SqlLogin, now: Time): SqlServerFacts {
  const { host, instance, version, edition } = planned
  const server = newSqlServer({ host, instance, version, edition })
  server.logins = [login]
  for (const use of planned.uses)
    for (const [name, tables] of Object.entries(databasesOf[use]))
      server.databases.push(buildDatabase(name, tables, planned, now))
  return server
}

function buildDatabase(
  name: string,
  tables: Record<string, [number, number]>,
  planned: PlannedSql,
  now: Time,
): SqlDatabase {
  const { part } = planned
  const seed = `${name} ${seedOf(planned)}`.toLowerCase()
  const chance = chanceOf(seed)
  const createdAt = addSeconds(now, -86_400 * between(chance, 200, 900))
  return {
    ...newDatabase(name, guidOf(seed), createdAt),
    state: part?.kind === 'mirror' ? 'RESTORING' : 'ONLINE',
    // Mirroring and availability groups demand FULL, all others are SIMPLE (domain reference, section 5, rule 5).
    recoveryModel: part ? 'FULL' : 'SIMPLE',
    sizeBytes: Math.round(mebibyte * (1 + 2 * chance())),
    tables: Object.fromEntries(
      Object.entries(tables).map(([table, [low, high]]) => [table, between(chance, low, high)]),
    ),
    mirroring: mirroringOf(part),
    availabilityGroup: availabilityOf(part),
  }
}

/** What all copies of the same databases have in common. */
function seedOf({ host, instance, part }: PlannedSql): string {
  const own = instance === '' ? host : `${host}\\${instance}`
  if (part === null) return own
  return 'partner' in part ? [own, part.partner].sort().join(' ') : part.replicas.join(' ')
}

function mirroringOf(part: PlannedSql['part']): SqlDatabase['mirroring'] {
  if (part?.kind !== 'principal' && part?.kind !== 'mirror') return null
  return {
    role: part.kind === 'principal' ? 'PRINCIPAL' : 'MIRROR',
    state: 'SYNCHRONIZED',
    partnerInstance: part.partner,
    witness: part.witness,
    safety: 'FULL',
  }
}

function availabilityOf(part: PlannedSql['part']): SqlDatabase['availabilityGroup'] {
  if (part?.kind !== 'primary' && part?.kind !== 'secondary') return null
  return {
    group: part.group,
    listener: part.listener,
    role: part.kind === 'primary' ? 'PRIMARY' : 'SECONDARY',
    synchronization: 'SYNCHRONIZED',
    suspended: false,
    replicas: part.replicas,
    backupPreference: 'PRIMARY',
  }
}
