/** A step of a recovery, as its handler runs it: what it tells while it runs, and of its end. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Progress } from '../../src/act/handler.ts'
import { recoveryStep } from '../../src/act/recovery-step.ts'
import type { ActionOf } from '../../src/domain/action.ts'
import type { Item } from '../../src/domain/words.ts'
import { fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'
import { runSet } from './run-set.ts'

const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }
const signal = new AbortController().signal

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

test('tells how far it is while it runs, and at its end what it took and what came back', async () => {
  const root = join(world.sources, 'fs01.contoso.com', 'lyncshare')
  await mkdir(root, { recursive: true })
  for (const name of ['a', 'b', 'c', 'd']) await writeFile(join(root, name), name.repeat(250_000))
  const set = await runSet(world, [store])
  await rename(root, `${root}.lost`)
  await mkdir(root)

  const events: Progress[] = []
  const tools = { ...world.tools(), sets: () => [set], progress: (event: Progress) => void events.push(event) }
  const action: ActionOf<'recovery-step'> = {
    ...{ kind: 'recovery-step', id: 'r1', subject: store.subject, location: 'main', cause: 'intentional' },
    ...{ reason: '', request: null, recovery: 'july', server: 'fs01.contoso.com', step: 'restore-file-store' },
    ...{ operation: { kind: 'restore-item', item: store }, set: set.id, lostSince: '2000-01-01T00:00:00.000Z' },
    accepts: [],
  }
  const ending = await recoveryStep.run(action, tools, signal)

  expect(ending).toMatchObject({
    ...{ outcome: 'done', set: set.id },
    restored: { counts: { files: 4, bytes: 1_000_000 } },
  })
  expect(ending.restored?.seconds).toBeGreaterThanOrEqual(0)
  // With the listing of the store.
  expect(ending.restored?.bytes).toBe(set.items[0]?.bytes)
  const step = { id: 'restore-file-store', subject: store.subject }
  expect(events.at(-1)).toEqual({ kind: 'step-percent', step, percent: 100, reading: false })
})
