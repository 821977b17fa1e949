import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BackupSet } from '../../../src/domain/backup-set.ts'
import type { Item } from '../../../src/domain/words.ts'
import { desiredState, sqlStore } from '../../support/desired.ts'
import { compressedTape, database, failure, fakeWorld, type FakeWorld } from '../../support/fake-drivers.ts'
import { filesOf, runSet, whyOf } from '../run-set.ts'

const cdr: Item = { kind: 'sql-database', subject: 'sql01.contoso.com\\rtc/LcsCDR' }
const qoe: Item = { kind: 'sql-database', subject: 'sql01.contoso.com\\rtc/QoEMetrics' }
const partner = { host: 'sql02.contoso.com', instance: 'rtc' }
const [first, second] = ['sql01.contoso.com\\rtc', 'sql02.contoso.com\\rtc']

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

function run(items: Item[] = [cdr], mirrored = false): Promise<BackupSet> {
  const mirror = { highAvailability: { kind: 'mirror', partner, witness: null } } as const
  const store = sqlStore('sql01.contoso.com', 'rtc', mirrored ? mirror : {})
  return runSet(world, items, desiredState({ sqlStores: [store] }))
}

test('a backup is written by the server under the path of the set, and kept with its sum', async () => {
  const set = await run()
  expect(set).toMatchObject({ state: 'complete', items: [{ outcome: 'ok', bytes: compressedTape.length }] })
  expect(world.instance(first).asked).toEqual([`${set.unc}\\data\\sql\\sql01.contoso.com_rtc\\LcsCDR.bak`])
  expect(await filesOf(set)).toEqual(['LcsCDR.bak'])
})

describe('fault S25: a backup for which the share has no room', () => {
  test('is not begun, and both figures are told', async () => {
    world.instance(first).backupBytes = 2 ** 60
    const set = await run()
    expect(set).toMatchObject({ state: 'partial', items: [{ outcome: 'failed', code: 'location-full' }] })
    expect(whyOf(set)).toMatch(/takes about 1048576 TiB\. The share has [\d.]+ [GMT]iB free\./)
    expect(world.instance(first).asked).toEqual([])
  })

  test('is begun where its size is not known, or fits', async () => {
    for (const backupBytes of [null, 0, 1024]) {
      world.instance(first).backupBytes = backupBytes
      expect((await run()).state).toBe('complete')
    }
  })
})

describe('a backup that cannot be counted on', () => {
  test.each([
    ['of another database', { database: 'QoEMetrics' }, 'it holds QoEMetrics'],
    ['of another name', { name: 'other' }, 'not holdfast nightly/'],
    ['of another database of that name', { databaseGuid: 'guid-2' }, 'another database of the same name'],
    ['that is no full one', { full: false }, 'is not a full backup'],
    ['fault 11: without checksums', { checksums: false }, 'without checksums'],
    ['fault 11: with damaged pages', { damaged: true }, 'damaged pages'],
  ])('%s fails its item, and leaves nothing', async (_what, header, why) => {
    world.instance(first).header = header
    const set = await run()
    expect(set).toMatchObject({ state: 'partial', items: [{ outcome: 'failed', bytes: 0 }] })
    expect(whyOf(set)).toContain(why)
    expect(whyOf(set)).toContain('[sql-backup-wrong]')
    expect(await filesOf(set)).toEqual([])
  })

  test('fault 10: because the file on the share is none fails its item, and leaves nothing', async () => {
    world.instance(first).content = Buffer.from('not a tape')
    const set = await run()
    expect(whyOf(set)).toMatch(/not whole.*\[sql-backup-wrong\]/)
    expect(await filesOf(set)).toEqual([])
  })

  test('fault 10: because the server says so, but wrote nothing where the daemon looks, fails its item', async () => {
    world.instance(first).content = null
    const set = await run()
    expect(set).toMatchObject({ state: 'partial', items: [{ outcome: 'failed' }] })
    expect(await filesOf(set)).toEqual([])
  })
})

describe('a backup that failed', () => {
  test.each(['sql-permission', 'sql-share-full', 'sql-database-unavailable'] as const)(
    'with %s is not tried again within the run, and its file is not kept',
    async (code) => {
      world.instance(first).failures = [failure(code)]
      const set = await run([cdr])
      expect(whyOf(set)).toBe(`It went wrong. [${code}]`)
      expect(world.instance(first).asked).toHaveLength(1)
      expect(await filesOf(set)).toEqual([])
    },
  )

  test('fault 9: for a moment is tried again under another name; the first file is not kept', async () => {
    world.instance(first).failures = [failure('sql-backup-failed')]
    const set = await run()
    expect(set.state).toBe('complete')
    expect(await filesOf(set)).toEqual(['LcsCDR.2.bak'])
  })

  test('again and again fails its item after three tries, and leaves no file of any', async () => {
    world.instance(first).failures = Array.from({ length: 9 }, () => failure('sql-backup-failed'))
    const set = await run()
    expect(set.items).toMatchObject([{ outcome: 'failed', code: 'sql-backup-failed', message: 'It went wrong.' }])
    expect(world.instance(first).asked).toHaveLength(3)
    expect(await filesOf(set)).toEqual([])
  })

  test('never takes another database with it', async () => {
    world.instance(first).failures = [failure('sql-permission')]
    const set = await run([cdr, qoe])
    expect(set.items.map(({ outcome }) => outcome).sort()).toEqual(['failed', 'ok'])
    expect(await filesOf(set)).toHaveLength(1)
  })
})

describe('of a mirrored database', () => {
  const mirrored = (state: string, mirroringRole: string) => database('LcsCDR', { state, mirroringRole })

  test('the principal is backed up, wherever it is', async () => {
    world.instance(first).databases = [mirrored('RESTORING', 'MIRROR')]
    world.instance(second).databases = [mirrored('ONLINE', 'PRINCIPAL')]
    expect(await run([cdr], true)).toMatchObject({
      state: 'complete',
      items: [{ message: 'backed up on sql02.contoso.com\\rtc, PRINCIPAL, database_guid unknown' }],
    })
    expect(world.instance(first).asked).toEqual([])
  })

  test('the survivor is backed up when the other partner is gone', async () => {
    world.instance(first).unreachable = failure('sql-unreachable')
    world.instance(second).databases = [mirrored('ONLINE', 'PRINCIPAL')]
    expect(await run([cdr], true)).toMatchObject({ state: 'complete' })
  })

  test('nothing is backed up while no partner is principal, and the item tells both states', async () => {
    world.instance(first).databases = [mirrored('RESTORING', 'MIRROR')]
    world.instance(second).unreachable = failure('sql-unreachable', 'Nobody answers.')
    const set = await run([cdr], true)
    expect(whyOf(set)).toMatch(/RESTORING, MIRROR.*Nobody answers.*\[sql-no-principal\]/)
    expect(world.instance(first).asked).toEqual([])
  })

  test('fault 27: one that is made anew while it is backed up fails its item, and leaves nothing', async () => {
    let made = 0
    const anew = () => {
      world.instance(first).databases = [database('LcsCDR', { mirroringRole: 'PRINCIPAL', guid: `guid-${++made}` })]
    }
    anew()
    world.instance(first).meanwhile = anew
    const set = await run([cdr], true)
    expect(whyOf(set)).toMatch(/another database has its name.*\[sql-failed-over\]/)
    expect(await filesOf(set)).toEqual([])
  })

  test('fault 27: one that fails over while it is backed up is backed up again on the other partner', async () => {
    world.instance(first).databases = [mirrored('ONLINE', 'PRINCIPAL')]
    world.instance(second).databases = [mirrored('RESTORING', 'MIRROR')]
    world.instance(first).meanwhile = () => {
      world.instance(first).databases = [mirrored('RESTORING', 'MIRROR')]
      world.instance(second).databases = [mirrored('ONLINE', 'PRINCIPAL')]
    }
    const set = await run([cdr], true)
    expect(set).toMatchObject({ state: 'complete', items: [{ outcome: 'ok' }] })
    expect(whyOf(set)).toContain('sql02')
    expect(await filesOf(set)).toEqual(['LcsCDR.2.bak'])
  })
})

describe('of a database in an availability group', () => {
  const [listener, ...replicas] = ['agl.contoso.com', 'sql21.contoso.com', 'sql22.contoso.com']
  const group = { kind: 'availability-group', listener: 'agl.contoso.com', replicas } as const
  const item: Item = { kind: 'sql-database', subject: 'agl.contoso.com/LcsCDR' }
  const runGroup = (): Promise<BackupSet> =>
    runSet(world, [item], desiredState({ sqlStores: [sqlStore('agl.contoso.com', '', { highAvailability: group })] }))
  const replica = (role: string) => [database('LcsCDR', { replicaRole: role })]

  test('the primary is backed up through the listener', async () => {
    world.instance(listener).databases = replica('PRIMARY')
    world.instance('sql22.contoso.com').databases = replica('PRIMARY')
    expect(await runGroup()).toMatchObject({ state: 'complete' })
    expect(world.instance(listener).asked).toHaveLength(1)
  })

  test('the primary is backed up by its own name where the listener does not answer', async () => {
    world.instance(listener).unreachable = failure('sql-unreachable')
    world.instance('sql21.contoso.com').databases = replica('SECONDARY')
    world.instance('sql22.contoso.com').databases = replica('PRIMARY')
    expect(await runGroup()).toMatchObject({ state: 'complete' })
    expect(world.instance('sql22.contoso.com').asked).toHaveLength(1)
  })

  test('a secondary is never asked', async () => {
    world.instance(listener).databases = replica('SECONDARY')
    world.instance('sql21.contoso.com').databases = replica('SECONDARY')
    world.instance('sql22.contoso.com').unreachable = failure('sql-unreachable', 'Nobody answers.')
    const set = await runGroup()
    expect(whyOf(set)).toMatch(/ONLINE, SECONDARY.*Nobody answers.*\[sql-no-principal\]/)
    for (const host of [listener, ...replicas]) expect(world.instance(host).asked).toEqual([])
  })

  test('a listener that leads to another machine at the end fails the try', async () => {
    world.instance(listener).databases = replica('PRIMARY')
    let failovers = 0
    world.instance(listener).meanwhile = () => {
      world.instance(listener).machine = `SQL2${++failovers}`
    }
    const set = await runGroup()
    expect(whyOf(set)).toMatch(/SQL23 answers instead of SQL22.*\[sql-failed-over\]/)
    expect(await filesOf(set)).toEqual([])
  })
})
