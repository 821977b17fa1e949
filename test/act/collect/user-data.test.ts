/** Fault A17: the export of a pool that is failed over is as old as the failover, however new its file is. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { recordSchema, type RecordedItem } from '../../../src/sets/record.ts'
import type { BackupSet } from '../../../src/domain/backup-set.ts'
import type { Item } from '../../../src/domain/words.ts'
import { desiredState, pool } from '../../support/desired.ts'
import { failure, fakeWorld, type CmdletAnswer, type FakeWorld } from '../../support/fake-drivers.ts'
import { runSet } from '../run-set.ts'

const pool01 = 'pool01.contoso.com'
const pool02 = 'pool02.contoso.com'
const users: Item = { kind: 'user-data', subject: pool01 }
const paired = desiredState({
  pools: [
    pool(pool01, 'front-end', { pairedWith: pool02 }),
    pool(pool02, 'front-end', { pairedWith: pool01 }),
    pool('se01.contoso.com', 'standard-edition'),
  ],
})

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
  world.cmdlets['export-user-data'] = [await zipOf('<DocItemSet><DocItem Name="urn:lcd:a@contoso.com"/></DocItemSet>')]
})
afterEach(() => world[Symbol.asyncDispose]())

async function zipOf(document: string): Promise<Buffer> {
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(document), 'DocItemSet.xml')
  zip.end()
  return buffer(zip.outputStream)
}

/** The settings of all Registrars, of which that of pool01 has this state; null: it has none of its own. */
function registrars(state: string | null): CmdletAnswer {
  const own = state === null ? [] : [{ Identity: `Service:Registrar:${pool01}`, PoolState: state }]
  return { errors: [], objects: [{ Identity: 'Global', PoolState: 'Active' }, ...own] }
}

async function recorded({ path }: BackupSet): Promise<RecordedItem | undefined> {
  return recordSchema.parse(JSON.parse(await readFile(join(path, 'backup-set.json'), 'utf8'))).items[0]
}

const run = (): Promise<BackupSet> => runSet(world, [users], paired)

test.each([
  ['before it began, and is', ['FailedOver']],
  ['before it began, and back before it ended', ['FailingBack', 'Active']],
  ['while it ran', ['Active', 'FailingOver']],
  ['while it ran, for the first time ever', [null, 'FailedOver']],
])('a pool that was failed over %s, gives no copy to rely on', async (_, states) => {
  world.cmdlets['registrar-settings'] = states.map(registrars)
  const set = await run()
  const [state] = states.filter((one) => one !== 'Active' && one !== null)
  expect(set).toMatchObject({
    state: 'partial',
    items: [
      {
        outcome: 'suspect',
        doubt: 'content',
        code: 'pool-failed-over',
        message: `The pool is failed over (${state}): ${pool02} serves its users, and this is what the pool held before.`,
        counts: { users: 1 },
      },
    ],
  })
  expect(await recorded(set)).toMatchObject({ servedBy: pool02 })
})

test.each([[null], ['Active']])(
  'a pool that serves its own users (%s) gives one, and the set says so',
  async (state) => {
    world.cmdlets['registrar-settings'] = [registrars(state)]
    const set = await run()
    expect(set).toMatchObject({ state: 'complete', items: [{ outcome: 'ok' }] })
    expect(set.items[0]).not.toHaveProperty('code')
    expect(await recorded(set)).toMatchObject({ servedBy: pool01 })
    expect(world.calls.map(({ name }) => name)).toEqual([
      'registrar-settings',
      'export-user-data',
      'registrar-settings',
    ])
  },
)

const unseen: [string, CmdletAnswer, string][] = [
  ['the cmdlet fails', failure('shell-call-failed', 'Access is denied.'), 'Access is denied. [shell-call-failed]'],
  [
    'it complains',
    { errors: ['The store is busy.'], objects: [{ Identity: 'Global', PoolState: 'Active' }] },
    'The store is busy. (InvalidOperation) [shell-call-failed]',
  ],
  [
    'the state has another name',
    { errors: [], objects: [{ Identity: 'Global', PoolState: null }] },
    'The answer of the cmdlet is not understood: its property PoolState is missing. [answer-unreadable]',
  ],
  [
    'the state is a word that nobody knows',
    registrars('Dozing'),
    'PoolState is "Dozing", a word that the cmdlet reference does not have.',
  ],
]
test.each(unseen)('where %s, the copy counts, and says that nobody saw who served', async (_, answer, why) => {
  world.cmdlets['registrar-settings'] = [answer]
  const set = await run()
  expect(set).toMatchObject({
    state: 'complete',
    items: [
      {
        outcome: 'ok',
        code: 'serving-pool-unknown',
        message: `Whether ${pool02} served its users was not seen: ${why}`,
      },
    ],
  })
  expect(await recorded(set)).toMatchObject({ servedBy: null })
  expect(await readFile(join(set.path, 'RESTORE.md'), 'utf8')).toContain('[serving-pool-unknown]')
})

test('an export that stopped midway keeps that reason where nobody saw who served', async () => {
  world.cmdlets['registrar-settings'] = [failure('shell-call-failed', 'Access is denied.')]
  world.cmdlets['export-user-data'] = [
    { errors: ['UriFormatException'], writes: await zipOf('<DocItemSet><DocItem Name="1"/></DocItemSet>') },
  ]
  expect((await run()).items).toMatchObject([{ outcome: 'suspect', code: 'export-reported-errors' }])
})

test('an answer that never comes is waited for once, and for two minutes', async () => {
  const { shell } = world.drivers
  const drivers = {
    ...world.drivers,
    shell: {
      ...shell,
      call: (...asked: Parameters<typeof shell.call>) =>
        asked[0] === 'registrar-settings' ? new Promise<never>(() => {}) : shell.call(...asked),
    },
  }
  const started = world.clock.monotonic()
  const set = await runSet({ ...world, tools: (desired) => ({ ...world.tools(desired), drivers }) }, [users], paired)
  expect(set.items).toMatchObject([
    { outcome: 'ok', message: expect.stringContaining('No answer within 120 s. [look-timed-out]') },
  ])
  expect(world.clock.monotonic() - started).toBeLessThan(150_000)
})

test('a pool without a partner is not asked: nobody can fail it over', async () => {
  const set = await runSet(world, [{ kind: 'user-data', subject: 'se01.contoso.com' }], paired)
  expect(set.state).toBe('complete')
  expect(await recorded(set)).not.toHaveProperty('servedBy')
  expect(world.calls.map(({ name }) => name)).toEqual(['export-user-data'])
})
