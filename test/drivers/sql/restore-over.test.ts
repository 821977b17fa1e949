import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mssql from 'mssql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { Problem } from '../../../src/base/problem.ts'
import { openSqlServer } from '../../../src/drivers/sql/connected-server.ts'
import { placeFiles } from '../../../src/drivers/sql/restore-files.ts'
import type { DatabaseContents, SqlServer } from '../../../src/drivers/sql/sql-server.ts'
import type { SqlDatabase, SqlServerFacts } from '../../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../../src/lab/sql/server.ts'
import { daemonLogin } from '../../../src/lab/sql-login.ts'
import { halfOpenProxy } from '../../support/half-open-proxy.ts'
import { hastyClock } from '../../support/hasty-clock.ts'
import { hurriedClock } from '../../support/hurried-clock.ts'
import { labDatabase, labInstance, labTarget } from '../../support/lab-sql.ts'

const fqdn = 'sql03.contoso.com'
const subject = `${fqdn}\\rtc/LcsCDR`
const unc = '\\\\backup01.contoso.com\\LyncBackup\\LcsCDR.bak'
const request = { database: 'LcsCDR', path: unc }
const never = new AbortController().signal
const emptyGuid = '11111111-2222-4333-8444-555555555555'
/** As setup makes it: other files, other identity, nothing in it. */
const empty = (more: Partial<SqlDatabase> = {}): SqlDatabase =>
  labDatabase('LcsCDR', {
    guid: emptyGuid,
    tables: { Sessions: 0 },
    recoveryModel: 'FULL',
    files: { data: 'E:\\CsData\\LcsCdr.mdf', log: 'F:\\CsLogs\\LcsCdr.ldf' },
    ...more,
  })
const hasty = hastyClock(40)

let folder: string
let facts: SqlServerFacts
let served: string[]
/** Called before a statement runs. */
let onStatement: (sql: string) => void
let held: boolean
let port: number
let server: SqlServer
let closing: AsyncDisposableStack

/** A database with 3 rows is backed up; then its server is rebuilt, and setup makes it anew. */
beforeEach(async () => {
  closing = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'holdfast-restore-'))
  closing.defer(() => rm(folder, { recursive: true }))
  facts = labInstance(fqdn, [labDatabase('LcsCDR')])
  held = false
  served = []
  onStatement = () => {}
  const lab = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (path) => join(folder, path.split('\\').at(-1) ?? ''),
    certificate: null,
    isHeld: () => held,
    record(entry) {
      served.push(JSON.stringify(entry))
      onStatement(entry.sql)
    },
  })
  closing.defer(() => lab.close())
  port = lab.port
  server = closing.use(openSqlServer(labTarget(facts, port), hasty))
  await server.backup({ ...request, name: 'set 1' }, { signal: never })
  facts.backups = []
  facts.databases = [empty()]
  served = []
})
afterEach(async () => {
  await closing.disposeAsync()
})

async function failure(work: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Problem)) throw new Error(`no Problem: ${String(thrown)}`)
  return thrown
}

const restore = (signal = never): Promise<unknown> => server.restoreOver(request, { signal })
const present = (): SqlDatabase => facts.databases[0]!
const was = (text: string): boolean => served.some((entry) => entry.includes(text))

/** Nothing was changed: neither content, nor who may use it. */
function untouched(): void {
  expect(
    facts.databases.map(({ name, guid: id, tables, singleUser, state }) => [name, id, tables, singleUser, state]),
  ).toEqual([['LcsCDR', emptyGuid, { Sessions: 0 }, false, 'ONLINE']])
  expect(facts.restores).toEqual([])
  expect(was('SINGLE_USER WITH')).toBe(false)
}

describe('a restore over an empty database', () => {
  test('brings the rows back, onto its own files, and gives it back to its users', async () => {
    const percents: number[] = []
    const contents = await server.restoreOver(request, { signal: never, onProgress: (one) => percents.push(one) })
    expect(contents).toMatchObject({
      facts: { state: 'ONLINE', recoveryModel: 'SIMPLE' },
      rows: 3,
      lastRestore: { recovered: true },
    })
    expect(present()).toMatchObject({
      tables: { Sessions: 3 },
      singleUser: false,
      state: 'ONLINE',
      files: { data: 'E:\\CsData\\LcsCdr.mdf', log: 'F:\\CsLogs\\LcsCdr.ldf' },
    })
    expect(facts.restores).toMatchObject([{ database: 'LcsCDR', replaced: true }])
    expect(percents.at(-1)).toBe(100)
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
  })

  test('puts out the programs that use it', async () => {
    held = true
    const way = { server: '127.0.0.1', port, user: 'holdfast', password: 'Pa$$w0rd', database: 'LcsCDR' }
    const program = await new mssql.ConnectionPool({ ...way, options: { encrypt: false } }).connect()
    closing.defer(() => program.close())
    program.on('error', () => {})
    await restore()
    expect(present()).toMatchObject({ tables: { Sessions: 3 }, singleUser: false })
  })

  test('may be asked for again, whatever an earlier try left', async () => {
    await restore()
    await restore()
    expect(facts.restores).toHaveLength(2)
    Object.assign(present(), empty({ state: 'RESTORING' }))
    facts.restores = []
    await restore()
    Object.assign(present(), empty({ singleUser: true }))
    await restore()
    expect(present()).toMatchObject({ tables: { Sessions: 3 }, singleUser: false, state: 'ONLINE' })
  })

  test('waits for the one that still runs after its daemon crashed', async () => {
    facts.faults = { dropRestoreAtPercent: 20, thenRestore: 'succeeds', slowRestoreSeconds: 1.5 }
    const second = closing.use(openSqlServer(labTarget(facts, port), hasty))
    const begun = Promise.withResolvers<unknown>()
    onStatement = (sql) => {
      if (present().state !== 'RESTORING' || !sql.includes('program_name')) return
      onStatement = () => {}
      begun.resolve(second.restoreOver(request, { signal: never }))
    }
    const first = restore().catch((thrown: unknown) => thrown)
    await begun.promise
    await first
    expect(present()).toMatchObject({ tables: { Sessions: 3 }, singleUser: false, state: 'ONLINE' })
  })
})

describe('is refused before anything is touched', () => {
  test.each([
    [
      'a mirrored database',
      {
        mirroring: {
          role: 'PRINCIPAL',
          state: 'SYNCHRONIZED',
          partnerInstance: 'sql13\\rtc',
          witness: null,
          safety: 'FULL',
        },
      },
    ],
    [
      'one of a group',
      {
        availabilityGroup: {
          group: 'g',
          listener: null,
          role: 'PRIMARY',
          synchronization: 'SYNCHRONIZED',
          suspended: false,
          replicas: [`${fqdn}\\rtc`],
          backupPreference: 'PRIMARY',
        },
      },
    ],
  ] satisfies [string, Partial<SqlDatabase>][])('%s', async (_, more) => {
    facts.databases = [empty(more)]
    expect(await failure(restore())).toMatchObject({ code: 'sql-database-mirrored', subject })
    untouched()
  })

  test('a mirror that was made while the backup was read', async () => {
    const mirroring = {
      role: 'PRINCIPAL',
      state: 'SYNCHRONIZED',
      partnerInstance: 'sql13\\rtc',
      witness: null,
    } as const
    const refuse = (): void => {
      present().mirroring = { ...mirroring, safety: 'FULL' }
    }
    const problem = await failure(server.restoreOver(request, { signal: never, refuse }))
    expect(problem.code).toBe('sql-database-mirrored')
    expect(was('RESTORE VERIFYONLY')).toBe(true)
    untouched()
  })

  test('what the caller refuses at the last look, after the backup was read', async () => {
    const held: (number | null)[] = []
    const refuse = ({ rows }: DatabaseContents): void => {
      if (held.push(rows) === 1) present().tables = { Sessions: 500 }
      else throw new Problem('sql-failed', { message: 'too many' })
    }
    expect((await failure(server.restoreOver(request, { signal: never, refuse }))).message).toBe('too many')
    expect(held).toEqual([0, 500])
    expect(facts.restores).toEqual([])
    expect(was('SINGLE_USER WITH')).toBe(false)
  })

  test('a database that is not there: none is made', async () => {
    facts.databases = []
    expect((await failure(restore())).code).toBe('sql-database-missing')
    expect(facts.databases).toEqual([])
  })

  test('a login without the right, which is named', async () => {
    facts.logins = [daemonLogin('holdfast', 'Pa$$w0rd')]
    const problem = await failure(restore())
    expect(problem).toMatchObject({ code: 'sql-permission', message: 'The login holdfast lacks sysadmin.' })
    expect(was('RESTORE')).toBe(false)
    untouched()
  })

  test.each([
    [
      'damaged in the middle',
      (file: Buffer) => file.fill(0x55, file.length >> 1, (file.length >> 1) + 4096),
      'sql-backup-damaged',
    ],
    ['cut', (file: Buffer) => file.subarray(0, file.length / 2), 'sql-backup-damaged'],
    ['no backup', () => Buffer.from('no backup at all'), 'sql-backup-damaged'],
  ])('a file that is %s', async (_, change, code) => {
    const file = join(folder, 'LcsCDR.bak')
    await writeFile(file, change(await readFile(file)))
    expect((await failure(restore())).code).toBe(code)
    untouched()
  })

  test('a file that is not there', async () => {
    await rm(join(folder, 'LcsCDR.bak'))
    expect((await failure(restore())).code).toBe('sql-path-missing')
    untouched()
  })

  test('an encrypted backup whose certificate is not here', async () => {
    facts.databases = [labDatabase('LcsCDR', { encryptor: 'AB12' })]
    await server.backup({ ...request, name: 'set 2' }, { signal: never })
    facts.databases = [empty()]
    facts.certificates = []
    served = []
    expect((await failure(restore())).code).toBe('database-encrypted')
    untouched()
  })

  test('one that somebody restores step by step', async () => {
    await restore()
    facts.restores = facts.restores.map((one) => ({ ...one, unrecovered: true }))
    present().state = 'RESTORING'
    expect((await failure(restore())).code).toBe('sql-database-unavailable')
    expect(facts.restores).toHaveLength(1)
  })
})

describe('one that fails midway', () => {
  test('leaves it RESTORING, is told, and is begun again', async () => {
    facts.faults = { breakRestoreAtPercent: 40 }
    expect((await failure(restore())).code).toBe('sql-backup-damaged')
    expect(present().state).toBe('RESTORING')
    facts.faults = {}
    await restore()
    expect(present()).toMatchObject({ tables: { Sessions: 3 }, singleUser: false, state: 'ONLINE' })
  })

  test('before anything was written gives the database back', async () => {
    facts.faults = { driveGone: true }
    expect((await failure(restore())).code).toBe('sql-path-missing')
    expect(was('SINGLE_USER WITH')).toBe(true)
    expect(present()).toMatchObject({ guid: emptyGuid, singleUser: false, state: 'ONLINE' })
  })

  test('and cannot be given back says so, and why it failed', async () => {
    const clock = hurriedClock()
    const hurried = closing.use(openSqlServer(labTarget(facts, port), clock))
    facts.faults = { driveGone: true }
    onStatement = (sql) => {
      if (!sql.includes('SET MULTI_USER')) return
      clock.hurry()
      facts.logins = [daemonLogin('holdfast', 'Pa$$w0rd')] // from here on nobody may change it
      facts.faults.withdrawRights = true
    }
    const problem = await failure(hurried.restoreOver(request, { signal: never }))
    expect(problem.code).toBe('sql-single-user')
    expect(problem.message).toContain('5133')
  })

  test('by a lost connection, and the server goes on: it is back', async () => {
    facts.faults = { dropRestoreAtPercent: 40, thenRestore: 'succeeds', slowRestoreSeconds: 1 }
    expect(await restore()).toMatchObject({ rows: 3 })
    expect(present()).toMatchObject({ singleUser: false, state: 'ONLINE' })
  })

  test('by a lost connection, and the server gave up: told so', async () => {
    facts.faults = { dropRestoreAtPercent: 40, thenRestore: 'fails' }
    const problem = await failure(restore())
    expect(problem).toMatchObject({ code: 'sql-restore-failed', subject, cause: { code: 'sql-connection-lost' } })
    expect(present().state).toBe('RESTORING')
  })

  test('by a network that only we miss, and nobody answers for a while: the server is asked until it does', async () => {
    facts.faults = { slowRestoreSeconds: 1 }
    await using proxy = await halfOpenProxy(port)
    const far = closing.use(openSqlServer(labTarget(facts, proxy.port), hasty))
    let cut = false
    const contents = await far.restoreOver(request, {
      signal: never,
      onProgress(percent) {
        if (cut || percent < 60) return
        cut = true
        proxy.refuse(true)
        proxy.cutClients()
        void systemClock.sleep(300).then(() => proxy.refuse(false))
      },
    })
    expect([cut, contents.rows, facts.restores.length]).toEqual([true, 3, 1])
    expect(present()).toMatchObject({ singleUser: false, state: 'ONLINE' })
  })

  test('by an abort while the connection is lost: ends when the server has, and gives it back', async () => {
    facts.faults = { dropRestoreAtPercent: 20, thenRestore: 'succeeds', slowRestoreSeconds: 1 }
    const stop = new AbortController()
    // Asked what became of the restore, whose connection is gone.
    onStatement = (sql) => {
      if (present().state === 'RESTORING' && sql.includes('program_name')) stop.abort(new Error('enough'))
    }
    await expect(restore(stop.signal)).rejects.toThrow('enough')
    expect(present()).toMatchObject({ singleUser: false, state: 'ONLINE' })
  })

  test('by an abort: the server has stopped', async () => {
    facts.faults = { slowRestoreSeconds: 30 }
    const stop = new AbortController()
    const work = server.restoreOver(request, {
      signal: stop.signal,
      onProgress(percent) {
        if (percent > 50) stop.abort(new Error('enough'))
      },
    })
    await expect(work).rejects.toThrow('enough')
    expect(present().state).toBe('RESTORING')
    facts.faults = {}
    await restore()
    expect(present()).toMatchObject({ tables: { Sessions: 3 }, singleUser: false, state: 'ONLINE' })
  })
})

test('what a database holds is told without a look into its tables', async () => {
  present().tables = { Sessions: 41, Users: 1 }
  served = []
  expect(await server.contents('lcscdr', never)).toMatchObject({
    facts: { name: 'LcsCDR', state: 'ONLINE', mirroringRole: null, replicaRole: null },
    userAccess: 'MULTI_USER',
    rows: 42,
    lastRestore: null,
  })
  expect(await server.contents('QoEMetrics', never)).toBeNull()
  present().state = 'RESTORING'
  expect(await server.contents('LcsCDR', never)).toMatchObject({ facts: { state: 'RESTORING' }, rows: null })
})

test('members of a role come with the database', async () => {
  present().roles = { ServerRole: ['CONTOSO\\RTCComponentUniversalServices'], db_owner: ['CONTOSO\\admin'] }
  expect(await server.roleMembers({ database: 'LcsCDR', role: 'ServerRole' }, never)).toEqual([
    'CONTOSO\\RTCComponentUniversalServices',
  ])
  expect(await server.roleMembers({ database: 'LcsCDR', role: 'Other' }, never)).toEqual([])
})

describe('the files of a backup', () => {
  const file = (name: string, type: string) => ({ name, type, bytes: 1, path: `C:\\Old\\${name}`, encryptor: null })
  const own = [
    { name: 'LcsCDR', type: 'D', path: 'E:\\CsData\\LcsCdr.mdf' },
    { name: 'LcsCDR_log', type: 'L', path: 'F:\\CsLogs\\LcsCdr.ldf' },
  ]

  test('go onto those of the same name, in any order, else onto those of their type', () => {
    expect(placeFiles('LcsCDR', [file('lcscdr_LOG', 'L'), file('LcsCDR', 'D')], own)).toEqual([
      'F:\\CsLogs\\LcsCdr.ldf',
      'E:\\CsData\\LcsCdr.mdf',
    ])
    expect(placeFiles('LcsCDR', [file('CdrDb', 'D'), file('CdrDb_log', 'L')], own)).toEqual([
      'E:\\CsData\\LcsCdr.mdf',
      'F:\\CsLogs\\LcsCdr.ldf',
    ])
  })

  test('that are more than it has lie beside them, under names of their own', () => {
    const more = [file('Part', 'D'), file('LcsCDR', 'D'), file('LcsCDR_log', 'L'), file('log2', 'L'), file('docs', 'S')]
    expect(placeFiles('Lcs/CDR', more, own)).toEqual([
      'E:\\CsData\\Lcs_CDR_1.ndf',
      'E:\\CsData\\LcsCdr.mdf',
      'F:\\CsLogs\\LcsCdr.ldf',
      'F:\\CsLogs\\Lcs_CDR_4.ldf',
      'E:\\CsData\\Lcs_CDR_5',
    ])
  })
})
