import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { change } from '../../src/lab/lab.ts'
import { unzip } from '../support/unzip.ts'
import { openSession, type Line, type Session } from './shell-session.ts'
import { contosoLab, temporaryFolder } from './support.ts'

let lab: Awaited<ReturnType<typeof contosoLab>>
let session: Session
const scratch = temporaryFolder()

beforeAll(async () => {
  lab = await contosoLab()
  session = await openSession(lab.paths.directory)
})
afterAll(async () => {
  await session[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
  scratch[Symbol.dispose]()
})

function ended(events: Line[]): { ok: unknown; error: Line | undefined } {
  return { ok: events.at(-1)?.ok, error: events.find(({ event }) => event === 'error') }
}

function target(name: string): string {
  return join(scratch.path, name)
}

function rows(database: string, table: string, host: string): number {
  const server = lab.world().sqlServers.find(({ facts }) => facts.host === host)!
  return server.facts.databases.find(({ name }) => name === database)!.tables[table]!
}

test('says who it is before anything else', () => {
  expect(session.hello).toMatchObject({
    protocol: 2,
    culture: 'en-US',
    script: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(session.hello.pid).toBeGreaterThan(0)
  expect(session.hello.modules).toHaveLength(1)
})

describe('exports', () => {
  test('user data: one item a user, as many as the Back End has', async () => {
    const events = await session.ask('export-user-data', {
      PoolFqdn: 'pool01.contoso.com',
      FileName: target('users.zip'),
    })
    expect(ended(events).ok).toBe(true)
    const { 'DocItemSet.xml': document } = await unzip(target('users.zip'))
    expect(document?.match(/<HomedResource /g)).toHaveLength(rows('rtcxds', 'Resource', 'sql01.contoso.com'))
  })

  test('configuration: the published topology is inside', async () => {
    await session.ask('export-configuration', { FileName: target('Config.zip') })
    const files = await unzip(target('Config.zip'))
    expect(Object.keys(files).sort()).toEqual(['DocItemSet.xml', '[Content_Types].xml'])
    expect(files['DocItemSet.xml']).toContain(readFileSync(lab.paths.topology, 'utf8'))
  })

  test('Response Groups: one workflow a row, with and without "service:"', async () => {
    for (const [index, source] of [
      'service:ApplicationServer:pool01.contoso.com',
      'ApplicationServer:pool01.contoso.com',
    ].entries()) {
      const file = target(`rgs-${index}.zip`)
      expect(ended(await session.ask('export-response-groups', { Source: source, FileName: file })).ok).toBe(true)
      const { 'RgsConfiguration.xml': document } = await unzip(file)
      expect(document?.match(/<Workflow /g)).toHaveLength(rows('rgsconfig', 'Workflows', 'sql01.contoso.com'))
    }
  })

  test('location information and Response Groups refuse a file that exists; the others do not', async () => {
    for (const name of ['lis.zip', 'rgs.zip', 'config.zip']) writeFileSync(target(name), 'here before')
    const lis = await session.ask('export-location-information', { FileName: target('lis.zip') })
    expect(ended(lis)).toMatchObject({ ok: false, error: { category: 'ResourceExists', terminating: true } })
    const rgs = await session.ask('export-response-groups', {
      ...{ Source: 'service:ApplicationServer:pool01.contoso.com', FileName: target('rgs.zip') },
    })
    expect(ended(rgs).ok).toBe(false)
    expect(ended(await session.ask('export-configuration', { FileName: target('config.zip') })).ok).toBe(true)
    expect(readFileSync(target('lis.zip'), 'utf8')).toBe('here before')
  })

  test('a folder that is not there, an unknown pool: an error record, no file', async () => {
    const nowhere = join(target('no-folder'), 'x.zip')
    expect(ended(await session.ask('export-configuration', { FileName: nowhere })).ok).toBe(false)
    const stranger = await session.ask('export-user-data', {
      PoolFqdn: 'pool77.contoso.com',
      FileName: target('77.zip'),
    })
    expect(ended(stranger)).toMatchObject({ ok: false, error: { category: 'ObjectNotFound' } })
    expect(existsSync(target('77.zip'))).toBe(false)
  })
})

test('returns plain values: the listed properties, or the object as text', async () => {
  const settings = await session.ask('call-park-settings', {})
  const [first] = settings.filter(({ event }) => event === 'object')
  expect(first?.value).toMatchObject({ Identity: 'Global', EnableMusicOnHold: true, MaxCallPickupAttempts: 1 })
  const topology = await session.ask('published-topology', { AsXml: true })
  expect(topology.find(({ event }) => event === 'object')?.value).toBe(readFileSync(lab.paths.topology, 'utf8'))
})

test('runs nothing that the table does not list', async () => {
  const attempts: [string, object][] = [
    ['format-disk', {}],
    ['constructor', {}],
    ['export-configuration', { FileName: target('x.zip'), LocalStore: true }],
    ['export-configuration', { FileName: 7 }],
    ['published-topology', { AsXml: 'yes' }],
  ]
  for (const [call, parameters] of attempts)
    expect(ended(await session.ask(call, parameters))).toMatchObject({
      ok: false,
      error: { category: 'InvalidArgument' },
    })
})

describe('the world decides', () => {
  async function broken(
    kind: string,
    subject: string,
    detail: string | null,
    check: () => Promise<void>,
  ): Promise<void> {
    await change(lab.paths.directory, 'break', { kind, subject, detail })
    try {
      await check()
    } finally {
      await change(lab.paths.directory, 'repair', { kind, subject, detail: null })
    }
  }
  const configuration = async (): Promise<ReturnType<typeof ended>> =>
    ended(await session.ask('export-configuration', { FileName: target('again.zip') }))

  test('without the Central Management store nothing can be exported', async () => {
    const copies = lab.world().centralManagement
    expect(copies.length).toBeGreaterThan(0)
    for (const instance of copies)
      await change(lab.paths.directory, 'break', { kind: 'database', subject: `${instance}/xds`, detail: null })
    expect(await configuration()).toMatchObject({ ok: false, error: { category: 'ConnectionError' } })
    for (const instance of copies)
      await change(lab.paths.directory, 'repair', { kind: 'database', subject: `${instance}/xds`, detail: null })
    expect((await configuration()).ok).toBe(true)
  })

  test('a cmdlet fails, is missing, writes nothing, or half of its file', async () => {
    const name = 'Export-CsConfiguration'
    await broken('cmdlet', name, null, async () => {
      expect(await configuration()).toMatchObject({ ok: false, error: { category: 'InvalidOperation' } })
    })
    await broken('cmdlet', name, 'missing', async () => {
      expect(await configuration()).toMatchObject({ ok: false, error: { errorId: 'CommandNotFoundException' } })
    })
    await broken('cmdlet', name, 'writes-nothing', async () => {
      const events = await session.ask('export-configuration', { FileName: target('nothing.zip') })
      expect(ended(events).ok).toBe(true)
      expect(existsSync(target('nothing.zip'))).toBe(false)
    })
    await broken('cmdlet', name, 'cut-zip', async () => {
      expect((await configuration()).ok).toBe(true)
      await expect(unzip(target('again.zip'))).rejects.toThrow()
    })
    expect((await configuration()).ok).toBe(true)
  })

  test('a pool nobody asked for is in the published topology until it is repaired', async () => {
    const before = readFileSync(lab.paths.topology, 'utf8')
    await broken('topology', 'pool99.contoso.com', null, async () => {
      const [object] = (await session.ask('published-topology', { AsXml: true })).filter(
        ({ event }) => event === 'object',
      )
      expect(object?.value).toContain('Fqdn="pool99.contoso.com"')
    })
    expect(readFileSync(lab.paths.topology, 'utf8')).toBe(before)
  })
})

test('a cmdlet that hangs ends with its process', async () => {
  await change(lab.paths.directory, 'break', { kind: 'cmdlet', subject: 'Get-CsTopology', detail: 'hangs' })
  const other = await openSession(lab.paths.directory)
  void other.ask('published-topology', { AsXml: true }).catch(() => {})
  await other[Symbol.asyncDispose]()
  await change(lab.paths.directory, 'repair', { kind: 'cmdlet', subject: 'Get-CsTopology', detail: null })
})

describe('Get-Command', () => {
  test('shows the parameter sets of a cmdlet', async () => {
    const events = await session.ask('commands', { Name: 'export-csuserdata' })
    const value = events.find(({ event }) => event === 'object')?.value as { Name: string; ParameterSets: string[] }
    expect(value.Name).toBe('Export-CsUserData')
    expect(value.ParameterSets.join()).toMatch(/^-PoolFqdn <Fqdn> -FileName <string> .*\[<CommonParameters>\]$/)
    expect(ended(events)).toEqual({ ok: true, error: undefined })
  })

  test('reports a cmdlet that is missing, and ends well', async () => {
    const directory = lab.paths.directory
    await change(directory, 'break', { kind: 'cmdlet', subject: 'Export-CsLisConfiguration', detail: 'missing' })
    const events = await session.ask('commands', { Name: 'Export-CsLisConfiguration' })
    await change(directory, 'repair', { kind: 'cmdlet', subject: 'Export-CsLisConfiguration', detail: null })
    expect(ended(events)).toMatchObject({ ok: true, error: { category: 'ObjectNotFound', terminating: false } })
    expect(events.some(({ event }) => event === 'object')).toBe(false)
  })
})
