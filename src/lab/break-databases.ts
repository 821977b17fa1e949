import { createHash } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import { addSeconds } from '../base/time.ts'
import type { Bench, Break } from './break.ts'
import { certificatesOf, type SqlDatabase } from './sql/facts.ts'
import { disconnect, madeAnew, othersOf, swap } from './sql-roles.ts'
import { same, sqlName, sqlServerOf, timeIn, type LabSqlServer } from './world.ts'

function find({ world }: Bench, subject: string): { server: LabSqlServer; database: SqlDatabase | undefined } {
  const slash = subject.lastIndexOf('/')
  const server = sqlServerOf(world, subject.slice(0, slash))
  if (!server) throw new Problem('lab-break-unknown', { subject, message: 'There is no such SQL Server in this lab.' })
  return { server, database: server.facts.databases.find(({ name }) => same(name, subject.slice(slash + 1))) }
}

interface BeforeDatabase {
  index: number
  database: SqlDatabase
  /** State of the session with the other copies. */
  others: Pick<SqlDatabase, 'mirroring' | 'availabilityGroup'>[]
}

export const database: Break = {
  kind: 'database',
  details: ['lost', 'suspect', 'recovery-model', 'emptied', 'offline', 'recreated', 'grown', 'encrypted'],
  does: 'lost: the database is not there any more. suspect: it is damaged and does not open. recovery-model: FULL instead of SIMPLE, or the other way. emptied: it has no rows. offline: somebody took it offline. recreated: it was dropped and created again, empty. grown: it has twice as many rows. encrypted: an administrator encrypted it (TDE), by a certificate that was made in master of its servers.',
  subjects: ({ world }) =>
    world.sqlServers.flatMap(({ facts }) => facts.databases.map(({ name }) => `${sqlName(facts)}/${name}`)),
  // A database that is lost now is still one that can be repaired.
  accepts: ({ world }, subject) =>
    world.changes.some((change) => change.kind === 'database' && same(change.subject, subject)),
  apply(bench, subject, detail): BeforeDatabase | null {
    const { server, database } = find(bench, subject)
    if (!database) return null
    const index = server.facts.databases.indexOf(database)
    const others = othersOf(bench.world, database, server)
    const before = structuredClone({
      ...{ index, database },
      others: others.map(({ mirroring, availabilityGroup }) => ({ mirroring, availabilityGroup })),
    })
    if (detail === 'lost') server.facts.databases.splice(index, 1)
    if (detail === 'recreated') server.facts.databases.splice(index, 1, madeAnew(bench.world, database))
    if (detail === 'suspect') database.state = 'SUSPECT'
    if (detail === 'offline') database.state = 'OFFLINE'
    if (detail === 'recovery-model') {
      database.noLogChain = database.recoveryModel === 'SIMPLE'
      database.recoveryModel = database.noLogChain ? 'FULL' : 'SIMPLE'
    }
    if (detail === 'emptied') for (const table of Object.keys(database.tables)) database.tables[table] = 0
    if (detail === 'encrypted') encrypt(bench.world, database, server)
    if (detail === 'grown')
      for (const [table, rows] of Object.entries(database.tables)) database.tables[table] = rows * 2
    if (!['recovery-model', 'emptied', 'grown', 'encrypted'].includes(detail)) disconnect(others)
    return before
  },
  repair(bench, subject, before) {
    const { server, database } = find(bench, subject)
    if (before === null) return
    const was = before as BeforeDatabase
    const others = server.facts.databases.filter((other) => other !== database)
    server.facts.databases = others.toSpliced(was.index, 0, was.database)
    othersOf(bench.world, was.database, server).forEach((one, index) => Object.assign(one, was.others[index]))
  },
}

/** The certificate stays when the database is repaired: nobody drops one. */
function encrypt(world: Bench['world'], database: SqlDatabase, own: LabSqlServer): void {
  const encryptor = createHash('sha1').update(`certificate of ${database.guid}`).digest('hex').toUpperCase()
  const copies = [database, ...othersOf(world, database, own)]
  const servers = world.sqlServers.filter(({ facts }) => facts.databases.some((one) => copies.includes(one)))
  for (const { facts } of servers) facts.certificates = [...new Set([...certificatesOf(facts), encryptor])]
  for (const one of copies) one.encryptor = encryptor
}

export const logBackups: Break = {
  kind: 'log-backups',
  details: ['stopped'],
  does: 'The job that backs up the logs of this SQL Server has not run for a week.',
  subjects: ({ world }) => world.sqlServers.map(({ facts }) => sqlName(facts)),
  apply({ world }, subject) {
    setLogBackups(world, subject, addSeconds(timeIn(world), -7 * 86_400))
    return null
  },
  repair({ world }, subject) {
    setLogBackups(world, subject, null)
  },
}

function setLogBackups(world: Bench['world'], subject: string, stoppedAt: string | null): void {
  const server = sqlServerOf(world, subject)
  if (server) server.facts.logBackups.stoppedAt = stoppedAt
}

export const mirror: Break = {
  kind: 'mirror',
  details: ['partner-lost', 'suspended', 'failed-over'],
  does: 'Of a mirrored SQL Server: partner-lost: the service of its partner is stopped. suspended: the sessions are paused. failed-over: the partner is principal.',
  subjects: ({ world }) =>
    world.sqlServers
      .filter(({ facts }) => facts.databases.some(({ mirroring }) => mirroring !== null))
      .map(({ facts }) => sqlName(facts)),
  apply(bench, subject, detail) {
    const server = sqlServerOf(bench.world, subject)
    const mirrored = server?.facts.databases.filter(({ mirroring }) => mirroring !== null) ?? []
    const partner = mirrored[0]?.mirroring?.partnerInstance ?? ''
    if (server && detail === 'failed-over') for (const one of mirrored) swap(bench.world, server, one)
    if (detail === 'partner-lost') {
      for (const { mirroring } of mirrored) if (mirroring) mirroring.state = 'DISCONNECTED'
      runs(bench, partner, false)
    }
    if (detail === 'suspended') setState(bench, mirrored, 'SUSPENDED')
    return partner
  },
  repair(bench, subject, before, detail) {
    const server = sqlServerOf(bench.world, subject)
    const mirrored = server?.facts.databases.filter(({ mirroring }) => mirroring !== null) ?? []
    if (server && detail === 'failed-over') for (const one of mirrored) swap(bench.world, server, one)
    if (detail === 'partner-lost') runs(bench, before as string, true)
    setState(bench, mirrored, 'SYNCHRONIZED')
  },
}

function runs({ world }: Bench, name: string, running: boolean): void {
  const server = sqlServerOf(world, name)
  if (server) server.facts.running = running
}

function setState({ world }: Bench, databases: readonly SqlDatabase[], state: 'SUSPENDED' | 'SYNCHRONIZED'): void {
  for (const one of databases.flatMap((database) => [database, ...othersOf(world, database)]))
    if (one.mirroring) one.mirroring.state = state
}
