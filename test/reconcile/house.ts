import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { createLog } from '../../src/base/log.ts'
import { createPatience } from '../../src/base/patience.ts'
import type { Source } from '../../src/desired/source.ts'
import type { Desired } from '../../src/domain/model.ts'
import { observe, type Observer } from '../../src/observed/observer.ts'
import { Executor } from '../../src/reconcile/executor.ts'
import { openOwnership } from '../../src/reconcile/ownership.ts'
import type { PassParts } from '../../src/reconcile/pass.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { desiredState } from '../support/desired.ts'
import { fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'
import { seen } from '../support/observed.ts'

export interface House extends AsyncDisposable {
  fake: FakeWorld
  desired: Desired
  store: Store
  observer: Observer
  executor: Executor
  world: PassParts
}

/** Store, observer and executor as the daemon puts them together, over hand-made drivers and a folder as share. */
export async function openHouse(change: (store: Store) => Store = (store) => store): Promise<House> {
  const fake = await fakeWorld()
  const { clock, drivers } = fake
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-house-'))
  const log = createLog({ write: () => {} }, 'silent')
  const desired = desiredState({
    pools: [],
    fileStores: [{ name: 'share', path: '\\\\fs01.contoso.com\\LyncShare', serviceFolders: [], exclude: [] }],
  })
  const store = change(openStore(join(folder, 'state.db'), 'act', clock))
  const observer = observe({ drivers, clock, log, cache: store.sets, owner: 'owner-1', before: null })
  observer.follow(desired)
  const tools = {
    ...fake.tools(desired),
    ownership: openOwnership({ drivers, clock, log, owner: 'owner-1', written: store.heartbeats }),
    cache: store.sets,
    observed: () => observer.snapshot(),
    look: (subjects: 'due' | readonly string[], signal?: AbortSignal) => observer.look(subjects, signal),
    sets: () => observer.sets(),
  }
  const executor = new Executor({
    store,
    clock,
    log,
    untilTaken: createPatience({ clock, log }),
    tools,
    onProgress: () => {},
    onRunning: (sets) => {
      observer.running(sets)
    },
    onEnd: () => {},
  })
  const value = { head: 'a', lastGood: 'a', fetchedAt: clock.now(), unreachable: null, invalid: [] }
  const source = { lastGood: () => desired, fact: () => seen('contoso', value, clock.now()) } as unknown as Source
  return {
    fake,
    desired,
    store,
    observer,
    executor,
    world: { source, observer, store, executor, clock },
    async [Symbol.asyncDispose]() {
      await executor.stop(new Error('the test ends'))
      await observer[Symbol.asyncDispose]()
      store[Symbol.dispose]()
      await fake[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The same with what a run needs: two exports. */
export async function openHouseWithExports(): Promise<House> {
  const house = await openHouse()
  house.fake.cmdlets['export-configuration'] = [await zipOf('x.xml', '<x/>')]
  house.fake.cmdlets['export-location-information'] = ['the locations']
  return house
}

/** An export that holds one document. */
export function zipOf(name: string, document: string): Promise<Buffer> {
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(document), name)
  zip.end()
  return buffer(zip.outputStream)
}
