import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fromBuffer } from 'yauzl'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Problem } from '../../src/base/problem.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { ShellHost } from '../../src/drivers/shell/host.ts'
import { openShellHost } from '../../src/drivers/shell/shell-host.ts'
import { lackingEngine, powershell } from '../support/engines.ts'
import { alive } from '../support/processes.ts'
import { engine } from './engine.ts'
import { managementHost, rawSession, type ManagementHost, type RawSession, type Writer } from './management-host.ts'
import { scenarios, type Scenario } from './scenarios.ts'
import { current, unmarked, writeTranscript } from './transcript.ts'

if (engine === null) test.skip(`shell: ${lackingEngine(powershell)}`, () => {})
else
  describe.each(['its own JSON', 'the JSON of 3.0 to 5.1'] as const)(`the script in ${engine}, with %s`, (writer) =>
    suite(engine ?? '', writer),
  )

const never = new AbortController().signal

function suite(program: string, writer: Writer): void {
  let host: ManagementHost
  let shell: ShellHost & AsyncDisposable
  let raw: RawSession

  function open(): ShellHost & AsyncDisposable {
    const settings = {
      transport: 'local' as const,
      command: host.command,
      scratch: host.scratch,
      deadlineSeconds: 7200,
    }
    return openShellHost({ settings, folder: host.scratch, clock: systemClock, random: systemRandom })
  }

  beforeAll(async () => {
    host = await managementHost(program, writer)
    shell = open()
    raw = await rawSession(host.command)
  })
  afterAll(async () => {
    await raw[Symbol.asyncDispose]()
    await shell[Symbol.asyncDispose]()
    await host[Symbol.asyncDispose]()
  })
  beforeEach(async () => await host.behave('ordinary'))

  const settings = (signal = never) => shell.call('call-park-settings', {}, signal)
  const userData = (FileName: string, signal = never) =>
    shell.call('export-user-data', { PoolFqdn: 'pool01.contoso.com', FileName }, signal)

  test('says who it is: protocol, its own hash, module', async () => {
    await using session = await rawSession(host.command)
    expect(session.hello).toMatchObject({
      protocol: 2,
      script: current().script,
      modules: ['SkypeForBusiness'],
      failed: {},
    })
  })

  test.each([
    ['export-configuration', {}],
    ['export-location-information', {}],
    ['export-user-data', { PoolFqdn: 'pool01.contoso.com' }],
    ['export-response-groups', { Source: 'service:ApplicationServer:pool01.contoso.com' }],
    ['export-persistent-chat', { DBInstance: 'sql01.contoso.com\\rtc' }],
  ] as const)('%s writes a real ZIP file', async (call, parameters) => {
    await using scratch = await shell.scratch()
    const result = await shell.call(call, { ...parameters, FileName: scratch.path('export.zip') }, never)
    expect(result).toEqual({ objects: [], errors: [], warnings: [] })
    expect(await entriesOf(await buffer(await scratch.open('export.zip')))).toBeGreaterThan(0)
  })

  test('plain values come out, and nothing that the table does not list', async () => {
    const { objects } = await settings()
    expect(objects).toEqual(
      ['Global', 'Site:Redmond'].map((Identity) => ({
        ...{ Identity, OnHold: null, CallPickupTimeoutThreshold: '00:01:30', EnableMusicOnHold: true },
        ...{ MaxCallPickupAttempts: 1, OnTimeoutURI: '' },
      })),
    )
  })

  test.each(['ordinary', 'document'])('a topology comes out as its XML: %s', async (how) => {
    await host.behave(how)
    const { objects } = await shell.call('published-topology', { AsXml: true }, never)
    expect(objects).toEqual(['<Topology><InternalDomain Name="contoso.com" /></Topology>'])
  })

  test('an existing file is refused', async () => {
    await using scratch = await shell.scratch()
    const file = scratch.path('there.bin')
    await writeFile(file, 'x')
    const problem = await failure(shell.call('export-location-information', { FileName: file }, never))
    expect(problem).toMatchObject({ code: 'shell-call-failed', message: expect.stringContaining('already exists') })
  })

  test('an export that stops midway is no success', async () => {
    await host.behave('bad-urn')
    await using scratch = await shell.scratch()
    const problem = await failure(userData(scratch.path('user-data.zip')))
    expect(problem.message).toContain('is not a valid uniform resource name (NotSpecified)')
    expect(existsSync(scratch.path('user-data.zip'))).toBe(true)
  })

  test('an export without a file is told', async () => {
    await host.behave('writes-nothing')
    await using scratch = await shell.scratch()
    await shell.call('export-configuration', { FileName: scratch.path('Config.zip') }, never)
    expect((await failure(scratch.open('Config.zip'))).code).toBe('shell-no-output')
  })

  test('error records that end nothing stand beside the result', async () => {
    await host.behave('errors')
    const { objects, errors } = await settings()
    expect(objects).toHaveLength(2)
    expect(errors).toEqual([
      { message: 'The user "sip:kim@contoso.com" was skipped.', category: 'InvalidData', terminating: false },
    ])
  })

  test('warnings come out', async () => {
    await host.behave('warns')
    expect((await settings()).warnings).toEqual(['The replica is older than the store.'])
  })

  test.each([
    ['fails', 'Cannot open database "xds". (InvalidOperation)'],
    ['throws', 'Something of .NET went wrong.'],
    ['asks', ''],
  ])('a cmdlet that %s ends its call, and the next one works', async (how, words) => {
    await host.behave(how)
    const problem = await failure(settings())
    expect(problem).toMatchObject({ code: 'shell-call-failed', message: expect.stringContaining(words) })
    await host.behave('ordinary')
    expect((await settings()).objects).toHaveLength(2)
  })

  test.each(['talks', 'prints', 'breaks-in'])('what a cmdlet that %s prints does not disturb', async (how) => {
    await host.behave(how)
    for (let turn = 1; turn <= 3; turn++)
      expect(await settings()).toMatchObject({ objects: [{}, {}], errors: [], warnings: [] })
  })

  test('all that a cmdlet says at once is told apart', async () => {
    await host.behave('all-streams')
    expect(await settings()).toEqual({
      objects: [expect.objectContaining({ Identity: 'Global' }), expect.anything()],
      errors: [{ message: 'The user "sip:kim@contoso.com" was skipped.', category: 'InvalidData', terminating: false }],
      warnings: ['The replica is older than the store.'],
    })
  })

  test('a cmdlet in German', async () => {
    await host.behave('german')
    const result = await settings()
    expect(result.warnings).toEqual(['Das Replikat ist 1.234,5 Tage älter.'])
    expect(result.objects[0]).toMatchObject({ CallPickupTimeoutThreshold: '00:01:30', EnableMusicOnHold: true })
  })

  test('a slow cmdlet is waited for', async () => {
    await host.behave('slow')
    expect((await settings()).objects).toHaveLength(2)
  })

  test('five million characters in one property', async () => {
    await host.behave('large')
    const [first] = (await settings()).objects as { OnTimeoutURI: string }[]
    expect(first?.OnTimeoutURI).toBe('x'.repeat(5 * 1024 * 1024))
  })

  test('texts of any script come out as they are', async () => {
    await host.behave('odd-texts')
    const [first] = (await settings()).objects as { OnTimeoutURI: string }[]
    expect(first?.OnTimeoutURI).toBe('Zürich 東京 "quoted" \\ <&> \r\n\u2028 end')
  })

  test('texts of any script go in as they are', async () => {
    const folder = join(host.scratch, "Zürich 東京 'x' `$y$(z)")
    await mkdir(folder)
    await userData(join(folder, 'ß;&|.zip'))
    expect(existsSync(join(folder, 'ß;&|.zip'))).toBe(true)
  })

  test('what looks like a command is a text, and runs nothing', async () => {
    const made = join(host.scratch, 'made')
    const command = `New-Item -Path '${made}'`
    const around = [
      '%',
      '$(%)',
      '; %',
      '"; % #',
      "'; % #",
      '`n%',
      '@(%)',
      '& { % }',
      '| %',
      '-Report $(%)',
      '\n%\n',
      '\u2019; %',
      '\u201d; %',
    ]
    for (const one of around) {
      const SqlServerFqdn = one.replace('%', () => command)
      const [first, end] = await raw.ask('database-tests', { ConfiguredDatabases: true, SqlServerFqdn })
      expect(first).toMatchObject({ event: 'object', value: { SqlServerFqdn } })
      expect(end).toMatchObject({ event: 'end', ok: true })
    }
    expect(existsSync(made)).toBe(false)
  })

  test('lists stay lists, also of one', async () => {
    await host.behave('lists')
    const [first] = (await settings()).objects as object[]
    expect(first).toMatchObject({
      OnTimeoutURI: ['sip:kim@contoso.com', null, 'sip:sam@contoso.com'],
      MaxCallPickupAttempts: [3],
    })
  })

  test('nothing among what is returned does not count', async () => {
    await host.behave('nulls')
    expect(await settings()).toMatchObject({ objects: [{ Identity: 'Global' }, {}], errors: [] })
    for (const call of ['configuration-store-location', 'configuration-store-location-as-text'] as const)
      expect(await shell.call(call, {}, never)).toEqual({ objects: [], errors: [], warnings: [] })
  })

  test('texts, numbers, dates and lists stay so with notes on them', async () => {
    await host.behave('notes')
    expect((await settings()).objects[0]).toEqual({
      ...{ Identity: 'Global', OnTimeoutURI: 'sip:kim@contoso.com', MaxCallPickupAttempts: 3 },
      ...{ EnableMusicOnHold: false, CallPickupTimeoutThreshold: '2026-07-29T00:00:00.000Z', OnHold: ['a', 'b'] },
    })
  })

  test('what JSON has no number for is a text', async () => {
    await host.behave('not-numbers')
    expect((await settings()).objects[0]).toMatchObject({
      ...{ CallPickupTimeoutThreshold: 'NaN', MaxCallPickupAttempts: 'Infinity', OnHold: 'x' },
      OnTimeoutURI: ['-Infinity', 1.5, Number('9223372036854775807'), '0.1'],
    })
  })

  test('all collections are lists, or tables', async () => {
    await host.behave('collections')
    expect((await settings()).objects[0]).toMatchObject({
      ...{ OnTimeoutURI: ['sip:kim@contoso.com'], MaxCallPickupAttempts: [3] },
      ...{ CallPickupTimeoutThreshold: ['a', ['b', null], []], EnableMusicOnHold: { 7: [true] } },
      OnHold: { keys: 'own', Inner: { count: 'Monday' } },
    })
  })

  test('a list within itself has an end', async () => {
    await host.behave('endless-nesting')
    expect(await settings()).toMatchObject({
      objects: [{ OnTimeoutURI: ['within itself', ['within itself', expect.anything()]] }, {}],
      errors: [],
    })
  })

  test('dates and numbers do not depend on the culture', async () => {
    await host.behave('other-culture')
    const [first] = (await settings()).objects as object[]
    expect(first).toMatchObject({
      CallPickupTimeoutThreshold: '2026-07-29T02:00:00.125Z',
      MaxCallPickupAttempts: 1234.5,
      OnTimeoutURI: '1234.5',
    })
  })

  test('what is not in the table is refused by the script itself', async () => {
    await using session = await rawSession(host.command)
    for (const [call, parameters] of [
      ['Get-Date', {}],
      ['Equals', {}],
      ['export-user-data', { Force: true }],
      ['export-user-data', { PoolFqdn: ['a', 'b'] }],
      ['published-topology', { AsXml: 'yes' }],
    ] as const) {
      const answer = await session.ask(call, parameters)
      expect(answer).toMatchObject([
        { event: 'error', category: 'InvalidArgument', terminating: true },
        { event: 'end', ok: false },
      ])
    }
  })

  test.each([
    ['the parameters are missing', '{"id":"1","call":"call-park-settings"}', '1'],
    ['the parameters are null', '{"id":"1","call":"call-park-settings","parameters":null}', '1'],
    ['the parameters are a list', '{"id":"1","call":"call-park-settings","parameters":[]}', '1'],
    ['the parameters are a number', '{"id":"1","call":"call-park-settings","parameters":5}', '1'],
    ['the call is missing', '{"id":"1","parameters":{}}', ''],
    ['the call is empty', '{"id":"1","call":"","parameters":{}}', '1'],
    ['the call is a list', '{"id":"1","call":["call-park-settings"],"parameters":{}}', ''],
    ['the id is missing', '{"call":"call-park-settings","parameters":{}}', ''],
    ['the id is a table', '{"id":{},"call":"call-park-settings","parameters":{}}', ''],
    ['it is a list', '[{"id":"1","call":"call-park-settings","parameters":{}}]', ''],
    ['it is a text', '"call-park-settings"', ''],
    ['it is null', 'null', ''],
    ['it is cut off', '{"id":"1","call":"call-park-settings","parameters":{', ''],
    ['it is no JSON', 'Get-CsCpsConfiguration', ''],
    ['a parameter has no name', '{"id":"1","call":"call-park-settings","parameters":{"":"x"}}', expect.any(String)],
  ])('a request is refused at once where %s, and the next one is answered', async (_, line, id) => {
    const answer = await raw.say(line)
    expect(answer).toMatchObject([
      { id, event: 'error', category: 'InvalidArgument', terminating: true },
      { id, event: 'end', ok: false },
    ])
    expect((await raw.ask('call-park-settings', {})).map(({ event }) => event)).toEqual(['object', 'object', 'end'])
  })

  test('its version, which the end of the run names', async ({ task }) => {
    await using session = await rawSession(host.command)
    const version = `PowerShell ${String(session.hello['engine'])}`
    task.meta.engine =
      writer === 'its own JSON' ? version : 'ConvertTo-Json of Windows PowerShell 3.0 to 5.1 (emulated)'
    expect(session.hello['engine']).toMatch(/^\d+\.\d+/)
  })

  if (writer !== 'its own JSON') return // what follows is the same with any

  test('a module that is installed and cannot be loaded is told with the reason, and not as loaded', async () => {
    await host.behave('does-not-load')
    await using session = await rawSession(host.command)
    expect(session.hello).toMatchObject({
      modules: [],
      failed: { SkypeForBusiness: expect.stringContaining('Microsoft.Rtc.Management is missing') },
    })
    await using other = open()
    const problem = await failure(other.call('call-park-settings', {}, never))
    expect(problem).toMatchObject({
      code: 'shell-module-failed',
      message: expect.stringContaining('The module SkypeForBusiness was not loaded: The assembly'),
    })
  })

  test('a module that only complains while it is loaded is loaded', async () => {
    await host.behave('complains-at-load')
    await using session = await rawSession(host.command)
    expect(session.hello).toMatchObject({ modules: ['SkypeForBusiness'], failed: {} })
  })

  test('a process that ends takes its call with it, and the next call has a new one', async () => {
    await host.behave('dies')
    expect((await failure(settings())).code).toBe('shell-died')
    await host.behave('ordinary')
    expect((await settings()).objects).toHaveLength(2)
  })

  test('a cmdlet that hangs ends with its process when the call is given up', async () => {
    await host.behave('hangs')
    await using session = await rawSession(host.command)
    const pid = Number(session.hello['pid'])
    expect(alive(pid)).toBe(true)
    const problem = await failure(settings(AbortSignal.timeout(2_000)))
    expect(problem).toMatchObject({ code: 'shell-deadline', message: expect.stringContaining('was ended') })
  })

  test('a cmdlet that is not there is an error of the call', async () => {
    await host.behave('missing')
    await using other = open()
    const problem = await failure(
      other.call('export-user-data', { PoolFqdn: 'pool01.contoso.com', FileName: join(host.scratch, 'x.zip') }, never),
    )
    expect(problem.message).toContain('Export-CsUserData')
    expect(problem.message).toContain('(ObjectNotFound)')
  })

  if (process.env['HOLDFAST_SHELL_RECORD'] === '1')
    test.each(scenarios)('recorded: $name', async (scenario: Scenario) => {
      await host.behave(scenario.behaviour)
      await using scratch = await shell.scratch()
      const folder = join(scratch.path('x'), '..')
      if (scenario.existing !== undefined) await writeFile(scratch.path(scenario.existing), 'something')
      await using session = await rawSession(host.command)
      const exchanges = []
      for (const { call, parameters } of scenario.ask)
        exchanges.push({
          request: { call, parameters },
          answer: await session.ask(call, unmarked(parameters, folder)),
        })
      const proved = { engine: String(session.hello['engine']), ...current() }
      writeTranscript(scenario.name, { proved, hello: session.hello, exchanges }, folder, host)
    })
}

async function failure(work: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Problem)) throw new Error(`no Problem: ${String(thrown)}`)
  return thrown
}

function entriesOf(zip: Buffer): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  fromBuffer(zip, (error, file) => {
    if (error) reject(error)
    else resolve(file.entryCount)
  })
  return promise
}
