import { expect, test } from 'vitest'
import { createBell } from '../../src/reconcile/bell.ts'
import { TestClock } from '../support/test-clock.ts'

const never = new AbortController().signal

function watch(promise: Promise<void>): { done: boolean } {
  const state = { done: false }
  void promise.then(() => (state.done = true))
  return state
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a ring wakes who waits; a ring before the wait is not lost; many count as one', async () => {
  const bell = createBell(new TestClock('2026-07-29T00:00:00.000Z'))
  const first = watch(bell.wait(1000, never))
  await settle()
  expect(first.done).toBe(false)

  bell.ring()
  await settle()
  expect(first.done).toBe(true)

  bell.ring()
  bell.ring()
  await bell.wait(1000, never)
  const next = watch(bell.wait(1000, never))
  await settle()
  expect(next.done).toBe(false)
})

test('time wakes too, an abort wakes at once, and nobody is left sleeping', async () => {
  const clock = new TestClock('2026-07-29T00:00:00.000Z')
  const bell = createBell(clock)
  const timed = watch(bell.wait(1000, never))
  await clock.advance(1)
  await settle()
  expect(timed.done).toBe(true)

  const stop = new AbortController()
  const stopped = watch(bell.wait(1000, stop.signal))
  stop.abort()
  await settle()
  expect(stopped.done).toBe(true)
  expect(clock.sleeping).toBe(0)
})
