/**
 * Preloaded into a process (`node --import`), with its order in an environment variable: sees every step by which the
 * process changes the world, on all its threads, and ends the process by SIGKILL at one of them. Steps are calls of the
 * file system that change something, commits of SQLite, starts of programs, calls of cmdlets and batches of T-SQL that
 * change something. Each has a name, which says what is done where: it is the same in every run, whatever runs beside it.
 * It may also stand still at a step, by SIGSTOP, and so right before SQL Server reads a backup through, which changes nothing.
 */
import childProcess, { type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import fsPromises, { type FileHandle } from 'node:fs/promises'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import calls from '../../src/drivers/shell/calls.json' with { type: 'json' }
import { setTime } from './other-time.ts'
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

export const orderVariable = 'HOLDFAST_TEST_DIE_AT'

/** Where in its `nth` call of that name (from 1): before it, with half of what it writes written, or once it has begun. */
export interface Death {
  step: string
  nth: number
  when: 'before' | 'torn' | 'after'
}

export interface Order {
  /** Paths below it are steps, and are named relative to it. */
  root: string
  death: Death | null
  /** Before its first call of that name the process stands still, until somebody lets it go on. */
  stand: string | null
  /** Where a file with this end of its name is opened on a worker, the call does not return before nobody holds the pipe open any more. */
  hang: { file: string; pipe: string } | null
  /** Gets a line for each step: what can be done there (`before torn`), a tab, its name. */
  trace: string | null
  /** The time at the start, in milliseconds; null: what the machine says. */
  time: number | null
}

const order = JSON.parse(process.env[orderVariable] ?? 'null') as Order | null

/** How often the step was met, on all threads. */
const met = sharedCounter()

function sharedCounter(): Int32Array {
  if (isMainThread) setEnvironmentData(orderVariable, new Int32Array(new SharedArrayBuffer(4)))
  return getEnvironmentData(orderVariable) as unknown as Int32Array
}

type Call = (...given: unknown[]) => unknown

/** The calls as they were: what is done here must not be a step. */
const real = { openSync: fs.openSync, readSync: fs.readSync, writeSync: fs.writeSync, kill: process.kill.bind(process) }
const traced = order?.trace == null ? null : real.openSync(order.trace, 'a')

/** Files that were opened to be written, by descriptor. */
const written = new Map<number, string>()

type When = Death['when']

/** Takes note of a step, and says where in it the process shall die; null: it shall not. Dies at once where that is now. */
function step(name: string, possible: readonly When[]): When | null {
  standAt(name)
  if (traced !== null) real.writeSync(traced, `${possible.join(' ')}\t${name}\n`)
  const death = order?.death
  if (death?.step !== name || Atomics.add(met, 0, 1) + 1 !== death.nth) return null
  if (death.when === 'before') die()
  return death.when
}

function standAt(name: string): void {
  if (order?.stand === name && Atomics.add(met, 0, 1) === 0) real.kill(process.pid, 'SIGSTOP')
}

function hangAt(path: string): void {
  const hang = order?.hang ?? null
  if (hang === null || !path.endsWith(hang.file)) return
  real.readSync(real.openSync(hang.pipe, 'r'), Buffer.alloc(1))
}

function die(): never {
  real.kill(process.pid, 'SIGKILL')
  throw new Error('unreachable: the signal ends all threads before this call returns')
}

/** A name that is the same in every run; null for what lies elsewhere, such as a cache of compiled code. */
export function placeOf(path: unknown, root = order?.root ?? ''): string | null {
  const text = path instanceof Uint8Array ? Buffer.from(path).toString() : path instanceof URL ? path.pathname : path
  if (typeof text !== 'string' || !text.startsWith(`${root}/`)) return null
  return text
    .slice(root.length + 1)
    .replace(/\d{8}T\d{6}Z-[a-z2-7]{4}/g, 'SET')
    .replace(/holdfast-[0-9a-f]{8}-[0-9a-f]{32}/g, 'ID')
    .replace(/\b[0-9a-f]{32}\b/g, 'ID')
    .replace(/\.[0-9a-f]{8}(\.part)?$/, '.ID$1')
    .replace(/\.mirror\.\w{6}/, '.mirror.ID')
    .replace(/(\/file-stores\/[^/]+)\/.+/, '$1/*')
}

/** What a write wrote, cut to its half. Null where it cannot be cut. */
function halfOf([what, ...rest]: readonly unknown[]): unknown[] | null {
  if (typeof what === 'string') return what.length < 2 ? null : [what.slice(0, what.length >> 1), ...rest]
  if (!(what instanceof Uint8Array)) return null
  const [offset, length] = rest
  const from = typeof offset === 'number' ? offset : 0
  const all = typeof length === 'number' ? length : what.length - from
  const position = typeof rest[2] === 'number' ? rest[2] : null
  return all < 2 ? null : [what, from, all >> 1, position]
}

function possibleOf(given: readonly unknown[]): When[] {
  return halfOf(given) === null ? ['before'] : ['before', 'torn']
}

/** A write of `given` to the file of that descriptor; half of it and death where the order says so. */
function writing(name: string, descriptor: number, given: readonly unknown[]): void {
  const path = written.get(descriptor)
  if (path === undefined) return
  if (step(`${name} ${path}`, possibleOf(given)) === null) return
  tear(descriptor, given)
}

function tear(descriptor: number, given: readonly unknown[]): never {
  ;(real.writeSync as Call)(descriptor, ...(halfOf(given) ?? []))
  die()
}

function isWriting(flags: unknown): boolean {
  if (typeof flags === 'number')
    return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT)) !== 0
  return typeof flags === 'string' && flags !== 'r' && flags !== 'rs'
}

/** Opening to write is a step where it can make or empty the file. */
function opening(path: unknown, flags: unknown): string | null {
  const place = isWriting(flags) ? placeOf(path) : null
  if (place === null) return null
  const makes = typeof flags === 'string' ? flags !== 'r+' : (Number(flags) & fs.constants.O_CREAT) !== 0
  if (makes) step(`open ${place}`, ['before'])
  return place
}

function opened(descriptor: number, place: string | null): void {
  if (place === null) written.delete(descriptor)
  else written.set(descriptor, place)
}

/** Calls on a path that change something; the second one of a pair is where it goes. */
const onPath = [
  ...[
    'mkdir',
    'mkdtemp',
    'mkdtempDisposable',
    'rm',
    'rmdir',
    'unlink',
    'truncate',
    'chmod',
    'chown',
    'lchown',
    'lchmod',
  ],
  ...['utimes', 'lutimes', 'writeFile', 'appendFile', 'copyFile', 'cp', 'rename', 'link', 'symlink'],
]
const pairs = new Set(['copyFile', 'cp', 'rename', 'link', 'symlink'])
/** Calls on a descriptor that change something, besides writes. */
const onDescriptor = ['ftruncate', 'fsync', 'fdatasync', 'fchmod', 'fchown', 'futimes']

function changing(name: string, given: readonly unknown[]): void {
  const place = placeOf(given[pairs.has(name) ? 1 : 0])
  if (place === null) return
  const content = name === 'writeFile' || name === 'appendFile' ? given.slice(1, 2) : []
  const when = step(`${name} ${place}`, possibleOf(content))
  if (when === 'torn') tear(real.openSync(String(given[0]), name === 'writeFile' ? 'w' : 'a'), content)
}

/** Puts `around` in the place of a function of `object`; `before` sees what it is given. */
function replace(
  object: object,
  name: string,
  around: (original: Call, self: unknown, given: unknown[]) => unknown,
): void {
  const original = Reflect.get(object, name) as Call | undefined
  if (original === undefined) return
  Reflect.set(object, name, function (this: unknown, ...given: unknown[]) {
    return around(original, this, given)
  })
}

function watchFiles(): void {
  for (const name of onPath)
    for (const [object, suffix] of [
      [fsPromises, ''],
      [fs, ''],
      [fs, 'Sync'],
    ] as const)
      replace(object, `${name}${suffix}`, (original, self, given) => {
        changing(name, given)
        return original.apply(self, given)
      })
  for (const name of onDescriptor)
    for (const suffix of ['', 'Sync'])
      replace(fs, `${name}${suffix}`, (original, self, given) => {
        const path = written.get(Number(given[0]))
        if (path !== undefined) step(`${name.slice(1)} ${path}`, ['before'])
        return original.apply(self, given)
      })
  for (const name of ['write', 'writeSync', 'writev', 'writevSync'])
    replace(fs, name, (original, self, given) => {
      writing('write', Number(given[0]), given.slice(1))
      return original.apply(self, given)
    })
  replace(fs, 'openSync', (original, self, given) => {
    hangAt(String(given[0]))
    const place = opening(given[0], given[1])
    const descriptor = original.apply(self, given) as number
    opened(descriptor, place)
    return descriptor
  })
  replace(fs, 'open', (original, self, given) => {
    const place = opening(given[0], given[1])
    const answer = given.at(-1) as Call
    const told = (error: unknown, descriptor: number): void => {
      if (!error) opened(descriptor, place)
      answer(error, descriptor)
    }
    return original.apply(self, [...given.slice(0, -1), told])
  })
  replace(fsPromises, 'open', async (original, self, given) => {
    const place = opening(given[0], given[1])
    const handle = (await original.apply(self, given)) as FileHandle
    opened(handle.fd, place)
    return handle
  })
}

/** The same for calls on a handle of `node:fs/promises`, whose class has no name to reach it by. */
async function watchHandles(): Promise<void> {
  const handle = await fsPromises.open(import.meta.filename)
  const prototype = Object.getPrototypeOf(handle) as object
  await handle.close()
  for (const name of ['write', 'writev', 'writeFile', 'appendFile'])
    replace(prototype, name, (original, self, given) => {
      writing('write', (self as FileHandle).fd, given)
      return original.apply(self, given)
    })
  for (const [name, as] of [
    ['sync', 'sync'],
    ['datasync', 'datasync'],
    ['truncate', 'truncate'],
    ['chmod', 'chmod'],
    ['chown', 'chown'],
    ['utimes', 'utimes'],
  ] as const)
    replace(prototype, name, (original, self, given) => {
      const path = written.get((self as FileHandle).fd)
      if (path !== undefined) step(`${as} ${path}`, ['before'])
      return original.apply(self, given)
    })
}

/** A lease is renewed every few seconds: whether a run does it depends on how busy the machine is. */
const isRenewal = /^UPDATE lease SET "renewedAt"/

/**
 * Nothing of a transaction is on the disk before its COMMIT, so that is the step, named by the tables that it changes, and by
 * the step of a recovery whose end it writes down.
 */
function watchStore(): void {
  const changes: string[] = []
  let ended = ''
  const note = (sql: string): void => {
    if (isRenewal.test(sql)) return
    // Whether a row of an observation is a new one depends on who was faster.
    const [, table = ''] = /^\s*(?:insert|update|delete|replace|create|drop|alter)\b[^"]*"?(\w*)/i.exec(sql) ?? []
    const change = table.toLowerCase()
    if (change !== '' && !changes.includes(change)) changes.push(change)
  }
  const forget = (): void => {
    changes.splice(0)
    ended = ''
  }
  const meet = (sql: string, database: DatabaseSync | null, given: readonly unknown[] = []): void => {
    if (/^\s*(BEGIN|SELECT|ROLLBACK|PRAGMA (?!journal_mode|user_version *=|application_id *=))/i.test(sql)) {
      if (/^\s*(BEGIN|ROLLBACK)/i.test(sql)) forget()
    } else if (/^\s*COMMIT/i.test(sql)) {
      if (changes.length > 0) step(`commit ${changes.sort().join(', ')}${ended}`, ['before'])
      forget()
    } else {
      note(sql)
      const [, name, outcome] = /\bstep ([\w-]+), outcome (\w+)/.exec(JSON.stringify(given)) ?? []
      if (name !== undefined) ended = `: ${name} ${outcome ?? ''}`
      if (database?.isTransaction !== true) step(`execute ${sql.trim().replace(/\s+/g, ' ').slice(0, 60)}`, ['before'])
    }
  }
  const owners = new WeakMap<StatementSync, DatabaseSync>()
  replace(DatabaseSync.prototype, 'exec', (original, self, given) => {
    meet(String(given[0]), self as DatabaseSync)
    return original.apply(self, given)
  })
  replace(DatabaseSync.prototype, 'prepare', (original, self, given) => {
    const statement = original.apply(self, given) as StatementSync
    owners.set(statement, self as DatabaseSync)
    return statement
  })
  replace(DatabaseSync.prototype, 'close', (original, self, given) => {
    step('close the state store', ['before'])
    return original.apply(self, given)
  })
  for (const name of ['run', 'get', 'all', 'iterate'])
    replace(StatementSync.prototype, name, (original, self, given) => {
      const statement = self as StatementSync
      meet(statement.sourceSQL, owners.get(statement) ?? null, given)
      return original.apply(self, given)
    })
}

/** Of Git: what only reads. */
const readingGit = /^(rev-parse|for-each-ref|merge-base|show|ls-tree|cat-file|--version|version)$/

function watchPrograms(): void {
  const prototype = childProcess.ChildProcess.prototype
  replace(prototype, 'spawn', (original, self, given) => {
    const child = self as ChildProcess
    const { file = '', args = [] } = given[0] as { file?: string; args?: string[] }
    const name = nameOf(file, args)
    const when = name === null ? null : step(`start ${name}`, ['before', 'after'])
    const started = original.apply(self, given)
    if (when === 'after') die()
    if (child.stdin) watchCalls(child.stdin)
    return started
  })
}

/** The shell host, or what Git does; null for what changes nothing. Git is started in a session of its own. */
function nameOf(file: string, args: readonly string[]): string | null {
  const line = [file, ...args]
  const git = line.findIndex((word) => /\bgit(\.exe)?$/.test(word))
  if (git === -1) return file === process.execPath ? 'the shell host' : file
  const command = line.slice(git + 1).find((word) => /^[a-z][a-z-]*$/.test(word)) ?? ''
  return readingGit.test(command) ? null : `git ${command}`
}

/** The lines that the shell host is sent: cmdlets that get something change nothing. */
function watchCalls(input: object): void {
  replace(input, 'write', (original, self, given) => {
    const [, call = ''] = /^\{"id":[^,]+,"call":"([\w-]+)"/.exec(String(given[0])) ?? []
    const { cmdlet = 'Get-' } = (calls.calls as Record<string, { cmdlet: string } | undefined>)[call] ?? {}
    const when = /^(Get|Test)-/.test(cmdlet) ? null : step(`call ${cmdlet}`, ['before', 'after'])
    const wrote = original.apply(self, given)
    if (when === 'after') die()
    return wrote
  })
}

/** What a batch changes; what only asks, also by a text that it puts together, changes nothing. */
const changingSql =
  /\b(BACKUP DATABASE|RESTORE DATABASE)\b|\b(ALTER|CREATE(?! ANY)|DROP|INSERT|UPDATE|DELETE|EXEC(?! sp_executesql| master\.sys\.xp_fileexist))\b/g

const reading = 'RESTORE VERIFYONLY'

/** Batches go out through one function of the client. */
function watchSql(): void {
  const require = createRequire(createRequire(join(import.meta.dirname, '../../package.json')).resolve('mssql'))
  const { Connection } = require('tedious') as { Connection: { prototype: object } }
  replace(Connection.prototype, 'makeRequest', (original, self, given) => {
    const [request] = given as [NodeJS.EventEmitter & { sqlTextOrProcedure?: string }]
    const found = [...(request.sqlTextOrProcedure ?? '').matchAll(changingSql)]
    const long = found.find(([, verb]) => verb !== undefined)?.[0]
    const verb = long ?? found[0]?.[0] ?? null
    if (verb === null && request.sqlTextOrProcedure?.includes(reading) === true) standAt(`send ${reading}`)
    const when = verb === null ? null : step(`send ${verb}`, ['before', 'after'])
    const sent = original.apply(self, given)
    // The server is at it, and says how far; or it has answered.
    if (when === 'after' && long !== undefined) (self as NodeJS.EventEmitter).once('infoMessage', die)
    else if (when === 'after') request.once('requestCompleted', die)
    return sent
  })
}

if (order !== null) {
  // Whoever stood still finds by the last question alone that another has his place: his next look is far away.
  if (order.time !== null) setTime(order.time, order.stand !== null)
  watchFiles()
  await watchHandles()
  if (isMainThread) {
    watchStore()
    watchPrograms()
    watchSql()
  }
  syncBuiltinESMExports()
}
