import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { TestClock } from '../support/test-clock.ts'
import { startChild, startOrphan } from './processes.ts'
import { freshFile, opened, tamper } from './rooms.ts'
import { noon } from './samples.ts'

const past = '2020-01-01T00:00:00.000Z'
const far = '2099-01-01T00:00:00.000Z'

const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
const here = `${boot} ${readlinkSync('/proc/self/ns/pid')}`

interface Row {
  host?: string
  namespace?: string
  pid: number
  processStart?: string
  expiresAt?: string
}

/** Another process's lease, as it would stand in the file. */
function heldBy(file: string, row: Row): void {
  opened(file)[Symbol.dispose]()
  const { host = hostname(), namespace = here, pid, processStart = '', expiresAt = far } = row
  tamper(
    file,
    `INSERT INTO "lease" ("id", "owner", "host", "namespace", "pid", "processStart", "since", "renewedAt", "expiresAt")
      VALUES (1, 'other', '${host}', '${namespace}', ${pid}, '${processStart}', '${past}', '${past}', '${expiresAt}')`,
  )
}

/** A pid that no process has. */
const noPid = 2 ** 22 + 1

describe('lease', () => {
  test('is held by one store at a time', () => {
    const file = freshFile()
    const first = opened(file)
    const second = opened(file)
    expect(first.lease.holder()).toBeNull()
    expect(first.lease.take()).toBe(true)
    expect(first.lease.take()).toBe(true)
    expect(second.lease.take()).toBe(false)
    expect(second.lease.renew()).toBe(false)
    expect(second.lease.holder()).toMatchObject({ pid: process.pid, since: noon, renewedAt: noon })
    first.lease.release()
    expect(second.lease.holder()).toBeNull()
    expect(second.lease.take()).toBe(true)
    expect(first.lease.renew()).toBe(false)
  })

  test('goes with the store that held it', () => {
    const file = freshFile()
    const first = opened(file)
    first.lease.take()
    first[Symbol.dispose]()
    expect(opened(file).lease.take()).toBe(true)
  })

  test('is renewed with the time of the clock', async () => {
    const file = freshFile()
    const clock = new TestClock(noon)
    const store = opened(file, 'act', clock)
    store.lease.take()
    await clock.advance(10)
    expect(store.lease.renew()).toBe(true)
    expect(opened(file, 'read', clock).lease.holder()).toMatchObject({
      since: noon,
      renewedAt: '2026-07-29T12:00:10.000Z',
    })
  })

  test('of a living process never expires, however long it slept', async () => {
    const file = freshFile()
    const clock = new TestClock(noon)
    opened(file, 'act', clock).lease.take()
    await clock.advance(86_400)
    expect(opened(file, 'act', clock).lease.take()).toBe(false)
  })

  test.each([
    ['of a process of another machine', { host: 'backup02.contoso.com', pid: noPid }],
    ['of a process of another PID namespace', { namespace: `${boot} pid:[1]`, pid: noPid }],
    ['from another boot', { namespace: here.replace(boot, 'another'), pid: noPid }],
    ['that does not say in which PID namespace it was taken', { namespace: '', pid: noPid }],
  ])('%s counts until it expires, whatever is seen here', async (_whose, row) => {
    const file = freshFile()
    heldBy(file, { ...row, expiresAt: '2026-07-29T12:00:20.000Z' })
    const clock = new TestClock(noon)
    const store = opened(file, 'act', clock)
    expect(store.lease.take()).toBe(false)
    expect(store.lease.holder()).toMatchObject({ owner: 'other' })
    await clock.advance(21)
    expect(store.lease.holder()).toBeNull()
    expect(store.lease.take()).toBe(true)
  })

  test('where start times are not told, a living pid counts until it expires', async () => {
    const file = freshFile()
    heldBy(file, { pid: process.pid, expiresAt: '2026-07-29T12:00:20.000Z' })
    const clock = new TestClock(noon)
    const store = opened(file, 'act', clock)
    expect(store.lease.take()).toBe(false)
    await clock.advance(21)
    expect(store.lease.take()).toBe(true)
  })

  test('of a pid that another process has now is taken over at once', () => {
    const file = freshFile()
    heldBy(file, { pid: process.pid, processStart: '1' })
    expect(opened(file).lease.take()).toBe(true)
  })

  test('of a pid that exists no more is taken over at once', async () => {
    const child = startChild('racer', freshFile(), '0')
    child.process.kill('SIGKILL')
    await child.exited
    const file = freshFile()
    heldBy(file, { pid: child.process.pid ?? 0 })
    expect(opened(file).lease.take()).toBe(true)
  })

  test('of another process is respected, and taken over at once after kill -9', async () => {
    const file = freshFile()
    const child = startChild('holder', file)
    expect(await child.line()).toBe(`taken ${child.process.pid}`)
    const store = opened(file)
    expect(store.lease.take()).toBe(false)
    expect(store.lease.holder()).toMatchObject({ pid: child.process.pid })
    child.process.kill('SIGKILL')
    await child.exited
    expect(store.lease.holder()).toBeNull()
    expect(store.lease.take()).toBe(true)
  })

  test('of a zombie is taken over at once', async () => {
    const file = freshFile()
    const orphan = startOrphan('holder', file)
    const [, pid = ''] = (await orphan.line()).split(' ')
    process.kill(Number(pid), 'SIGKILL')
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0]).toBe('Z')
    expect(opened(file).lease.take()).toBe(true)
  })

  test('two processes that come at the same moment: one takes it', async () => {
    const file = freshFile()
    const start = String(Date.now() + 1200)
    const racers = [1, 2, 3, 4].map(() => startChild('racer', file, start))
    const answers = await Promise.all(racers.map((racer) => racer.line()))
    expect(answers.sort()).toEqual(['refused', 'refused', 'refused', 'taken'])
  })

  test('a new file that another process makes at that moment is waited for', async () => {
    const file = freshFile()
    const maker = startChild('maker', file)
    expect(await maker.line()).toBe('writing')
    expect(opened(file).lease.take()).toBe(true)
  })
})
