import { expect, test } from 'vitest'
import { Problem } from '../../../src/base/problem.ts'
import type { ShellHost } from '../../../src/drivers/shell/host.ts'
import { forLooking } from '../../../src/drivers/shell/probe-shell.ts'
import { TestClock } from '../../support/test-clock.ts'

const never = new AbortController().signal
const gone = new Problem('shell-unreachable', { message: 'The shell host ended with code 3 before it said hello.' })

function host(answer: () => Promise<object>) {
  const clock = new TestClock('2026-07-29T12:00:00.000Z')
  let calls = 0
  const call = (): Promise<object> => {
    calls++
    return answer()
  }
  return { clock, shell: forLooking({ call } as unknown as ShellHost, clock), calls: () => calls }
}

test('without a session, one call in a minute tries; the others fail at once for the same reason', async () => {
  const { clock, shell, calls } = host(() => Promise.reject(gone))
  for (let look = 0; look < 10; look++) await expect(shell.call('replication', {}, never)).rejects.toBe(gone)
  expect(calls()).toBe(1)
  await clock.advance(60)
  await expect(shell.call('replication', {}, never)).rejects.toBe(gone)
  expect(calls()).toBe(2)
})

test('what went wrong with one call does not stop the next', async () => {
  const hung = new Problem('shell-deadline', { message: 'The call services was stopped.' })
  const { shell, calls } = host(() => Promise.reject(hung))
  for (let look = 0; look < 3; look++) await expect(shell.call('replication', {}, never)).rejects.toBe(hung)
  expect(calls()).toBe(3)
})

test('nobody waits while it is tried again; once it answers, so does the next call', async () => {
  const silent = new Problem('shell-silent', { message: 'The shell host is silent.' })
  const answers: Promise<object>[] = [Promise.reject(silent)]
  const { clock, shell, calls } = host(() => answers.shift() ?? Promise.resolve({ objects: [] }))
  await expect(shell.call('replication', {}, never)).rejects.toBe(silent)
  await clock.advance(60)
  const trial = Promise.withResolvers<object>()
  answers.push(trial.promise)
  for (let look = 0; look < 10; look++) await expect(shell.call('replication', {}, never)).rejects.toBe(silent)
  expect(calls()).toBe(2)
  trial.resolve({ objects: [] })
  await new Promise((resolve) => setImmediate(resolve))
  expect(await shell.call('replication', {}, never)).toEqual({ objects: [] })
})
