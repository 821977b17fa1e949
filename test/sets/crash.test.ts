import { expect, test } from 'vitest'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { checkSet } from '../../src/sets/check.ts'
import { faultyFiles } from '../support/faulty-files.ts'
import { location, makeSet, makeWorld, memoryCache } from './world.ts'

const changing = new Set(['open', 'rename', 'mkdir', 'rm', 'link', 'handle.write', 'handle.sync'])

/** From change number `fatal` on nothing reaches the file system any more, as if the process had died there. */
function dieAt(fatal: number): Disposable & { steps(): number } {
  let count = 0
  const files = faultyFiles((call) => {
    if (!changing.has(call)) return null
    return ++count >= fatal ? 'EDEAD' : null
  })
  return { steps: () => count, [Symbol.dispose]: () => files[Symbol.dispose]() }
}

async function stepsOf(work: () => Promise<unknown>): Promise<number> {
  using counting = dieAt(Number.POSITIVE_INFINITY)
  await work()
  return counting.steps()
}

async function outcomeOf(fatal: number, work: () => Promise<unknown>): Promise<'made' | 'died'> {
  using _death = dieAt(fatal)
  return await work().then(
    () => 'made',
    () => 'died',
  )
}

test('a run that dies at any step leaves no set that counts, and the next run makes one', async () => {
  const steps = await stepsOf(async () => makeSet(await makeWorld()))
  expect(steps).toBeGreaterThan(30)
  for (let fatal = 1; fatal <= steps; fatal++) {
    const world = await makeWorld()
    const outcome = await outcomeOf(fatal, () => makeSet(world))
    const { sets: before } = await readCatalogue(location, memoryCache(), new Set(), world.drivers)
    for (const set of before) {
      // The commit record may stand although the writer did not live to tell: then the set must be whole.
      const expected = set.state === 'complete' ? 0 : 'no commit record'
      if (expected === 0) expect((await checkSet(set, 'checksum', new AbortController().signal)).problems).toEqual([])
      else expect(set.state).toBe('interrupted')
      if (outcome === 'made') expect(set.state).toBe('complete')
    }
    world.clock.jump(60)
    const next = await makeSet(world)
    const { sets: after } = await readCatalogue(location, memoryCache(), new Set(), world.drivers)
    expect(after[0]).toMatchObject({ id: next.id, state: 'complete' })
    expect(after).toHaveLength(before.length + 1)
  }
})
