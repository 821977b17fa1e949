import { Problem } from '../../base/problem.ts'
import { partnersOf, sqlAddresses } from '../../domain/endpoints.ts'
import type { Facts } from '../../domain/facts.ts'
import type { BackupPolicy, Desired, SqlStore } from '../../domain/model.ts'
import { requiredItems } from '../../domain/inventory.ts'
import { choosePrincipal } from '../../domain/principal.ts'
import { distinct, foldSubject, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import type { SqlServer } from '../../drivers/sql/sql-server.ts'
import { echoOf, onlyAfter, type Check, type ChecksByHost } from '../check.ts'
import { refuseSkew } from './clock.ts'
import { refuseMissingRights } from './sql-rights.ts'

/** A database that SQL Server is to back up. */
export interface Backed {
  subject: Subject
  store: SqlStore
  database: string
  policies: readonly BackupPolicy[]
}

/** What the checks of one instance saw and are needed for. */
interface Instance {
  server: SqlServer
  facts: Facts['sqlInstance'] | null
  login: Check
  clock: Check
  rights: Check
}

export interface SqlChecks {
  instances: readonly Instance[]
  databases: readonly (Backed & { check: Check; principal: () => Instance | null })[]
}

/** Every database that some policy has backed up by SQL Server. */
function backedUp(desired: Desired): Backed[] {
  const wanted = desired.policies.flatMap((policy) =>
    requiredItems(desired, policy)
      .filter(({ kind }) => kind === 'sql-database')
      .map(({ subject }) => ({ subject, policy })),
  )
  return distinct(wanted.map(({ subject }) => subject)).flatMap((subject) => {
    const parts = parseDatabase(subject)
    const store = parts && desired.sqlStores.find((one) => sameSubject(sqlSubject(one), sqlSubject(parts)))
    if (!parts || !store) return []
    const policies = wanted.filter((one) => sameSubject(one.subject, subject)).map(({ policy }) => policy)
    return [{ subject, store, database: parts.database, policies }]
  })
}

export function sqlChecks(desired: Desired, machines: ChecksByHost, drivers: Drivers): SqlChecks {
  const backed = backedUp(desired)
  const instances = new Map<string, Instance>()
  for (const address of sqlAddresses(desired)) {
    const subject = foldSubject(sqlSubject(address))
    const here = backed.filter(({ store }) => partnersOf(store).some((one) => foldSubject(sqlSubject(one)) === subject))
    if (!instances.has(subject))
      instances.set(subject, checkInstance(drivers.sql(address), machines.of(address.host), here, drivers))
  }
  const databases = backed.map((one) => {
    const partners = partnersOf(one.store).flatMap((address) => instances.get(foldSubject(sqlSubject(address))) ?? [])
    return { ...one, principal: () => choosePrincipal(one.database, partners), check: checkDatabase(one, partners) }
  })
  return { instances: [...instances.values()], databases }
}

function checkInstance(
  server: SqlServer,
  machine: readonly Check[],
  backed: readonly Backed[],
  drivers: Pick<Drivers, 'clock'>,
): Instance {
  const { subject } = server
  const login: Check = {
    ...{ name: 'sql-login', subject, group: 'sql', deadlineSeconds: 45 },
    ...onlyAfter(machine),
    async attempt(signal) {
      const facts = await server.facts(signal)
      instance.facts = facts
      return `SQL Server ${facts.version} ${facts.edition}, ${facts.databases.length} databases`
    },
  }
  const clock: Check = {
    ...{ name: 'sql-clock', subject, group: 'sql', deadlineSeconds: 45 },
    ...onlyAfter([login]),
    attempt: async (signal) => refuseSkew(subject, await server.clock(signal), drivers.clock.now()),
  }
  const rights: Check = {
    ...{ name: 'sql-rights', subject, group: 'sql', deadlineSeconds: 45 },
    ...onlyAfter([login]),
    async attempt(signal) {
      const open = backed.map(({ database }) => database).filter((database) => choosePrincipal(database, [instance]))
      return refuseMissingRights(subject, await server.rights(open, signal), backed.length > 0)
    },
  }
  const instance: Instance = { server, facts: null, login, clock, rights }
  return instance
}

/** Somewhere it is online and may be backed up. Of a mirror one partner is enough. */
function checkDatabase({ subject, database }: Backed, partners: readonly Instance[]): Check {
  const logins = partners.map(({ login }) => login)
  return {
    ...{ name: 'sql-database', subject, group: 'sql', deadlineSeconds: 10 },
    ...(logins.length === 1 ? onlyAfter(logins) : echoOf(logins)),
    attempt() {
      const principal = choosePrincipal(database, partners)
      if (principal) return Promise.resolve(`online at ${principal.server.subject}`)
      const seen = partners.map(({ server, facts }) => `${server.subject}: ${stateOf(database, facts)}`).join('; ')
      if (partners.length > 1)
        throw new Problem('sql-no-principal', {
          subject,
          message: `No partner holds the database as principal, online: ${seen}.`,
          hint: 'Look at the mirroring session in the Management Shell (Get-CsDatabaseMirrorState -DatabaseType All), or at the availability group.',
        })
      const isThere = partners.some(({ facts }) => find(database, facts))
      throw new Problem(isThere ? 'sql-database-unavailable' : 'sql-database-missing', {
        subject,
        message: `The database cannot be backed up: ${seen}.`,
        hint: 'On the instance: SELECT name, state_desc FROM sys.databases. The SQL Server error log shows why; a database that is lost is restored, or created again with Install-CsDatabase.',
      })
    },
  }
}

function find(
  database: string,
  facts: Facts['sqlInstance'] | null,
): Facts['sqlInstance']['databases'][number] | undefined {
  return facts?.databases.find(({ name }) => sameSubject(name, database))
}

function stateOf(database: string, facts: Facts['sqlInstance'] | null): string {
  if (facts === null) return 'not reached'
  const found = find(database, facts)
  return found ? [found.state, found.mirroringRole ?? found.replicaRole].filter(Boolean).join(', ') : 'no such database'
}
