/** What cmdlets bring back, over the real shell host of the lab: content equals that of the set afterwards, or nothing happened. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../../src/base/problem.ts'
import type { Tools } from '../../../src/act/handler.ts'
import { recoveryStep } from '../../../src/act/recovery-step.ts'
import { imports } from '../../../src/act/restore/imports.ts'
import { proveByCount } from '../../../src/act/restore/count-now.ts'
import { startServices, stopServices } from '../../../src/act/restore/services.ts'
import type { Acceptable } from '../../../src/domain/gate.ts'
import type { ImportedKind } from '../../../src/drivers/shell/import-calls.ts'
import type { Restored, RestoreContext } from '../../../src/act/restore/restorer.ts'
import { openStore } from '../../../src/store/store.ts'
import { driven } from '../../support/driven.ts'
import { faultyFiles } from '../../support/faulty-files.ts'
import { seal } from '../../support/sealed.ts'
import { TestClock } from '../../support/test-clock.ts'
import { hasty, meets, never, restoreBench, type RestoreBench } from './lab-sets.ts'

const pool = 'pool01.contoso.com'
const members = ['fe01.contoso.com', 'fe02.contoso.com', 'fe03.contoso.com']
const chat = 'sql04.contoso.com\\chat/mgc'

let bench: RestoreBench
beforeAll(async () => {
  bench = await restoreBench()
})
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(() => void bench.asked())

function restore(context: RestoreContext, more: Partial<RestoreContext> = {}): Promise<Restored> {
  return imports[context.copy.kind as ImportedKind].restore(context.copy, { ...context, ...more })
}
const calls = (): string[] => bench.asked().map(({ call }) => call)
/** But for what is only counted. */
const changing = (): string[] => calls().filter((call) => !call.startsWith('export-'))
const scratches = (): string[] => readdirSync(bench.scratch)
/** Names that begin so, in what the lab holds. */
const countOf = (kind: string, subject: string, mark: string): number =>
  Object.keys(bench.held(kind, subject)).filter((name) => name.startsWith(mark)).length

const settings = (): Promise<RestoreContext> =>
  bench.setOf({ kind: 'configuration', subject: 'contoso' }, 'export-configuration', {}, { elements: 1 })
const groups = (counts: Record<string, number>): Promise<RestoreContext> =>
  bench.setOf(
    { kind: 'response-groups', subject: pool },
    'export-response-groups',
    { Source: `service:ApplicationServer:${pool}` },
    counts,
  )
const rooms = (counts: Record<string, number>): Promise<RestoreContext> =>
  bench.setOf(
    { kind: 'persistent-chat', subject: chat },
    'export-persistent-chat',
    { DBInstance: 'sql04.contoso.com\\chat' },
    counts,
  )
const users = (counts: Record<string, number>): Promise<RestoreContext> =>
  bench.setOf({ kind: 'user-data', subject: pool }, 'export-user-data', { PoolFqdn: pool }, counts)
async function groupsEmptied(): Promise<void> {
  for (const server of ['sql01', 'sql02'])
    await bench.break('database', `${server}.contoso.com\\rtc/rgsconfig`, 'emptied')
}

describe('what comes back is what the set holds', () => {
  test('configuration', async () => {
    const before = bench.held('configuration', 'contoso')
    const set = await settings()
    await bench.break('setting', 'ConferencingPolicy:Global')
    expect(bench.held('configuration', 'contoso')).not.toEqual(before)
    bench.asked()
    expect((await restore(set)).message).toMatch(
      /^Import-CsConfiguration ran over data\/configuration\.zip\. elements: \d+ \(1 in the set\)\.$/,
    )
    expect(bench.held('configuration', 'contoso')).toEqual(before)
    expect(calls()).toEqual(['export-configuration', 'import-configuration', 'export-configuration'])
    expect(scratches()).toEqual([])
  })

  test('location information, which is published', async () => {
    const before = bench.held('locations', 'contoso')
    const item = { kind: 'location-information', subject: 'contoso' } as const
    const set = await bench.setOf(item, 'export-location-information', {}, {})
    for (const server of ['sql01', 'sql02']) await bench.break('database', `${server}.contoso.com\\rtc/lis`, 'emptied')
    expect(bench.held('locations', 'contoso')).toEqual({})
    bench.asked()
    await restore(set)
    expect(bench.held('locations', 'contoso')).toEqual(before)
    expect(changing()).toEqual(['import-location-information', 'publish-location-information'])
  })

  test('Response Groups, with the settings of the pool and a new owner', async () => {
    const before = bench.held('response-groups', pool)
    const workflows = countOf('response-groups', pool, 'Workflow ')
    const set = await groups({ entries: 999, workflows })
    await groupsEmptied()
    bench.asked()
    const { message, counts } = await restore(set)
    expect(bench.held('response-groups', pool)).toEqual(before)
    expect(counts).toMatchObject({ workflows })
    expect(message).toContain(`(-Destination service:ApplicationServer:${pool})`)
    expect(message).toContain(`workflows: ${workflows} (${workflows} in the set)`)
    expect(bench.asked().find(({ call }) => !call.startsWith('export-'))).toMatchObject({
      call: 'import-response-groups',
      parameters: { OverwriteOwner: true, ReplaceExistingRgsSettings: true },
    })
  })

  test('Persistent Chat, once', async () => {
    const before = [bench.held('rooms', chat), bench.held('rows', chat)['tblChat']]
    const counts = { rooms: countOf('rooms', chat, 'Room '), messages: Number(before[1]) }
    const set = await rooms(counts)
    await bench.break('database', chat, 'emptied')
    expect(bench.held('rooms', chat)).toEqual({})
    bench.asked()
    expect((await restore(set)).counts).toMatchObject(counts)
    expect([bench.held('rooms', chat), bench.held('rows', chat)['tblChat']]).toEqual(before)
    expect(calls()).toEqual(['export-persistent-chat', 'import-persistent-chat', 'export-persistent-chat'])

    expect((await restore(set)).message).toMatch(/^All of it is there already, and it was not imported again\./)
    expect(bench.held('rows', chat)['tblChat']).toEqual(before[1])
    expect(calls()).not.toContain('import-persistent-chat')
  })

  test('user data, once all Front Ends were stopped and started together', async () => {
    const before = bench.held('users', pool)
    const set = await users({ users: Object.keys(before).length })
    await bench.break('contacts', pool)
    expect(bench.held('users', pool)).not.toEqual(before)
    await stopServices(members, bench.tools, never)
    const { message, counts } = await restore(set)
    expect(message).toContain('It takes effect, and is counted, when the services of the pool were started together.')
    expect(counts).toBeUndefined()
    await startServices({ pool, servers: members, how: 'servers-together' }, bench.tools, never)
    expect(bench.held('users', pool)).toEqual(before)
    expect(await proveByCount(set)).toMatchObject({
      counts: { users: Object.keys(before).length },
    })
    expect(scratches()).toEqual([])
  })
})

describe('an import of which our end kept us from hearing', () => {
  /** As a try before left it. */
  const counted = (counts: Record<string, number>): RestoreContext['tools'] => ({
    ...bench.tools,
    counted: () => counts,
    keepCount: () => Promise.reject(new Error('it was counted before')),
  })

  test('is not repeated where all of it came since: what was changed then stays', async () => {
    const set = await settings()
    await bench.break('setting', 'ConferencingPolicy:Global')
    const since = bench.held('configuration', 'contoso')
    bench.asked()
    const { message, resumed } = await restore(set, { tools: counted({}) })
    expect(message).toMatch(/^It was imported before, and is not imported again\. elements: \d+ \(1 in the set\)\.$/)
    expect(resumed).toBe(true)
    expect(bench.held('configuration', 'contoso')).toEqual(since)
    expect(changing()).toEqual([])
    await bench.repair('setting', 'ConferencingPolicy:Global')
  })

  test('is published, which our end may have come before', async () => {
    const before = bench.held('locations', 'contoso')
    const item = { kind: 'location-information', subject: 'contoso' } as const
    const set = await bench.setOf(item, 'export-location-information', {}, { elements: 2 })
    for (const server of ['sql01', 'sql02']) await bench.break('database', `${server}.contoso.com\\rtc/lis`, 'emptied')
    const FileName = join(set.set.path, set.copy.path)
    await bench.drivers.shell.call('import-location-information', { FileName }, never)
    expect(bench.held('locations', 'contoso')).not.toEqual(before)
    bench.asked()
    expect(await restore(set, { tools: counted({}) })).toMatchObject({ resumed: true })
    expect(bench.held('locations', 'contoso')).toEqual(before)
    expect(changing()).toEqual(['publish-location-information'])
  })

  test('is repeated where nothing came since it was counted, or less than the set holds', async () => {
    const set = await settings()
    bench.asked()
    const { counts } = await restore(set)
    bench.asked()
    await restore(set, { tools: counted({ ...counts }) })
    expect(changing()).toEqual(['import-configuration'])
    const larger = { ...set.copy, counts: { elements: (counts?.['elements'] ?? 0) + 1 } }
    await expect(restore(set, { copy: larger, tools: counted({}) })).rejects.toMatchObject({
      code: 'import-came-short',
    })
    expect(changing()).toEqual(['import-configuration'])
  })
})

test('user data are not imported while one Front End runs: it is named, and nothing is touched', async () => {
  const set = await users({ users: 1 })
  await stopServices(members.slice(0, 2), bench.tools, never)
  bench.asked()
  await expect(restore(set)).rejects.toMatchObject({
    code: 'front-ends-not-stopped',
    message: expect.stringContaining('Services of fe03.contoso.com are not stopped:') as string,
  })
  expect(calls()).toEqual(['registrar-settings'])
  await startServices({ pool, servers: members, how: 'servers-together' }, bench.tools, never)
})

test('user data are not imported while nobody sees whether a Front End runs', async () => {
  const set = await users({ users: 1 })
  bench.asked()
  const denied = new Problem('shell-call-failed', { message: 'The RPC server is unavailable. (OpenError)' })
  await expect(restore(set, { tools: meets(bench.tools, 'services', denied) })).rejects.toMatchObject({
    code: 'front-ends-not-stopped',
    message: expect.stringContaining('Whether services of fe01.contoso.com run was not seen') as string,
  })
  expect(calls()).toEqual(['registrar-settings'])
})

describe('Response Groups of a shell that takes one form of the destination', () => {
  const noIdentity = new Problem('shell-call-failed', { message: 'The identity is not valid. (InvalidArgument)' })

  test('come by the other one, which is told', async () => {
    const before = bench.held('response-groups', pool)
    const set = await groups({ workflows: 1 })
    await groupsEmptied()
    const { message } = await restore(set, { tools: meets(bench.tools, 'import-response-groups', noIdentity) })
    expect(message).toContain(`(-Destination ApplicationServer:${pool})`)
    expect(bench.held('response-groups', pool)).toEqual(before)
  })

  test('come by that one at once the next time, also of a daemon that was started anew', async () => {
    const before = bench.held('response-groups', pool)
    const set = await groups({ workflows: 1 })
    const destinations = async (): Promise<unknown[]> => {
      using store = openStore(join(bench.scratch, '..', 'forms.db'), 'act', hasty)
      await groupsEmptied()
      bench.asked()
      const forms: Pick<Tools, 'takenDestination' | 'keepDestination'> = {
        takenDestination: (item) => store.importForms.read(item),
        keepDestination(item, destination) {
          store.importForms.write(item, destination)
          return Promise.resolve()
        },
      }
      await restore(set, { tools: { ...bench.tools, ...forms } })
      expect(bench.held('response-groups', pool)).toEqual(before)
      return bench
        .asked()
        .filter(({ call }) => call === 'import-response-groups')
        .map(({ parameters }) => parameters['Destination'])
    }
    const [documented, plain] = [`service:ApplicationServer:${pool}`, `ApplicationServer:${pool}`]
    expect(await destinations()).toEqual([documented])
    await bench.break('cmdlet', 'Import-CsRgsConfiguration', 'no-prefix')
    expect(await destinations()).toEqual([documented, plain])
    expect(await destinations()).toEqual([plain])
    // Another shell may take both, and goes on with what worked.
    await bench.repair('cmdlet', 'Import-CsRgsConfiguration')
    expect(await destinations()).toEqual([plain])
  })

  test('that takes neither: what it said of the first is told', async () => {
    const set = await groups({ workflows: 1 })
    const other = new Problem('shell-call-failed', { message: 'Something else. (InvalidArgument)' })
    const tools = meets(bench.tools, 'import-response-groups', noIdentity, other)
    await expect(restore(set, { tools })).rejects.toMatchObject({
      code: 'shell-call-failed',
      message: 'Import-CsRgsConfiguration: The identity is not valid. (InvalidArgument)',
    })
  })

  test('the other is not tried where the first may have begun', async () => {
    const set = await groups({ workflows: 1 })
    bench.asked()
    const died = new Problem('shell-died', { message: 'The shell host ended.' })
    await expect(restore(set, { tools: meets(bench.tools, 'import-response-groups', died) })).rejects.toBe(died)
    expect(changing()).toEqual([])
  })
})

describe('what is not back is not called back', () => {
  test('user data of which less is there than the set counted, when the pool was started: until somebody accepts it', async () => {
    const there = Object.keys(bench.held('users', pool)).length
    const { set, copy } = await users({ users: there + 1 })
    const start = (...accepts: { what: Acceptable; subject: string | null; fact?: string | null }[]) =>
      recoveryStep.run(
        {
          ...{ kind: 'recovery-step', id: 'r1', subject: pool, location: 'main', cause: 'intentional', reason: '' },
          ...{ request: null, recovery: 'july', server: 'fe01.contoso.com', step: 'start-services', set: set.id },
          operation: { kind: 'start-services', pool, servers: members, how: 'servers-together' },
          ...{ lostSince: '2000-01-01T00:00:00.000Z', accepts },
        },
        {
          ...bench.tools,
          ...{ sets: () => [{ ...set, items: [copy] }], limit: (_what, _signal, task) => task(), progress: () => {} },
        },
        never,
      )
    await expect(start()).rejects.toMatchObject({ code: 'import-came-short' })
    await expect(start({ what: 'import-came-short', subject: 'pool02.contoso.com' })).rejects.toThrow('Less is there')
    const ofAFact = { what: 'import-came-short', subject: pool, fact: 'users' } as const
    await expect(start(ofAFact)).rejects.toThrow('Less is there')
    expect(await start({ what: 'import-came-short', subject: pool })).toMatchObject({
      ...{ outcome: 'done', restored: { counts: { users: there } } },
      message: expect.stringContaining(`users: ${there} (${there + 1} in the set)`) as string,
    })
  })

  test('less than the set counted: both numbers are named', async () => {
    const workflows = countOf('response-groups', pool, 'Workflow ')
    const set = await groups({ workflows: workflows + 2 })
    await expect(restore(set)).rejects.toMatchObject({
      code: 'import-came-short',
      message: `Less is there than the set holds: workflows: ${workflows} (${workflows + 2} in the set).`,
    })
    const accepts = (what: string): boolean => what === 'import-came-short'
    expect(await restore({ ...set, accepts })).toMatchObject({
      message: expect.stringContaining(`workflows: ${workflows} (${workflows + 2} in the set)`) as string,
    })
  })

  test.each(['import-location-information', 'publish-location-information'] as const)(
    'error records that did not end %s',
    async (call) => {
      const item = { kind: 'location-information', subject: 'contoso' } as const
      const set = await bench.setOf(item, 'export-location-information', {}, {})
      await expect(restore(set, { tools: meets(bench.tools, call, 'error-record') })).rejects.toMatchObject({
        code: 'import-reported-errors',
        message: expect.stringContaining('ended, but reported: One of them was skipped.') as string,
      })
      expect(scratches()).toEqual([])
    },
  )

  test('a cmdlet that fails', async () => {
    const set = await settings()
    await bench.break('cmdlet', 'Import-CsConfiguration', 'fails')
    await expect(restore(set)).rejects.toMatchObject({ code: 'shell-call-failed' })
    await bench.repair('cmdlet', 'Import-CsConfiguration')
    expect(scratches()).toEqual([])
  })

  test('a cmdlet that the account may not run: what right it lacks is told', async () => {
    const set = await settings()
    await bench.break('cmdlet', 'Import-CsConfiguration', 'denied')
    await expect(restore(set)).rejects.toMatchObject({
      code: 'shell-call-failed',
      hint: expect.stringContaining('RTCUniversalServerAdmins') as string,
    })
    await bench.repair('cmdlet', 'Import-CsConfiguration')
  })

  test('a file that was damaged since, or on the way, is not imported', async () => {
    const set = await settings()
    const file = join(set.set.path, set.copy.path)
    const content = readFileSync(file)
    content[content.length >> 1]! ^= 1
    writeFileSync(file, content)
    bench.asked()
    await expect(restore(set)).rejects.toMatchObject({ code: 'artefact-damaged' })
    expect(changing()).toEqual([])
    expect(scratches()).toEqual([])
  })

  test('a file on a share that answers no more is given up after half an hour, and not imported', async () => {
    const set = await settings()
    const file = join(set.set.path, set.copy.path)
    using _hanging = faultyFiles((call, path) => (call === 'open' && path === file ? new Promise(() => {}) : null))
    const clock = new TestClock('2026-07-29T02:00:00Z')
    const tools = { ...set.tools, drivers: { ...set.tools.drivers, clock } }
    bench.asked()
    await expect(driven(clock, restore(set, { tools }), 5)).rejects.toMatchObject({
      code: 'file-stalled',
      subject: file,
    })
    expect(clock.monotonic()).toBeGreaterThanOrEqual(30 * 60_000)
    expect(changing()).toEqual([])
    expect(scratches()).toEqual([])
  })

  test('a file that no manifest names, or that is gone, is not imported', async () => {
    const set = await settings()
    bench.asked()
    const elsewhere = { ...set.copy, path: 'data/other.zip' }
    await expect(restore({ ...set, copy: elsewhere })).rejects.toMatchObject({ code: 'set-damaged' })
    const gone = { ...set.set, path: `${set.set.path}-gone` }
    await expect(restore({ ...set, set: gone })).rejects.toMatchObject({ code: 'set-damaged' })
    expect(changing()).toEqual([])
  })
})

describe('a file that was exchanged together with its manifest', () => {
  test.each<[string, (context: RestoreContext) => RestoreContext['set']]>([
    ['and the commit record, which is not the one that was written', ({ set }) => (seal(set.path), set)],
    [
      'and not the commit record',
      ({ set }) => {
        const commit = readFileSync(join(set.path, 'tagmanifest-sha256.txt'))
        seal(set.path)
        writeFileSync(join(set.path, 'tagmanifest-sha256.txt'), commit)
        return set
      },
    ],
    ['of a set for which nobody speaks', ({ set }) => ({ ...set, commitSha256: seal(set.path), unvouched: true })],
  ])('%s, is not imported', async (_, exchanged) => {
    const context = await settings()
    writeFileSync(join(context.set.path, context.copy.path), 'of somebody else')
    const set = exchanged(context)
    bench.asked()
    await expect(restore({ ...context, set })).rejects.toMatchObject({ code: 'set-damaged' })
    expect(changing()).toEqual([])
    expect(scratches()).toEqual([])
  })
})

describe('Persistent Chat that is there in part', () => {
  test('after an import that was broken off is not imported again', async () => {
    const counts = { rooms: countOf('rooms', chat, 'Room '), messages: Number(bench.held('rows', chat)['tblChat']) }
    const set = await rooms({ ...counts, messages: counts.messages + 1 })
    bench.asked()
    await expect(restore(set, { accepts: () => true })).rejects.toMatchObject({
      code: 'persistent-chat-not-empty',
      message: expect.stringContaining(`messages: ${counts.messages} (${counts.messages + 1} in the set)`) as string,
    })
    expect(calls()).toEqual(['export-persistent-chat'])
  })

  test('a session that dies while it runs is asked no second import of itself', async () => {
    const set = await rooms({ rooms: countOf('rooms', chat, 'Room ') })
    await bench.break('database', chat, 'emptied')
    bench.asked()
    const died = new Problem('shell-died', { message: 'The shell host ended.' })
    await expect(restore(set, { tools: meets(bench.tools, 'import-persistent-chat', died) })).rejects.toBe(died)
    expect(calls()).toEqual(['export-persistent-chat'])
    await restore(set)
    expect(countOf('rooms', chat, 'Room ')).toBe(set.copy.counts?.['rooms'])
  })
})
