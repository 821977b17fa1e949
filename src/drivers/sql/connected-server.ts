import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import { answering } from './answering.ts'
import { runBackup } from './backup.ts'
import { estimateBackup } from './backup-size.ts'
import { readContents } from './contents.ts'
import { sqlConnections } from './connection.ts'
import type { SqlConnections } from './connections.ts'
import { applicationOf, backupFate } from './fate.ts'
import { whileMoving, type Watched } from './moving.ts'
import { reportProgress } from './progress.ts'
import { giveBack } from './give-back.ts'
import type { Tape } from './restore-fate.ts'
import { runRestoreOver } from './restore-over.ts'
import { dropLeftovers, runRestoreTest } from './restore-test.ts'
import { namingRights, readClock, readRights, refuseWithout } from './rights.ts'
import { readFacts } from './instance-facts.ts'
import { backedUpFile, number, tapeFacts, text, utcOffset } from './rows.ts'
import type { BackedUpFile, SqlServer, TapeFacts } from './sql-server.ts'
import type { SqlTarget } from './target.ts'

const connectionLimit = 4

/** One instance over the wire. Connects when first asked; disposing it cancels what runs and closes its connections. */
export function openSqlServer(target: SqlTarget, clock: Clock): SqlServer & AsyncDisposable {
  const { subject } = target
  const connect = (limit: number, application: string): SqlConnections =>
    namingRights(sqlConnections(target, limit, application, clock), target)
  const connections = answering(connect(connectionLimit, 'Holdfast'), subject, clock)
  const long = new Set<SqlConnections>()
  const testing = new Set<string>()

  /** Work that may take hours: on a connection of its own, by whose name the server shows how far it has come. */
  async function alone<T>(
    name: string,
    options: Watched,
    work: (own: SqlConnections, options: Required<Watched>) => Promise<T>,
  ): Promise<T> {
    const application = applicationOf(name)
    const own = connect(1, application)
    long.add(own)
    try {
      return await whileMoving({ connections, subject, clock }, application, options, (watched) => work(own, watched))
    } finally {
      long.delete(own)
      await own[Symbol.asyncDispose]()
    }
  }

  const server: SqlServer = {
    subject,
    facts: (signal) => readFacts(target, connections, clock, signal),
    rights: (databases, signal) => readRights(connections, databases, signal),
    clock: (signal) => readClock(connections, subject, signal),
    async backupByName(name, signal) {
      const { state, receipt } = await backupFate(connections, subject, name, signal)
      return { state, receipt }
    },
    backupBytes: (database, signal) => estimateBackup(connections, database, signal),
    header: (path, signal) => header(connections, subject, path, signal),
    async verify(path, outer) {
      await alone(`verify ${path}`, { signal: outer }, (own, { signal, onProgress }) =>
        own.query('verify', { path }, { signal, onMessage: (message) => reportProgress(message, onProgress) }),
      )
    },
    async hasFolder(path, signal) {
      const [row] = await connections.query('folder', { path }, { signal })
      return number(row, 'File is a Directory') === 1
    },
    fileList: (path, signal) => fileList(connections, subject, path, signal),
    async restoreTest(request, options) {
      await refuseWithout(['sysadmin'], connections, subject, options.signal)
      const files = await fileList(connections, subject, request.path, options.signal)
      return alone(`restore test ${request.owner} ${request.id}`, options, (own, watched) =>
        runRestoreTest({ connections: own, subject, clock, testing }, { ...request, files }, watched),
      )
    },
    dropRestoreTests: (owner, signal) => dropLeftovers({ connections, subject, clock, testing }, owner, signal),
    contents: (database, signal) => readContents({ connections, target, clock }, database, signal),
    giveBack: (database) => giveBack({ connections, clock }, database, `${subject}/${database}`, null),
    async roleMembers({ database, role }, signal) {
      const rows = await connections.query('roleMembers', { database }, { signal })
      return rows.filter((row) => text(row, 'role') === role).map((row) => text(row, 'name') ?? '')
    },
    async restoreOver(request, { refuse = () => {}, ...options }) {
      const name = `restore over ${request.database.toLowerCase()}`
      const tools = { connections, application: applicationOf(name), target, clock }
      return alone(name, options, (own, watched) => {
        const readTape = async (): Promise<Tape> => ({
          header: await header(connections, subject, request.path, watched.signal),
          files: await fileList(connections, subject, request.path, watched.signal),
        })
        return runRestoreOver({ ...tools, own }, request, readTape, { ...watched, refuse })
      })
    },
    backup: (request, options) =>
      alone(request.name, options, (own, watched) => runBackup({ own, connections, subject, clock }, request, watched)),
  }
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...long, connections].map((open) => open[Symbol.asyncDispose]()))
    },
  }
}

async function header(
  connections: SqlConnections,
  subject: string,
  path: string,
  signal: AbortSignal,
): Promise<TapeFacts> {
  const rows = await connections.query('header', { path }, { signal })
  const [clock] = await connections.query('utcOffset', {}, { signal })
  const facts = rows[0] ? tapeFacts(rows[0], utcOffset(clock)) : null
  if (facts) return facts
  throw incomplete(subject, path)
}

async function fileList(
  connections: SqlConnections,
  subject: string,
  path: string,
  signal: AbortSignal,
): Promise<BackedUpFile[]> {
  const rows = await connections.query('fileList', { path }, { signal })
  const files = rows.map(backedUpFile).filter((file) => file !== null)
  if (files.length === 0) throw incomplete(subject, path)
  return files
}

function incomplete(subject: string, path: string): Problem {
  return new Problem('sql-backup-damaged', {
    subject,
    message: `${path} holds no complete backup.`,
    hint: 'Do not restore from this file. Make a new backup and look at the disks of the share.',
  })
}
