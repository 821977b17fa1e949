import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashFiles } from '../../../src/drivers/files/hash.ts'
import { keepThreads, leaveThread, takeThread } from '../../../src/drivers/files/threads.ts'

test('a thread goes from one piece of work to the next, as long as anybody has more', async () => {
  const first = keepThreads()
  const second = keepThreads()
  const thread = takeThread()
  const other = takeThread()
  expect(other.threadId).not.toBe(thread.threadId)
  await leaveThread(thread)
  await first[Symbol.asyncDispose]()
  expect(takeThread().threadId).toBe(thread.threadId)
  await Promise.all([leaveThread(thread), leaveThread(other)])
  const ended = Promise.all([once(thread, 'exit'), once(other, 'exit')])
  await second[Symbol.asyncDispose]()
  await ended
})

test('the next piece of work gets its answers from a thread of the one before', async () => {
  await using _keeper = keepThreads()
  const { signal } = new AbortController()
  for (const path of [import.meta.filename, join(import.meta.dirname, 'copy.test.ts')]) {
    const hashed = await Array.fromAsync(hashFiles([{ path }], signal))
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
    expect(hashed).toEqual([{ path, result: { bytes: statSync(path).size, sha256 } }])
  }
  const thread = takeThread()
  expect(thread.listenerCount('error')).toBe(0)
  await thread.terminate()
})

test('nobody has more: a thread ends', async () => {
  const thread = takeThread()
  await leaveThread(thread)
  expect(thread.threadId).toBe(-1)
})

test('no more wait than there are processors, and none that has ended', async () => {
  await using _keeper = keepThreads()
  const threads = Array.from({ length: availableParallelism() + 1 }, takeThread)
  await Promise.all(threads.map(leaveThread))
  expect(threads.filter(({ threadId }) => threadId !== -1)).toHaveLength(availableParallelism())
  const [waiting] = threads as [(typeof threads)[number]]
  await waiting.terminate()
  const taken = Array.from({ length: availableParallelism() }, takeThread)
  expect(taken).not.toContain(waiting)
  await Promise.all(taken.map((thread) => thread.terminate()))
})
