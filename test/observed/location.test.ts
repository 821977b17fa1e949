import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Facts } from '../../src/domain/facts.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { Unseen } from '../../src/domain/observation.ts'
import { desiredState, fileStore, location, policy } from '../support/desired.ts'
import { faultyFiles } from '../support/faulty-files.ts'
import { backupSet } from '../store/samples.ts'
import { bench, memoryCache } from './bench.ts'

const share = location().share
const fast = { timeout: 15_000, interval: 10 }

/** One location and nothing else to look at. */
function onlyLocation(more: Partial<Desired> = {}): Desired {
  const desired = desiredState({ pools: [], ...more })
  return { ...desired, deployment: { ...desired.deployment, sipDomains: [] } }
}

function claim(root: string, owner = 'owner-1', deployment = 'contoso'): void {
  const identity = {
    format: 'holdfast/location/v1',
    id: 'l1',
    deployment,
    owner,
    claimedAt: '2026-07-01T00:00:00.000Z',
  }
  writeFileSync(join(root, 'holdfast-location.json'), JSON.stringify(identity))
}

/** An open set folder, as a run that was interrupted left it. */
function leaveSet(root: string, name: string): void {
  mkdirSync(join(root, 'nightly', name), { recursive: true })
}

/** A set with a commit record and nothing else: it stands there as damaged. */
function commitSet(root: string, name: string): void {
  leaveSet(root, name)
  writeFileSync(join(root, 'nightly', name, 'tagmanifest-sha256.txt'), '')
}

describe('a location', () => {
  test('is known together with its sets', async () => {
    const { observer, share: make } = bench()
    const root = make(share)
    claim(root)
    leaveSet(root, '20260728T020000Z-abcd')
    leaveSet(root, '20260729T020000Z-abcd')
    observer.follow(onlyLocation())
    await observer.look(['main'])
    const { facts, sets } = observer.snapshot()
    expect(facts.location.get('main')).toMatchObject({
      known: true,
      source: 'share',
      value: { identity: { id: 'l1', deployment: 'contoso', owner: 'owner-1' }, us: 'owner-1' },
    })
    expect(observer.sets().map(({ id }) => id)).toEqual([
      'nightly/20260729T020000Z-abcd',
      'nightly/20260728T020000Z-abcd',
    ])
    expect(sets.map(({ id, state }) => [id, state])).toEqual([
      ['nightly/20260729T020000Z-abcd', 'interrupted'],
      ['nightly/20260728T020000Z-abcd', 'interrupted'],
    ])
  })

  test('that is away is unknown, and its sets stay as they were last seen', async () => {
    const { observer, share: make } = bench()
    const root = make(share)
    claim(root)
    leaveSet(root, '20260729T020000Z-abcd')
    observer.follow(onlyLocation())
    await observer.look('all')
    renameSync(root, `${root}-away`)
    await observer.look('all')
    expect(observer.snapshot().facts.location.get('main')).toMatchObject({
      known: false,
      code: 'location-unreachable',
      answered: false,
    })
    expect(observer.sets()).toHaveLength(1)
    mkdirSync(root)
    await observer.look('all')
    expect(observer.snapshot().facts.location.get('main')).toMatchObject({ known: true, value: { identity: null } })
    expect(observer.sets()).toHaveLength(1)
  })

  test('that was never listed in this process has the sets of the cache', () => {
    const known = backupSet('20260729T020000Z-abcd')
    const { observer } = bench(null, memoryCache(known, backupSet('x', { location: 'other' })))
    observer.follow(onlyLocation())
    expect(observer.sets()).toEqual([known])
    expect(observer.snapshot().sets.map(({ id }) => id)).toEqual([known.id])
  })

  test('a folder that is being written is in progress', async () => {
    const { observer, share: make } = bench()
    const root = make(share)
    claim(root)
    leaveSet(root, '20260729T020000Z-abcd')
    observer.follow(onlyLocation())
    observer.running(new Set(['nightly/20260729T020000Z-abcd']))
    await observer.look('all')
    expect(observer.sets()[0]?.state).toBe('in-progress')
    observer.running(new Set())
    await observer.look('all')
    expect(observer.sets()[0]?.state).toBe('interrupted')
  })

  test('with another share under the same name is another location', async () => {
    const { observer, share: make } = bench()
    const root = make(share)
    claim(root)
    leaveSet(root, '20260729T020000Z-abcd')
    observer.follow(onlyLocation())
    await observer.look('all')
    const moved = location('main', { share: '\\\\backup02.contoso.com\\LyncBackup' })
    claim(make(moved.share))
    observer.follow(onlyLocation({ locations: [moved], policies: [policy('nightly', { location: moved })] }))
    expect(observer.snapshot().facts.location.size).toBe(0)
    expect(observer.sets()).toEqual([])
    await observer.look('all')
    expect(observer.snapshot().facts.location.get('main')).toMatchObject({ known: true })
    expect(observer.sets()).toEqual([])
  })

  test.each([
    ['of another deployment', (root: string) => claim(root, 'owner-9', 'fabrikam')],
    ['that is empty', () => {}],
  ])('misses no set when a share %s answers in its place', async (_name, make) => {
    const { observer, share: shared, cache } = bench()
    const root = shared(share)
    claim(root)
    commitSet(root, '20260729T020000Z-abcd')
    observer.follow(onlyLocation())
    await observer.look('all')
    expect(observer.sets().map(({ state }) => state)).toEqual(['damaged'])
    rmSync(root, { recursive: true })
    mkdirSync(root)
    make(root)
    await observer.look('all')
    expect(observer.sets()).toHaveLength(1)
    expect(cache.vanished()).toEqual([])
    claim(root)
    await observer.look('all')
    expect(observer.sets()).toEqual([])
    expect(cache.vanished().map(({ id, vanishedAt }) => [id, vanishedAt])).toEqual([
      ['nightly/20260729T020000Z-abcd', '2026-07-29T12:00:00.000Z'],
    ])
  })

  test('free space alone does not make it new', async () => {
    const { observer, share: make, clock } = bench()
    const root = make(share)
    claim(root)
    observer.follow(onlyLocation())
    await observer.look('all')
    writeFileSync(join(root, 'ballast'), Buffer.alloc(5_000_000))
    await clock.advance(60)
    await observer.look('all')
    expect(observer.snapshot().facts.location.get('main')?.since).toBe('2026-07-29T12:00:00.000Z')
    claim(root, 'owner-2')
    await observer.look('all')
    expect(observer.snapshot().facts.location.get('main')?.since).toBe('2026-07-29T12:01:00.000Z')
  })

  test('is looked at soon after something happened in it, long before its cadence', async () => {
    const { observer, share: make, clock } = bench()
    const root = make(share)
    claim(root)
    mkdirSync(join(root, 'nightly'))
    observer.follow(onlyLocation())
    let woken = 0
    observer.start(() => woken++)
    await expect.poll(() => observer.snapshot().facts.location.get('main')?.known, fast).toBe(true)
    // The location, and seven things that cmdlets tell of the deployment as a whole.
    await expect.poll(() => clock.sleeping, fast).toBe(8)
    // The watchers are set up beside the look: keep making folders until one is noticed.
    let count = 0
    const noticed = (): number => {
      leaveSet(root, `20260729T02${String(count++ % 6000).padStart(4, '0')}Z-abcd`)
      return clock.sleeping
    }
    await expect.poll(noticed, fast).toBe(9)
    await clock.advance(1)
    await expect.poll(() => observer.sets().length, fast).toBeGreaterThan(0)
    expect(clock.monotonic()).toBe(1000)
    expect(woken).toBeGreaterThan(1)
  })

  test('closing leaves no watcher and no sleeper', async () => {
    const { observer, share: make, clock } = bench()
    claim(make(share))
    observer.follow(onlyLocation())
    observer.start(() => {})
    await expect.poll(() => observer.snapshot().facts.location.get('main')?.known, fast).toBe(true)
    await observer[Symbol.asyncDispose]()
    expect(clock.sleeping).toBe(0)
  })
})

describe('a file store', () => {
  const path = '\\\\fs01.contoso.com\\LyncShare'

  test('is seen by its folders', async () => {
    const { observer, share: make } = bench()
    const root = make(path)
    mkdirSync(join(root, '1-WebServices-2'))
    mkdirSync(join(root, '1-ApplicationServer-1'))
    writeFileSync(join(root, 'readme.txt'), '')
    observer.follow(onlyLocation({ locations: [], policies: [], fileStores: [fileStore(path)] }))
    await observer.look([path.toUpperCase()])
    expect(observer.snapshot().facts.fileStore.get(path)).toMatchObject({
      known: true,
      value: { folders: ['1-ApplicationServer-1', '1-WebServices-2'] },
    })
    rmSync(root, { recursive: true })
    await observer.look([path])
    expect(observer.snapshot().facts.fileStore.get(path)).toMatchObject({ known: false })
  })

  const services = ['1-WebServices-1', '1-CentralMgmt-1']
  type Value = Facts['fileStore'] | Pick<Unseen, 'code' | 'answered'> | null
  function store(): ReturnType<typeof bench> & { root: string; value: () => Promise<Value> } {
    const built = bench()
    const root = built.share(path)
    const stores = [fileStore(path, { serviceFolders: services })]
    built.observer.follow(onlyLocation({ locations: [], policies: [], sqlStores: [], fileStores: stores }))
    const value = async (): Promise<Value> => {
      await built.observer.look([path])
      const seen = built.observer.snapshot().facts.fileStore.get(path)
      if (!seen || seen.known) return seen?.value ?? null
      return { code: seen.code, answered: seen.answered }
    }
    return { ...built, root, value }
  }

  test('counts what is below its service folders, up to a bound, without the replication spool and behind no link', async () => {
    const { root, value } = store()
    mkdirSync(join(root, '1-CentralMgmt-1', 'CMSFileStore', 'xds-master'), { recursive: true })
    mkdirSync(join(root, 'something-else'))
    writeFileSync(join(root, 'something-else', 'file'), '')
    mkdirSync(join(root, '1-WebServices-1'))
    symlinkSync(join(root, 'something-else'), join(root, '1-WebServices-1', 'link'))
    expect(await value()).toMatchObject({ entries: 1, freeBytes: expect.any(Number) as number })
    mkdirSync(join(root, '1-WebServices-1', 'DataConf', 'a', 'b'), { recursive: true })
    writeFileSync(join(root, '1-WebServices-1', 'DataConf', 'Meeting.Active'), '')
    writeFileSync(join(root, '1-WebServices-1', 'DataConf', 'a', 'b', 'slide.png'), '')
    expect(await value()).toMatchObject({ entries: 5 })
    for (let file = 0; file < 50; file++) writeFileSync(join(root, '1-WebServices-1', `f${file}`), '')
    expect(await value()).toMatchObject({ entries: 20 })
  })

  test('was born with its oldest service folder, and has no age without one', async () => {
    const { root, value } = store()
    expect(await value()).toMatchObject({ folders: [], entries: 0, bornAt: null })
    const before = new Date(Date.now() - 2000).toISOString()
    mkdirSync(join(root, '1-WebServices-1'))
    const seen = await value()
    const { bornAt } = seen as { bornAt: string | null }
    // Null on a file system that does not tell.
    if (bornAt !== null) expect(bornAt > before && bornAt < new Date(Date.now() + 2000).toISOString()).toBe(true)
    expect(seen).toMatchObject({ folders: ['1-WebServices-1'] })
  })

  test('counts as it is from when it was emptied or came anew, not from what people do in it', async () => {
    const { root, observer, clock, value } = store()
    mkdirSync(join(root, '1-WebServices-1'))
    writeFileSync(join(root, '1-WebServices-1', 'a'), '')
    const since = async (): Promise<string | undefined> => {
      await clock.advance(60)
      await value()
      return observer.snapshot().facts.fileStore.get(path)?.since
    }
    expect(await since()).toBe('2026-07-29T12:01:00.000Z')
    writeFileSync(join(root, '1-WebServices-1', 'b'), '')
    expect(await since()).toBe('2026-07-29T12:01:00.000Z')
    rmSync(join(root, '1-WebServices-1', 'a'))
    rmSync(join(root, '1-WebServices-1', 'b'))
    expect(await since()).toBe('2026-07-29T12:03:00.000Z')
  })

  test('that is not there is told by a code', async () => {
    const { root, value } = store()
    rmSync(root, { recursive: true })
    expect(await value()).toEqual({ code: 'file-gone', answered: false })
  })

  test.each([
    ['EACCES', { code: 'file-denied', answered: true }],
    ['EBUSY', { code: 'file-busy', answered: true }],
    ['EHOSTDOWN', { code: 'share-unreachable', answered: false }],
    ['ESTALE', { code: 'share-unreachable', answered: false }],
    ['ENETUNREACH', { code: 'share-unreachable', answered: false }],
    ['ECONNREFUSED', { code: 'share-unreachable', answered: false }],
    ['EIO', { code: 'file-failed', answered: false }],
  ])('of which the file system says %s tells whether anything answered', async (system, expected) => {
    const { root, value } = store()
    using _faults = faultyFiles((_call, file) => (file === root ? system : null))
    expect(await value()).toEqual(expected)
  })
})
