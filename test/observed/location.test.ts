import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Desired } from '../../src/domain/model.ts'
import { desiredState, fileStore, location, policy } from '../support/desired.ts'
import { backupSet } from '../store/samples.ts'
import { bench, memoryCache } from './bench.ts'

const share = location().share
const fast = { timeout: 15_000, interval: 10 }

/** One location and nothing else to look at. */
function onlyLocation(more: Partial<Desired> = {}): Desired {
  const desired = desiredState({ pools: [], ...more })
  return { ...desired, deployment: { ...desired.deployment, sipDomains: [] } }
}

function claim(root: string, owner = 'owner-1'): void {
  const identity = {
    format: 'holdfast/location/v1',
    id: 'l1',
    deployment: 'contoso',
    owner,
    claimedAt: '2026-07-01T00:00:00.000Z',
  }
  writeFileSync(join(root, 'holdfast-location.json'), JSON.stringify(identity))
}

/** An open set folder, as a run that was interrupted left it. */
function leaveSet(root: string, name: string): void {
  mkdirSync(join(root, 'nightly', name), { recursive: true })
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
      error: expect.stringContaining('[location-unreachable]') as string,
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
    // The location, and five things that cmdlets tell of the deployment as a whole.
    await expect.poll(() => clock.sleeping, fast).toBe(6)
    // The watchers are set up beside the look: keep making folders until one is noticed.
    let count = 0
    const noticed = (): number => {
      leaveSet(root, `20260729T02${String(count++ % 6000).padStart(4, '0')}Z-abcd`)
      return clock.sleeping
    }
    await expect.poll(noticed, fast).toBe(7)
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
})
