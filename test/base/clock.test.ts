import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a wait ends when its time is over, and leaves nothing on the signal', async () => {
  const stop = new AbortController()
  let isOver = false
  const waited = systemClock.sleep(1000, stop.signal).then(() => (isOver = true))
  await vi.advanceTimersByTimeAsync(999)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await waited
  expect(getEventListeners(stop.signal, 'abort')).toEqual([])
})

test('a wait that is ended rejects with the reason of its signal, and leaves no timer', async () => {
  const stop = new AbortController()
  const waited = systemClock.sleep(1000, stop.signal)
  stop.abort('enough')
  await expect(waited).rejects.toBe('enough')
  await expect(systemClock.sleep(1000, stop.signal)).rejects.toBe('enough')
  expect(vi.getTimerCount()).toBe(0)
})
