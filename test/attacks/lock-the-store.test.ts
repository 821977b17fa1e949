/** A backup program, a virus scanner, or an administrator with an SQLite shell holds `state.db` while the daemon works. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalOf, setsOn, startDaemonProcess } from '../support/daemon-process.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'

let lab: TestLab

beforeAll(async () => {
  lab = await startLab()
}, 120_000)
afterAll(() => lab[Symbol.asyncDispose]())

/** Nobody else can write to the store until it is let go; where no daemon has it open, nobody can read it either. */
function lockStore(): { exec(sql: string): void; letGo(): void } & Disposable {
  const other = new DatabaseSync(join(lab.dir, 'state.db'), { timeout: 10_000 })
  other.exec('BEGIN EXCLUSIVE')
  return {
    exec: (sql) => other.exec(sql),
    letGo: () => other.exec('COMMIT'),
    [Symbol.dispose]: () => (other.isOpen ? other.close() : undefined),
  }
}

const policies = (): string[] => setsOn(lab.share).map(({ id }) => id.split('/')[0] ?? '')
const disposal = 'suppressed during disposal'

test('runs go on to their end, nothing is cut, and their ends are recorded once the store is let go', async () => {
  await lab.break('cmdlet', 'Export-CsConfiguration', 'slow')
  await using daemon = startDaemonProcess(lab.config)
  await until(() => Promise.resolve(setsOn(lab.share).length === 2 ? true : undefined))
  using other = lockStore()

  const { level, code } = await daemon.says('state-store-busy')
  expect([level, code]).toEqual([40, 'state-store-busy'])
  await until(() => Promise.resolve(setsOn(lab.share).every(({ committed }) => committed) ? true : undefined))
  expect((await lab.holdfast('status')).code).toBe(0)
  const refused = await lab.holdfast('backup', 'nightly')
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('[state-store-busy]') as string })
  expect(daemon.isAlive()).toBe(true)

  other.letGo()
  await daemon.says('the state store takes changes again')
  expect(daemon.lines().filter(({ msg }) => msg.startsWith('the state store'))).toHaveLength(2)
  const said = await until(async () => {
    const all = await journalOf(lab)
    return ['nightly', 'file-stores'].every((one) => all.includes(`action-done ${one}`)) ? all : undefined
  })
  expect(said).toContain('state-store-waited state-store')
  expect(said.filter((one) => /^action-(interrupted|failed)/.test(one))).toEqual([])
  expect(policies()).toEqual(['file-stores', 'nightly'])
}, 120_000)

test('SIGTERM ends the daemon while the store is still locked, and the next start makes no set again', async () => {
  await using daemon = startDaemonProcess(lab.config)
  await daemon.says('the daemon runs')
  using other = lockStore()
  await daemon.says('state-store-busy')
  daemon.signal('SIGTERM')
  expect(await daemon.exited).toBe(0)
  expect(daemon.err()).not.toContain(disposal)

  // Nobody else has it open now, so nobody can even read it: a command gives up, and a start waits.
  other.exec('ROLLBACK; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  const { code, err } = await lab.holdfast('sets')
  expect([code, err]).toEqual([1, expect.stringContaining('[state-store-busy]')])
  expect(err).not.toContain(disposal)
  await using next = startDaemonProcess(lab.config, '--once')
  await next.says('state-store-busy')
  other.letGo()
  other[Symbol.dispose]()
  expect(await next.exited).toBe(0)
  expect(policies()).toEqual(['file-stores', 'nightly'])
}, 120_000)

test('a daemon that still looks at what a killed one left open ends on SIGTERM too', async () => {
  using store = new DatabaseSync(join(lab.dir, 'state.db'), { timeout: 10_000 })
  const [id, subject, location] = ['0123456789abcdef', 'nightly', 'backup01']
  const action = {
    id,
    kind: 'point-backup',
    subject,
    location,
    policy: subject,
    set: null,
    cause: 'observed',
    reason: '',
  }
  const insert = 'INSERT INTO "intent" ("id", "action", "startedAt", "setId", "request") VALUES (?, ?, ?, NULL, NULL)'
  store.prepare(insert).run(id, JSON.stringify(action), new Date().toISOString())
  await using daemon = startDaemonProcess(lab.config)
  await daemon.says('the daemon runs')
  using _other = lockStore()
  await daemon.says('state-store-busy')
  daemon.signal('SIGTERM')
  expect(await daemon.exited).toBe(0)
  expect(daemon.err()).not.toContain(disposal)
}, 60_000)

test('whose lease another process took meanwhile, ends with lease-lost', async () => {
  await using daemon = startDaemonProcess(lab.config)
  await daemon.says('the daemon runs')
  using other = lockStore()
  await daemon.says('state-store-busy')
  other.exec(`UPDATE "lease" SET "owner" = 'other'`)
  expect(daemon.isAlive()).toBe(true)
  other.letGo()
  expect(await daemon.exited).toBe(1)
  expect(daemon.err()).toContain('[lease-lost]')
  expect(daemon.err()).not.toContain(disposal)
}, 60_000)
