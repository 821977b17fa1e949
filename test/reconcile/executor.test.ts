import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { recoveryStep } from '../../src/act/recovery-step.ts'
import type { Action } from '../../src/domain/action.ts'
import type { StepProgress } from '../../src/domain/plan.ts'
import type { Item } from '../../src/domain/words.ts'
import type { Store } from '../../src/store/store.ts'
import { failure, runOf } from '../support/fake-drivers.ts'
import { until } from '../support/until.ts'
import { openHouse, zipOf, type House } from './house.ts'

let house: House
afterEach(() => house[Symbol.asyncDispose]())

const signal = new AbortController().signal
const journal = (): string[] => house.store.journal.list().map(({ type }) => type)

async function open(change?: (store: Store) => Store): Promise<void> {
  house = await openHouse(change)
  house.fake.cmdlets['export-configuration'] = ['x']
  house.fake.cmdlets['export-location-information'] = ['x']
  const files = join(house.fake.sources, 'fs01.contoso.com', 'lyncshare')
  await mkdir(files, { recursive: true })
  await writeFile(join(files, 'a.txt'), 'a')
}

/** The run of these items, to its end. */
async function run(action: Action): Promise<void> {
  house.executor.start(action, house.desired)
  while (house.executor.busy) await house.executor.nextEnd(signal)
}

const locations = runOf([{ kind: 'location-information', subject: 'contoso' }])

describe('an intent that a former process left open', () => {
  /** As after a death between the commit record and the end: the set is whole, and only the intent tells of it. */
  async function left(): Promise<Action> {
    await open()
    await run(locations)
    const set = house.executor.ended[0]?.set ?? ''
    const intent = { ...locations, id: 'left' }
    house.store.intents.open(intent)
    house.store.intents.note(intent.id, set)
    return intent
  }
  const openIds = (): string[] => house.store.intents.unresolved().map(({ action }) => action.id)

  test('stays open while its share does not answer, and is done once its set is seen', async () => {
    await left()
    await rename(house.fake.share, `${house.fake.share}.gone`)
    await house.observer.look('all')
    expect(await house.executor.recover(house.desired)).toBe(false)
    expect(openIds()).toEqual(['left'])
    await rename(`${house.fake.share}.gone`, house.fake.share)
    await house.observer.look('all')
    expect(await house.executor.recover(house.desired)).toBe(true)
    expect(openIds()).toEqual([])
    expect(journal().at(-1)).toBe('action-done')
  })

  test('stays open while an empty mount point stands in the place of its share', async () => {
    await left()
    await rename(house.fake.share, `${house.fake.share}.gone`)
    await mkdir(house.fake.share)
    await house.observer.look('all')
    expect(await house.executor.recover(house.desired)).toBe(false)
    expect(openIds()).toEqual(['left'])
  })

  test('is interrupted when its folder has no commit record', async () => {
    await left()
    const [set] = house.observer.sets()
    await rm(join(set!.path, 'tagmanifest-sha256.txt'))
    house.store.sets.forget(set!.id)
    await house.observer.look('all')
    expect(await house.executor.recover(house.desired)).toBe(true)
    expect(journal().at(-1)).toBe('action-interrupted')
  })

  test('is closed when the desired state names its policy no more', async () => {
    await left()
    expect(await house.executor.recover({ ...house.desired, policies: [], locations: [] })).toBe(true)
    expect(openIds()).toEqual([])
  })
})

describe('a step of a recovery, while somebody takes over the location', () => {
  /** As another daemon writes it, in the moment in which the services are looked at. */
  async function takenMeanwhile(): Promise<void> {
    const { shell } = house.fake.drivers
    const call = shell.call.bind(shell)
    const file = join(house.fake.share, 'holdfast-location.json')
    const taken = JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), owner: 'owner-2' })
    shell.call = async (name, ...rest) => {
      if (name === 'services') await writeFile(file, taken)
      return call(name, ...rest)
    }
  }
  const step: Action = {
    ...{ kind: 'recovery-step', id: 'r1', subject: 'se01.contoso.com', location: 'main', cause: 'intentional' },
    ...{ reason: '', request: null, recovery: 'july', step: 'stop-services', set: null, accepts: [] },
    operation: { kind: 'stop-services', servers: ['se01.contoso.com'] },
    lostSince: '2026-07-29T02:00:00.000Z',
  }

  test.each([
    ['runs where nobody does', false],
    ['changes nothing any more', true],
  ])('%s', async (_, isTaken) => {
    await open()
    await run(locations)
    const service = { Name: 'RTCSRV', Status: 'Stopped', ActivityLevel: '' }
    house.fake.cmdlets['services'] = [
      { errors: [], objects: [{ ...service, Status: 'Running' }] },
      { errors: [], objects: [service] },
    ]
    if (isTaken) await takenMeanwhile()
    await run(step)
    const asked = house.fake.calls.map(({ name }) => name).filter((name) => name.endsWith('services'))
    expect(asked).toEqual(isTaken ? ['services'] : ['services', 'stop-services', 'services'])
    expect(house.executor.ended.at(-1)).toMatchObject(
      isTaken ? { outcome: 'refused', code: 'location-foreign-owner' } : { outcome: 'done' },
    )
  })
})

test('an end that the store does not take is offered again, and nothing is lost by it', async () => {
  let refusals = 2
  await open((store) => ({
    ...store,
    intents: {
      ...store.intents,
      close(id, attempt) {
        if (refusals-- > 0) throw failure('state-store-failed', 'The disk is full.')
        store.intents.close(id, attempt)
      },
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  }))
  house.executor.start(locations, house.desired)
  await until(() => Promise.resolve(refusals < 2 && house.fake.clock.sleeping > 0 ? true : undefined))
  expect(house.executor.busy).toBe(true)
  await house.fake.clock.advance(25)
  while (house.executor.busy) await house.executor.nextEnd(signal)
  expect(journal()).toEqual(['action-started', 'set-committed', 'action-done'])
})

test('a run waits for a store that is read-only for a while, from its folder to its proof', async () => {
  const refusals = { note: 2, prove: 2, close: 2 }
  const refuse = (what: keyof typeof refusals): void => {
    if (refusals[what]-- > 0) throw failure('state-store-read-only', 'Nothing can be written.')
  }
  await open((store) => ({
    ...store,
    sets: {
      ...store.sets,
      prove(id, proof) {
        refuse('prove')
        store.sets.prove(id, proof)
      },
    },
    intents: {
      ...store.intents,
      note(id, set) {
        refuse('note')
        store.intents.note(id, set)
      },
      close(id, attempt) {
        refuse('close')
        store.intents.close(id, attempt)
      },
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  }))
  const policies = house.desired.policies.map((policy) => ({
    ...policy,
    verification: { ...policy.verification, onCreate: 'checksum' as const },
  }))
  house.executor.start(locations, { ...house.desired, policies })
  await until(async () => {
    await house.fake.clock.advance(2)
    return house.executor.busy ? undefined : true
  })
  expect(refusals).toEqual({ note: -1, prove: -1, close: -1 })
  expect(journal()).toEqual(['action-started', 'set-committed', 'action-done'])
})

describe('a step of a recovery', () => {
  const share = '\\\\fs01.contoso.com\\LyncShare'
  const store: Item = { kind: 'file-store', subject: share }

  const restoring = (set: string | null): Action => ({
    ...{ kind: 'recovery-step', id: 'r1', subject: share, location: 'main', cause: 'intentional', reason: '' },
    ...{ request: null, recovery: 'july', server: 'fs01.contoso.com', step: 'restore-file-store', accepts: [] },
    ...{ operation: { kind: 'restore-item', item: store }, set, lostSince: '2000-01-01T00:00:00.000Z' },
  })

  /** Its outcome, and what was noted of it meanwhile; the clock does not move. */
  async function restored(advance: () => void): Promise<{ outcome: string | undefined; noted: number[] }> {
    const noted: number[] = []
    await open((store) => ({
      ...store,
      intents: {
        ...store.intents,
        advance(id, progress) {
          noted.push(progress.percent)
          advance()
          store.intents.advance(id, progress)
        },
      },
    }))
    await run(runOf([store]))
    const root = join(house.fake.sources, 'fs01.contoso.com', 'lyncshare')
    await rename(root, `${root}.lost`)
    await mkdir(root)
    await house.observer.look('all')
    await run(restoring(house.observer.sets()[0]?.id ?? null))
    return { outcome: house.executor.ended.at(-1)?.outcome, noted }
  }

  test('says in the store how far it is, now and then, and in the journal what it took', async () => {
    expect(await restored(() => {})).toEqual({ outcome: 'done', noted: [expect.any(Number)] })
    expect(house.store.memory().progress).toEqual({})
    expect(house.store.journal.list().at(-1)?.message).toMatch(
      /^recovery-step: recovery july, server fs01.contoso.com, step restore-file-store, outcome done, took \d+, set \S+, bytes \d+, count "files 1", count "bytes 1"/,
    )
  })

  test('says at once that the backup is read, and that something is changed', async () => {
    const noted: StepProgress[] = []
    await open((store) => ({
      ...store,
      intents: { ...store.intents, advance: (_id, progress) => void noted.push(progress) },
    }))
    const step = { id: 'restore-databases', subject: 'x' }
    using _telling = vi.spyOn(recoveryStep, 'run').mockImplementation((_action, tools) => {
      for (const [percent, reading] of [
        [0, true],
        [90, true],
        [0, false],
        [50, false],
      ] as const)
        tools.progress({ kind: 'step-percent', step, percent, reading })
      return Promise.resolve({ outcome: 'done', message: null, set: null })
    })
    await run(restoring(null))
    expect(noted).toEqual([
      { percent: 0, reading: true },
      { percent: 0, reading: false },
    ])
  })

  test('goes on where the store does not take that', async () => {
    const full = (): never => {
      throw failure('state-store-full')
    }
    expect(await restored(full)).toMatchObject({ outcome: 'done' })
  })

  test('keeps how the destination was written that an import cmdlet took, and begins with it the next time', async () => {
    const groups: Item = { kind: 'response-groups', subject: 'pool01.contoso.com' }
    await open()
    const { cmdlets, calls } = house.fake
    cmdlets['export-response-groups'] = [await zipOf('Rgs.xml', '<Rgs><Workflow Id="1"/></Rgs>')]
    cmdlets['import-response-groups'] = [failure('shell-call-failed', 'The identity is not valid.'), null]
    await run(runOf([groups]))
    await house.observer.look('all')
    const set = house.observer.sets()[0]?.id ?? null
    for (const id of ['r1', 'r2'])
      await run({
        ...{ kind: 'recovery-step', id, subject: groups.subject, location: 'main', cause: 'intentional', reason: '' },
        ...{ request: null, recovery: 'july', server: groups.subject, step: 'import-response-groups', accepts: [] },
        ...{ operation: { kind: 'restore-item', item: groups }, set, lostSince: '2000-01-01T00:00:00.000Z' },
      })
    expect(house.executor.ended.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
    const asked = calls.filter(({ name }) => name === 'import-response-groups')
    expect(asked.map(({ parameters }) => parameters['Destination'])).toEqual([
      'service:ApplicationServer:pool01.contoso.com',
      'ApplicationServer:pool01.contoso.com',
      'ApplicationServer:pool01.contoso.com',
    ])
  })

  test('that comes to nothing leaves the code of the reason, beside its words', async () => {
    await open()
    await run(restoring('nightly/gone'))
    expect(house.store.memory().attempts).toMatchObject([{ outcome: 'failed', code: 'set-unknown' }])
  })
})
