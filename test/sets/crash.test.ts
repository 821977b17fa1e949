import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, expect, test } from 'vitest'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { checkSet } from '../../src/sets/check.ts'
import { location, makeSet, makeWorld, memoryCache } from './world.ts'

const real = { ...fs }
const calls = ['open', 'rename', 'mkdir', 'rm', 'link'] as const

afterEach(() => {
  Object.assign(fs, real)
  syncBuiltinESMExports()
})

/** From call number `fatal` on nothing reaches the file system any more, as if the process had died there. */
function dieAt(fatal: number): () => number {
  let count = 0
  const dead = (): void => {
    if (++count >= fatal) throw Object.assign(new Error('the process is dead'), { code: 'EDEAD' })
  }
  for (const name of calls) {
    const original = real[name] as (...args: unknown[]) => Promise<unknown>
    const wrapped = async (...args: unknown[]): Promise<unknown> => {
      dead()
      const result = await original(...args)
      if (name === 'open') wrapHandle(result as Record<string, (...args: unknown[]) => Promise<unknown>>, dead)
      return result
    }
    Object.assign(fs, { [name]: wrapped })
  }
  syncBuiltinESMExports()
  return () => count
}

function wrapHandle(handle: Record<string, (...args: unknown[]) => Promise<unknown>>, dead: () => void): void {
  for (const name of ['write', 'sync']) {
    const original = handle[name]!.bind(handle)
    handle[name] = async (...args) => {
      dead()
      return original(...args)
    }
  }
}

test('a run that dies at any step leaves no set that counts, and the next run makes one', async () => {
  const counting = dieAt(Number.POSITIVE_INFINITY)
  await makeSet(await makeWorld())
  const steps = counting()
  expect(steps).toBeGreaterThan(30)
  for (let fatal = 1; fatal <= steps; fatal++) {
    const world = await makeWorld()
    dieAt(fatal)
    const outcome = await makeSet(world).then(
      () => 'made',
      () => 'died',
    )
    Object.assign(fs, real)
    syncBuiltinESMExports()
    const before = await readCatalogue(location, memoryCache(), new Set(), world.drivers)
    for (const set of before) {
      // The commit record may stand although the writer did not live to tell: then the set must be whole.
      const expected = set.state === 'complete' ? 0 : 'no commit record'
      if (expected === 0) expect((await checkSet(set, 'checksum', new AbortController().signal)).problems).toEqual([])
      else expect(set.state).toBe('interrupted')
      if (outcome === 'made') expect(set.state).toBe('complete')
    }
    world.clock.jump(60)
    const next = await makeSet(world)
    const after = await readCatalogue(location, memoryCache(), new Set(), world.drivers)
    expect(after[0]).toMatchObject({ id: next.id, state: 'complete' })
    expect(after).toHaveLength(before.length + 1)
  }
})
