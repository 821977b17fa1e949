/** Integrated login: what ODBC does otherwise than the other client. What both must do is test/contract/sql.test.ts. */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock, type Clock } from '../../../src/base/clock.ts'
import { registerSecret } from '../../../src/base/log.ts'
import { toProblem, type Problem } from '../../../src/base/problem.ts'
import type { SqlDefaults } from '../../../src/config/config.ts'
import { openSqlServer } from '../../../src/drivers/sql/connected-server.ts'
import { sqlConnections } from '../../../src/drivers/sql/connection.ts'
import type { SqlConnections } from '../../../src/drivers/sql/connections.ts'
import { applicationOf } from '../../../src/drivers/sql/fate.ts'
import type { SqlServer } from '../../../src/drivers/sql/sql-server.ts'
import type { Domain } from '../../../src/lab/sql/engine.ts'
import type { SqlServerFacts } from '../../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../../src/lab/sql/server.ts'
import { labDatabase, labInstance, labTarget, login } from '../../support/lab-sql.ts'
import { integrated, lackingOdbc, odbcDriver, startOdbc, withAccount } from '../../support/odbc.ts'
import { until } from '../../support/until.ts'

const fqdn = 'sql01.contoso.com'
const never = new AbortController().signal
const share = '\\\\backup01.contoso.com\\LyncBackup'
const request = { database: 'LcsCDR', path: `${share}\\LcsCDR.bak`, name: 'holdfast LcsCDR 1' }
/** Ten seconds are short on it: the time after which the process of idle connections ends. */
const hasty: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds === 10_000 ? 50 : milliseconds, signal),
}

describe.skipIf(lackingOdbc)(`integrated login ${lackingOdbc ?? ''}`, () => {
  const all = new AsyncDisposableStack()
  let folder: string
  let domain: Domain
  let facts: SqlServerFacts
  let served: { sql: string; parameters: Record<string, unknown> }[]
  let toLocal: (path: string) => string
  let closing: AsyncDisposableStack

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-odbc-'))
    all.defer(() => rm(folder, { recursive: true }))
    domain = all.use(await startOdbc(folder, fqdn)).domain
  })
  afterAll(() => all.disposeAsync())
  beforeEach(() => {
    closing = new AsyncDisposableStack()
    facts = withAccount(labInstance(fqdn, [labDatabase('LcsCDR')]))
    served = []
    toLocal = (path) => join(folder, path.split('\\').at(-1) ?? '')
  })
  afterEach(() => closing.disposeAsync())

  async function lab(more: { port?: number; domain?: Domain } = { domain }) {
    const server = await startSqlServer({
      facts: () => facts,
      changed: () => {},
      toLocal: (path) => toLocal(path),
      certificate: null,
      record: (entry) => served.push(entry),
      ...more,
    })
    closing.defer(() => server.close())
    return server
  }

  function at(port: number, more: Partial<SqlDefaults> = {}, clock = systemClock): SqlServer {
    return closing.use(openSqlServer({ ...labTarget(facts, port), login: { ...integrated, ...more } }, clock))
  }

  function connections(port: number, more: Partial<SqlDefaults> = {}): SqlConnections {
    const target = { ...labTarget(facts, port), login: { ...integrated, ...more } }
    return closing.use(sqlConnections(target, 1, 'Test', systemClock))
  }

  async function failure(work: Promise<unknown>): Promise<Problem> {
    const thrown: unknown = await work.then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(thrown).not.toBe(null)
    return toProblem(thrown)
  }

  test('is that of the account of this process, as the instance sees it', async ({ task }) => {
    task.meta.engine = odbcDriver()
    const rights = await at((await lab()).port).rights(['LcsCDR'], never)
    expect(rights).toEqual({ login: 'CONTOSO\\svc-holdfast', lacking: [] })
  })

  test('is refused: the instance has no login for the account', async () => {
    facts = labInstance(fqdn, [])
    const problem = await failure(at((await lab()).port).facts(never))
    expect(problem.code).toBe('sql-login-failed')
    expect(problem.message).toContain('SQL Server error 18456')
  })

  test('is refused: the machine of the instance does not trust the domain', async () => {
    const problem = await failure(at((await lab({})).port).facts(never))
    expect(problem.code).toBe('sql-login-untrusted-domain')
    expect(problem.message).toContain('SQL Server error 18452')
  })

  test('is refused: a ticket for the service of another key', async () => {
    const problem = await failure(at((await lab({ domain: () => null })).port).facts(never))
    expect(problem.code).toBe('sql-login-untrusted-domain')
  })

  describe('the same code as by the other client', () => {
    const backup = (server: SqlServer): Promise<unknown> => server.backup(request, { signal: never })
    test.each<[string, string, () => void, (server: SqlServer) => Promise<unknown>]>([
      ['no such database', 'sql-database-missing', () => (facts.databases = []), backup],
      [
        'one that is offline',
        'sql-database-unavailable',
        () => facts.databases.forEach((one) => (one.state = 'OFFLINE')),
        backup,
      ],
      [
        'damaged pages',
        'sql-consistency-errors',
        () => facts.databases.forEach((one) => (one.corruptPages = 1)),
        backup,
      ],
      ['a share that is closed to the service', 'sql-path-denied', () => (facts.faults.denyDevices = true), backup],
      ['no file', 'sql-path-missing', () => {}, (server) => server.verify(`${share}\\none.bak`, never)],
      [
        'a file that is no backup',
        'sql-backup-damaged',
        () => (toLocal = () => '/etc/passwd'),
        (server) => server.header(request.path, never),
      ],
      [
        'a login that is switched off',
        'sql-login-failed',
        () => (facts.faults.refuseLogin = true),
        (server) => server.facts(never),
      ],
    ])('%s: %s', async (_, code, arrange, work) => {
      arrange()
      const { port } = await lab()
      const [ours, theirs] = [await failure(work(at(port))), await failure(work(at(port, login)))]
      expect([ours.code, theirs.code]).toEqual([code, code])
      expect(ours.message).toBe(theirs.message.replaceAll("'holdfast'", String.raw`'CONTOSO\svc-holdfast'`))
      expect(ours.hint).toBe(theirs.hint)
    })

    test('nobody listens', async () => {
      expect((await failure(at(1).facts(never))).code).toBe('sql-refused')
    })

    test('a name that does not exist', async () => {
      const target = { ...labTarget(facts, 1433), server: 'gone.invalid', login: integrated }
      const server = closing.use(openSqlServer(target, systemClock))
      expect((await failure(server.facts(never))).code).toBe('sql-name-not-found')
    })

    test('an instance that ends in the middle of a statement, and is there again', async () => {
      const first = await lab()
      const server = at(first.port)
      await server.facts(never)
      facts.faults.slowBackupSeconds = 600
      const watch = connections(first.port, login)
      const work = failure(server.backup(request, { signal: never }))
      await until(async () => ((await runs(watch)) ? true : undefined))
      await first.close()
      await lab({ port: first.port, domain })
      const problem = await work
      expect(problem.code).toBe('sql-backup-failed')
      expect(toProblem(problem.cause).code).toBe('sql-connection-lost')
      expect((await server.facts(never)).machine).toBe('SQL01')
    })
  })

  /** Whether the instance is at the backup. */
  async function runs(watch: SqlConnections): Promise<boolean> {
    const [session] = await watch.query('progress', { application: applicationOf(request.name) }, { signal: never })
    return session !== undefined
  }

  describe('an abort', () => {
    test('stops a backup on the server: none is in its history, and the connections work on', async () => {
      facts.faults.slowBackupSeconds = 600
      const { port } = await lab()
      const server = at(port)
      const watch = connections(port, login)
      const stop = new AbortController()
      const work = server.backup(request, { signal: stop.signal })
      await until(async () => ((await runs(watch)) ? true : undefined))
      stop.abort(new Error('enough'))
      await expect(work).rejects.toThrow('enough')
      expect(await runs(watch)).toBe(false)
      expect(facts.backups).toEqual([])
      expect(await server.backupByName(request.name, never)).toMatchObject({ state: 'absent' })
    })

    test('leaves the connection to the next statement', async () => {
      facts.faults.slowBackupSeconds = 600
      const { port } = await lab()
      const own = connections(port)
      const stop = new AbortController()
      const values = { database: 'LcsCDR', path: request.path, name: request.name }
      const work = own.query('backup', values, { signal: stop.signal })
      const next = own.query('clock', {}, { signal: never }) // waits: there is one connection
      await until(() => Promise.resolve(served.some(({ sql }) => sql.includes('BACKUP')) ? true : undefined))
      stop.abort(new Error('enough'))
      await expect(work).rejects.toThrow('enough')
      expect(await next).toHaveLength(1)
    })

    test('before anything is asked', async () => {
      const { port } = await lab()
      await expect(at(port).facts(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
      expect(served).toEqual([])
    })

    test('while it waits for its turn', async () => {
      facts.faults.slowBackupSeconds = 600
      const own = connections((await lab()).port)
      const values = { database: 'LcsCDR', path: request.path, name: request.name }
      const stop = [new AbortController(), new AbortController()] as const
      const first = own.query('backup', values, { signal: stop[0].signal })
      const second = own.query('clock', {}, { signal: stop[1].signal })
      stop[1].abort(new Error('not me'))
      await expect(second).rejects.toThrow('not me')
      stop[0].abort(new Error('nor me'))
      await expect(first).rejects.toThrow('nor me')
    })

    test('when the connections are closed: what runs is interrupted', async () => {
      facts.faults.slowBackupSeconds = 600
      const { port } = await lab()
      const own = connections(port)
      const values = { database: 'LcsCDR', path: request.path, name: request.name }
      const work = failure(own.query('backup', values, { signal: never }))
      await until(() => Promise.resolve(served.some(({ sql }) => sql.includes('BACKUP')) ? true : undefined))
      await own[Symbol.asyncDispose]()
      expect((await work).code).toBe('interrupted')
      expect(facts.backups).toEqual([])
    })
  })

  test('the messages of the server come with their numbers', async () => {
    const own = connections((await lab()).port)
    const heard: number[] = []
    const values = { database: 'LcsCDR', path: request.path, name: request.name }
    await own.query('backup', values, { signal: never, onMessage: ({ number }) => heard.push(number) })
    expect(new Set(heard)).toEqual(new Set([3211, 4035, 3014]))
  })

  test.each(["O'Brien'; DROP DATABASE LcsCDR --", 'Тест 試験 𝄞', '', ' ', 'x'.repeat(4000), '?', '@database'])(
    'a value is bound as it is: %j',
    async (name) => {
      const own = connections((await lab()).port)
      await own.query('backupHistory', { name }, { signal: never })
      const { sql, parameters } = served.at(-1) ?? {}
      expect(Object.values(parameters ?? {})).toEqual([name])
      expect(sql).not.toContain('Brien')
    },
  )

  test('the driver is not there: its name and the setting are told', async () => {
    const problem = await failure(at((await lab()).port, { odbcDriver: 'No Such Driver' }).facts(never))
    expect(problem.code).toBe('sql-driver-missing')
    expect(problem.message).toContain('No Such Driver')
    expect(problem.hint).toContain('sql.odbcDriver')
  })

  test('the binary of the package does not fit this machine', async () => {
    vi.stubEnv('MSNODESQLV8_PREBUILD', folder)
    const problem = await failure(at((await lab()).port).facts(never))
    vi.stubEnv('MSNODESQLV8_PREBUILD', undefined)
    expect(problem.code).toBe('sql-driver-missing')
    expect(problem.message).toContain('msnodesqlv8')
    expect(problem.hint).toContain('npm ci')
  })

  describe('the process of the connections', () => {
    const hosts = (): number[] =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name) && childOfOurs(name) && commandOf(name).includes('sql/odbc/host'))
        .map(Number)

    test('ends when nothing was asked for a while, and comes back when something is', async () => {
      const server = at((await lab()).port, {}, hasty)
      await server.facts(never)
      await until(() => Promise.resolve(hosts().length === 0 ? true : undefined))
      expect((await server.facts(never)).machine).toBe('SQL01')
    })

    test('dies: what it was asked is lost, and the next question is answered', async () => {
      facts.faults.slowBackupSeconds = 600
      const own = connections((await lab()).port)
      const values = { database: 'LcsCDR', path: request.path, name: request.name }
      const work = failure(own.query('backup', values, { signal: never }))
      await until(() => Promise.resolve(served.some(({ sql }) => sql.includes('BACKUP')) ? true : undefined))
      for (const pid of hosts()) process.kill(pid, 'SIGKILL')
      expect((await work).code).toBe('sql-connection-lost')
      expect(await own.query('clock', {}, { signal: never })).toHaveLength(1)
    })

    test('is given no secret, neither as an argument nor in its environment', async () => {
      vi.stubEnv('HOLDFAST_TEST_SECRET', 'a secret of holdfast.yaml')
      registerSecret('a secret of holdfast.yaml')
      await at((await lab()).port).facts(never)
      const [pid] = hosts()
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('a secret of holdfast.yaml')
      expect(commandOf(String(pid))).not.toContain('Trusted_Connection')
    })
  })
})

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function childOfOurs(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8').includes(`PPid:\t${process.pid}\n`)
  } catch {
    return false
  }
}
