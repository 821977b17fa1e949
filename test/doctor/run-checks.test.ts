import { expect, test } from 'vitest'
import { registerSecret } from '../../src/base/log.ts'
import { Problem } from '../../src/base/problem.ts'
import { echoOf, onlyAfter, type Check } from '../../src/doctor/check.ts'
import { runChecks } from '../../src/doctor/run-checks.ts'
import { TestClock } from '../support/test-clock.ts'

const start = '2026-07-29T02:00:00.000Z'

function check(name: string, attempt: Check['attempt'], more: Partial<Check> = {}): Check {
  return { name, subject: 'sql05.contoso.com', group: 'local', deadlineSeconds: 30, attempt, ...more }
}
const ok = (): Promise<string> => Promise.resolve('fine')
const refuse = (): never => {
  throw new Problem('sql-refused', { message: 'Nobody listens.', hint: 'Start the service.' })
}
const run = (checks: Check[], signal = new AbortController().signal, clock = new TestClock(start)) =>
  runChecks(checks, clock, signal)

test('a failure tells what, why and what to do', async () => {
  expect(await run([check('login', refuse)])).toEqual([
    {
      ...{ name: 'login', subject: 'sql05.contoso.com', outcome: 'failed' },
      message: 'Nobody listens. [sql-refused]',
      remedy: 'Start the service.',
    },
  ])
})

test('a failure without a remedy of its own leads to its page', async () => {
  const [result] = await run([
    check('login', () => {
      throw new Problem('sql-refused', { message: 'Nobody listens.' })
    }),
  ])
  expect(result?.remedy).toBe('Read docs/errors/sql-refused.md.')
})

test('what hangs on a failure is skipped, through any number of steps, and never ok; what merely comes after is tried', async () => {
  const login = check('login', refuse)
  const rights = check('rights', ok, onlyAfter([login]))
  const backup = check('backup', ok, onlyAfter([rights]))
  const other = check('other', ok, { after: [login] })
  const results = await run([login, rights, backup, other])
  expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'skipped', 'skipped', 'ok'])
  expect(results[1]?.message).toBe('Not tried: login sql05.contoso.com failed.')
  expect(results[2]).toMatchObject({
    message: 'Not tried: login sql05.contoso.com failed.',
    because: { name: 'login', subject: 'sql05.contoso.com' },
  })
})

test('an echo is tried all the same: it may pass, and its failure says nothing new', async () => {
  const port = check('port', refuse)
  const mounted = check('mounted', ok, echoOf([port]))
  const gone = check('gone', refuse, echoOf([port]))
  const below = check('below', ok, onlyAfter([gone]))
  const results = await run([port, mounted, gone, below])
  expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'ok', 'skipped', 'skipped'])
  const because = { name: 'port', subject: 'sql05.contoso.com' }
  expect(results[2]).toEqual({
    ...{ name: 'gone', subject: 'sql05.contoso.com', outcome: 'skipped', because },
    message: 'Tried in vain: port sql05.contoso.com failed.',
  })
  expect(results[3]).toMatchObject({ because })
})

test('an echo of what passed fails by itself', async () => {
  const port = check('port', ok)
  const results = await run([port, check('gone', refuse, echoOf([port]))])
  expect(results.map(({ outcome }) => outcome)).toEqual(['ok', 'failed'])
})

test('results stand in the order of the checks, whoever is done first', async () => {
  const slow = Promise.withResolvers<string>()
  const quick = check('quick', () => {
    slow.resolve('late')
    return ok()
  })
  const results = await run([check('slow', () => slow.promise), quick])
  expect(results.map(({ name }) => name)).toEqual(['slow', 'quick'])
})

test('a check that never ends is given up at its deadline, and its signal says so', async () => {
  const clock = new TestClock(start)
  let given: AbortSignal | null = null
  const hanging = check('hanging', (signal) => {
    given = signal
    return new Promise(() => {})
  })
  const running = run([hanging, check('other', ok)], new AbortController().signal, clock)
  await new Promise(setImmediate)
  await clock.advance(30)
  const [result, other] = await running
  expect(result).toMatchObject({ outcome: 'failed', message: 'No answer within 30 s. [look-timed-out]' })
  expect(other?.outcome).toBe('ok')
  expect(given!.aborted).toBe(true)
})

test('not more of a group at a time than it bears: the shell host takes one', async () => {
  let now = 0
  let most = 0
  const one = async (): Promise<string> => {
    most = Math.max(most, ++now)
    await new Promise(setImmediate)
    now--
    return 'fine'
  }
  await run(Array.from({ length: 5 }, (_, index) => check(`cmdlet ${index}`, one, { group: 'shell' })))
  expect(most).toBe(1)
})

test('an abort ends the whole', async () => {
  const stop = new AbortController()
  const running = run([check('hanging', () => new Promise(() => {}))], stop.signal)
  stop.abort(new Error('stopped'))
  await expect(running).rejects.toThrow('stopped')
})

test('no secret is told', async () => {
  registerSecret('Pa$$w0rd-of-the-doctor')
  const [seen, failed] = await run([
    check('one', () => Promise.resolve('logged in with Pa$$w0rd-of-the-doctor')),
    check('two', () => {
      throw new Error('refused Pa$$w0rd-of-the-doctor')
    }),
  ])
  expect(JSON.stringify([seen, failed])).not.toContain('Pa$$w0rd-of-the-doctor')
})
