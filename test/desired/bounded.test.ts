import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bounded } from '../../src/desired/bounded.ts'
import { TestClock } from '../support/test-clock.ts'

let clock: TestClock
let child: ChildProcessWithoutNullStreams
let ended: Promise<unknown>

beforeEach(() => {
  clock = new TestClock('2026-11-21T00:00:00.000Z')
  ended = bounded('the call', { total: 120_000, silent: 20_000 }, { clock, signal: AbortSignal.any([]) }, async () => {
    child = spawn('setsid', ['cat'])
    await once(child, 'close')
    throw new Error('it was ended')
  }).catch((thrown: unknown) => thrown)
})
afterEach(() => child.kill('SIGKILL'))

/** The child prints something, and time goes by. */
async function printAndWait(seconds: number): Promise<void> {
  child.stdin.write('Receiving objects\n')
  await once(child.stdout, 'data')
  await clock.advance(seconds)
}

test('a process that goes on printing has the whole time, and no more', async () => {
  for (let second = 0; second < 114; second += 19) await printAndWait(19)
  expect(child.exitCode ?? child.signalCode).toBeNull()

  await printAndWait(6)

  expect(await ended).toMatchObject({
    code: 'source-timeout',
    message: 'the call did not end within 120 seconds and was stopped.',
  })
})

test('a process that falls silent is ended', async () => {
  await printAndWait(19)
  await clock.advance(21)

  expect(await ended).toMatchObject({
    code: 'source-timeout',
    message: 'the call heard nothing for 20 seconds and was stopped.',
  })
  expect(clock.now()).toBe('2026-11-21T00:00:40.000Z')
})
