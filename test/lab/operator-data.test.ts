/** What exports hold comes back by imports, and by RESTORE: real content, compared with what was there before. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mssql from 'mssql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { act, change, contentOf } from '../../src/lab/lab.ts'
import { topologyOf } from '../../src/lab/topology-reading.ts'
import { readXml } from '../../src/lab/xml-tree.ts'
import { sqlName, type World } from '../../src/lab/world.ts'
import { holdfast } from '../support/terminal.ts'
import { until } from '../support/until.ts'
import { openSession, type Line, type Session } from './shell-session.ts'
import { contosoLab } from './support.ts'

let lab: Awaited<ReturnType<typeof contosoLab>>
let shell: Session
let exports: string
beforeAll(async () => {
  lab = await contosoLab()
  shell = await openSession(lab.paths.directory)
  exports = join(lab.paths.directory, 'exports')
  mkdirSync(exports)
})
afterAll(async () => {
  await shell[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
})

const does = (kind: string, subject: string, detail: string | null = null): Promise<void> =>
  act(lab.paths.directory, { kind, subject, detail }, exports)
const file = (name: string): string => join(exports, name)

/** Runs a call; the error record that ended it, or null. */
async function call(name: string, parameters: object): Promise<Line | null> {
  const events = await shell.ask(name, parameters)
  return events.find(({ event, terminating }) => event === 'error' && terminating === true) ?? null
}
const held = (kind: string, subject: string): Record<string, string[]> | null =>
  contentOf(lab.paths.directory, subject).find((one) => one.kind === kind)!.content

async function rebuilt(...machines: string[]): Promise<void> {
  for (const machine of machines) {
    await does('install-windows', machine)
    await does('join-domain', machine)
  }
}

test('the published topology is read back as it is written', () => {
  expect(topologyOf(readXml(readFileSync(lab.paths.topology, 'utf8')))).toEqual(lab.world().topology)
})

test('the content is told by kind and subject, in an order that does not change', async () => {
  const run = await holdfast(lab.paths.directory, 'lab', 'content', '--dir', '.', '--output', 'json')
  const { content } = run.json() as { content: { kind: string; subject: string; content: object }[] }
  expect(content).toEqual(contentOf(lab.paths.directory, null))
  expect(content.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(
    expect.arrayContaining([
      ...['configuration contoso', 'locations contoso', 'users pool01.contoso.com', 'users se01.contoso.com'],
      ...['response-groups pool01.contoso.com', 'conference-directories pool01.contoso.com'],
      ...[
        'rows sql03.contoso.com\\archive/LcsLog',
        'rows sql05.contoso.com/LcsCDR',
        'rooms sql04.contoso.com\\chat/mgc',
      ],
      'files \\\\fs01.contoso.com\\LyncShare',
    ]),
  )
  for (const one of content) {
    const names = Object.keys(one.content)
    expect(names).toEqual([...names].sort())
    expect(names.length).toBeGreaterThan(0)
  }
  const unknown = await holdfast(lab.paths.directory, 'lab', 'content', 'nobody.contoso.com', '--dir', '.')
  expect(unknown.code).toBe(2)
})

test('users of a rebuilt Standard Edition server get contacts and conferences back', async () => {
  const fqdn = 'se01.contoso.com'
  const before = held('users', fqdn)!
  const tables = (): object =>
    lab
      .world()
      .sqlServers.find(({ facts }) => facts.host === fqdn)!
      .facts.databases.find(({ name }) => name === 'rtcxds')!.tables
  const counted = tables()
  const contacts = Object.values(before).flat()
  expect(contacts.some((one) => one.startsWith('contact '))).toBe(true)
  expect(contacts.some((one) => one.startsWith('conference '))).toBe(true)
  expect(await call('export-user-data', { PoolFqdn: fqdn, FileName: file('se01.zip') })).toBeNull()

  await rebuilt(fqdn)
  expect(held('users', fqdn)).toBeNull()
  for (const kind of ['restore-certificates', 'install-local-configuration-store', 'setup-components'])
    await does(kind, fqdn)
  expect(Object.values(held('users', fqdn)!).flat()).toEqual([])
  await does('assign-certificates', fqdn)
  expect(tables()).toMatchObject({ Resource: 0 })
  // Once services run, the users of Active Directory are there, and nothing that is theirs.
  await does('start-services', fqdn)
  expect(Object.keys(held('users', fqdn)!)).toEqual(Object.keys(before))
  expect(tables()).toMatchObject({ Resource: Object.keys(before).length, Contact: 0 })
  await does('stop-services', fqdn)
  await does('import-user-data', fqdn, 'se01.zip')
  await does('start-services', fqdn)
  expect(held('users', fqdn)).toEqual(before)
  expect(tables()).toEqual(counted)
  // It is exported as it was.
  expect(await call('export-user-data', { PoolFqdn: fqdn, FileName: file('again.zip') })).toBeNull()
  await does('update-user-data', Object.keys(before)[0]!, 'again.zip')
  expect(held('users', fqdn)).toEqual(before)
})

describe('an import of user data', () => {
  const pool = 'pool01.contoso.com'
  const members = ['fe01.contoso.com', 'fe02.contoso.com', 'fe03.contoso.com']

  test('into a running pool is overwritten when its servers restart one by one', async () => {
    const exported = held('users', pool)
    expect(await call('export-user-data', { PoolFqdn: pool, FileName: file('pool01.zip') })).toBeNull()
    await change(lab.paths.directory, 'break', { kind: 'contacts', subject: pool, detail: null })
    const now = held('users', pool)
    expect(now).not.toEqual(exported)

    expect(await call('import-user-data', { PoolFqdn: pool, FileName: file('pool01.zip') })).toBeNull()
    // Users still see what the servers have in memory.
    expect(held('users', pool)).toEqual(now)
    for (const ComputerName of members) {
      expect(await call('stop-services', { ComputerName })).toBeNull()
      expect(await call('start-services', { ComputerName })).toBeNull()
    }
    expect(held('users', pool)).toEqual(now)

    // All stopped, then started together.
    for (const ComputerName of members) expect(await call('stop-services', { ComputerName })).toBeNull()
    expect(await call('import-user-data', { PoolFqdn: pool, FileName: file('pool01.zip') })).toBeNull()
    expect(await call('start-pool', { PoolFqdn: pool })).toBeNull()
    expect(held('users', pool)).toEqual(exported)
  })

  test('a first Front End waits for the others, and one of a running pool does not', async () => {
    const status = async (ComputerName: string): Promise<unknown> => {
      const events = await shell.ask('services', { ComputerName })
      return events
        .map(({ value }) => value as { Name: string; Status: string } | undefined)
        .find((one) => one?.Name === 'RTCSRV')?.Status
    }
    for (const ComputerName of members) expect(await call('stop-services', { ComputerName })).toBeNull()
    // Three of three, at a cold start; two would do to stay up.
    for (const ComputerName of members.slice(0, 2)) {
      expect(await call('start-services', { ComputerName, NoWait: true })).toBeNull()
      expect(await status(ComputerName)).toBe('Stopped')
    }
    expect(await call('start-services', { ComputerName: members[2] })).toBeNull()
    for (const ComputerName of members) expect(await status(ComputerName)).toBe('Running')
    expect(await call('stop-services', { ComputerName: members[0] })).toBeNull()
    expect(await status(members[1]!)).toBe('Running')
    expect(await call('start-services', { ComputerName: members[0] })).toBeNull()
    expect(await status(members[0]!)).toBe('Running')
  })

  test('with one server left running brings no data, and no error', async () => {
    await change(lab.paths.directory, 'break', { kind: 'contacts', subject: pool, detail: null })
    const now = held('users', pool)
    for (const ComputerName of members.slice(1)) expect(await call('stop-services', { ComputerName })).toBeNull()
    expect(await call('import-user-data', { PoolFqdn: pool, FileName: file('pool01.zip') })).toBeNull()
    expect(await call('start-pool', { PoolFqdn: pool })).toBeNull()
    expect(held('users', pool)).toEqual(now)
  })

  test('of a file that is missing, or is no export, is refused', async () => {
    writeFileSync(file('text.zip'), 'no ZIP')
    const lost = await call('import-user-data', { PoolFqdn: pool, FileName: file('lost.zip') })
    expect(lost).toMatchObject({ category: 'ObjectNotFound' })
    const text = await call('import-user-data', { PoolFqdn: pool, FileName: file('text.zip') })
    expect(text).toMatchObject({ category: 'InvalidData' })
  })
})

test('Response Groups come back with audio files; into an empty store only with a new owner, settings only where they are asked for', async () => {
  const pool = 'pool01.contoso.com'
  const before = held('response-groups', pool)!
  expect(Object.keys(before)).toEqual(expect.arrayContaining(['Workflow 1', 'Audio/welcome-1.wma', 'Settings']))
  const Source = `service:ApplicationServer:${pool}`
  expect(await call('export-response-groups', { Source, FileName: file('rgs.zip') })).toBeNull()
  for (const name of ['sql01.contoso.com\\rtc/rgsconfig', 'sql02.contoso.com\\rtc/rgsconfig'])
    await change(lab.paths.directory, 'break', { kind: 'database', subject: name, detail: 'emptied' })
  expect(held('response-groups', pool)).toEqual({})

  const parameters = { Destination: Source, FileName: file('rgs.zip') }
  expect(await call('import-response-groups', parameters)).toMatchObject({ category: 'InvalidOperation' })
  expect(await call('import-response-groups', { ...parameters, OverwriteOwner: true })).toBeNull()
  const { Settings, ...groups } = held('response-groups', pool)!
  const { Settings: own, ...wanted } = before
  expect(groups).toEqual(wanted)
  expect(Settings).not.toEqual(own)
  await does('import-response-groups', pool, 'rgs.zip')
  expect(held('response-groups', pool)).toEqual(before)
})

test('rooms are added to what is there', async () => {
  const [instance, subject] = ['sql04.contoso.com\\chat', 'sql04.contoso.com\\chat/mgc']
  const [rooms, rows] = [held('rooms', subject)!, held('rows', subject)!]
  expect(await call('export-persistent-chat', { DBInstance: instance, FileName: file('chat.zip') })).toBeNull()
  await does('import-persistent-chat', instance, 'chat.zip')
  expect(held('rooms', subject)).toEqual(rooms)
  expect(Number(held('rows', subject)!.tblChat![0])).toBe(2 * Number(rows.tblChat![0]))
})

describe('RESTORE DATABASE', () => {
  const subject = 'sql05.contoso.com/LcsCDR'

  async function administrator(): Promise<{ query(text: string): Promise<unknown> } & AsyncDisposable> {
    const world = lab.world()
    const server = world.sqlServers.find(({ facts }) => sqlName(facts) === 'sql05.contoso.com')!
    for (const login of server.facts.logins) login.sysadmin = true
    const text = JSON.stringify(world)
    writeFileSync(lab.paths.state, text)
    await until(() => Promise.resolve(readFileSync(lab.paths.state, 'utf8') === text ? undefined : true))
    const [login] = server.facts.logins
    const pool = await new mssql.ConnectionPool({
      ...{ server: '127.0.0.1', port: server.local!, user: login!.user, password: login!.password },
      options: { encrypt: true, trustServerCertificate: true },
    }).connect()
    return { query: (sql) => pool.request().query(sql), [Symbol.asyncDispose]: () => pool.close() }
  }

  test('brings the rows back, and is refused while Front Ends hold the database', async () => {
    const before = held('rows', subject)
    const path = String.raw`\\backup01.contoso.com\LyncBackup\LcsCDR.bak`
    await using sql = await administrator()
    await sql.query(`BACKUP DATABASE LcsCDR TO DISK = N'${path}' WITH INIT, CHECKSUM, COPY_ONLY`)
    await change(lab.paths.directory, 'break', { kind: 'database', subject, detail: 'recreated' })
    expect(held('rows', subject)).not.toEqual(before)

    const restore = `RESTORE DATABASE LcsCDR FROM DISK = N'${path}' WITH REPLACE, CHECKSUM`
    await expect(sql.query(restore)).rejects.toMatchObject({ precedingErrors: [{ number: 3101 }] })
    await sql.query('ALTER DATABASE LcsCDR SET SINGLE_USER WITH ROLLBACK IMMEDIATE')
    await sql.query(restore)
    await sql.query('ALTER DATABASE LcsCDR SET MULTI_USER')
    await does('download-topology', 'contoso') // what SQL Server changed is in the state when an act is done
    expect(held('rows', subject)).toEqual(before)
  })
})

test('topology, policies and locations come back into a store that was made anew', async () => {
  const machines = ['sql01.contoso.com', 'sql02.contoso.com']
  const [store] = machines.map((machine) => `${machine}\\rtc`)
  const before = [held('configuration', 'contoso'), held('locations', 'contoso')]
  expect(await call('export-configuration', { FileName: file('Config.zip') })).toBeNull()
  expect(await call('export-location-information', { FileName: file('lis.zip') })).toBeNull()
  await rebuilt(...machines)
  await does('install-sql-server', store!)
  expect(await call('import-configuration', { FileName: file('Config.zip') })).toMatchObject({
    category: 'ConnectionError',
  })
  await does('create-central-management-store', store!, 'clean')
  await does('point-directory', store!)
  expect(held('configuration', 'contoso')).toBeNull()
  await change(lab.paths.directory, 'break', {
    ...{ kind: 'setting', subject: 'ConferencingPolicy:Global', detail: null },
  })
  await does('import-configuration', 'contoso', 'Config.zip')
  await does('import-locations', 'contoso', 'lis.zip')
  expect(Object.keys(held('locations', 'contoso')!)).toContain('not published')
  await does('publish-locations', 'contoso')
  await does('create-databases', store!)
  expect([held('configuration', 'contoso'), held('locations', 'contoso')]).toEqual(before)
  const world: World = lab.world()
  expect(world.storeLocation).toBe(store)
  const names = world.sqlServers.find(({ facts }) => sqlName(facts) === store)!.facts.databases.map(({ name }) => name)
  expect(names.sort()).toEqual(
    ['LcsCDR', 'xds', 'lis', 'rtcxds', 'rtcshared', 'rtcab', 'rgsconfig', 'rgsdyn', 'cpsdyn']
      .filter((name) => name !== 'LcsCDR')
      .sort(),
  )
})
