/** Failback and sync of a pair, over the real shell host of the lab. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Tools } from '../../../src/act/handler.ts'
import { failBackPool, syncConferenceContent } from '../../../src/act/restore/pairs.ts'
import { userData } from '../../../src/act/restore/user-data.ts'
import type { Clock } from '../../../src/base/clock.ts'
import { Problem } from '../../../src/base/problem.ts'
import type { BackupSet } from '../../../src/domain/backup-set.ts'
import { hasty, meets, never, restoreBench, type RestoreBench } from './lab-sets.ts'

const [pool, partner] = ['pool01.contoso.com', 'pool02.contoso.com']
const pair = { pool, partner }

let bench: RestoreBench
let tools: Tools
/** What the action counted before it changed anything. */
let counted: Record<string, number> | null
let sets: BackupSet[]
beforeAll(async () => {
  bench = await restoreBench()
  tools = {
    ...bench.tools,
    drivers: { ...bench.drivers, clock: hasty },
    counted: () => counted,
    keepCount: (counts) => {
      counted = { ...counts }
      return Promise.resolve()
    },
    sets: () => sets,
  }
})
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(async () => {
  counted = null
  sets = []
  await bench.break('failover', pool)
  await bench.break('contacts', pool)
  bench.asked()
})
afterEach(async () => {
  for (const [kind, subject] of [
    ['contacts', pool],
    ['failover', pool],
  ] as const)
    await bench.repair(kind, subject).catch(() => {})
})

const calls = (): string[] => bench.asked().map(({ call }) => call)
const changing = (all: readonly string[]): string[] => all.filter((call) => /fail-back|sync|import/.test(call))
const users = (): Record<string, string[]> => bench.held('users', pool)
const newest = (texts: string[] | undefined): string | undefined => texts?.at(-1)

/** A set that counted this of the pool's users. */
function setWith(counts: Record<string, number>): void {
  const item = { kind: 'user-data', subject: pool, path: 'a.zip', outcome: 'ok', bytes: 1, counts }
  sets = [{ id: 'nightly/1', items: [item] } as unknown as BackupSet]
}

test('what users did on the partner comes home, once, and is counted', async () => {
  const before = users()
  setWith({ users: Object.keys(before).length, elements: 10 })
  const { message, counts, resumed } = await failBackPool(pair, tools, never)
  const asked = bench.asked()
  expect(asked.filter(({ call }) => call === 'fail-back-pool').map(({ parameters }) => parameters)).toEqual([
    { PoolFqdn: pool, Confirm: false },
  ])
  expect(message).toContain(`${pool} is Active, and the backup services of ${pool} and ${partner} are steady.`)
  expect(message).toContain(`users: ${Object.keys(before).length} (${Object.keys(before).length} in the set)`)
  expect(counts?.['users']).toBe(Object.keys(before).length)
  expect(resumed).toBeUndefined()
  const after = users()
  for (const [user, texts] of Object.entries(after)) {
    expect(newest(texts)).toBe('contact new1@fabrikam.com')
    expect(texts.slice(0, -1)).toEqual(before[user])
  }
  const again = await failBackPool(pair, tools, never)
  expect(again.resumed).toBe(true)
  expect(changing(calls())).toEqual([])
  expect(users()).toEqual(after)
})

test('a failback that stopped midway is begun again', async () => {
  await bench.break('cmdlet', 'Invoke-CsPoolFailback', 'stops-midway')
  await expect(failBackPool(pair, tools, never)).rejects.toMatchObject({ code: 'shell-call-failed' })
  const kept = counted
  expect(kept).not.toBeNull()
  await bench.repair('cmdlet', 'Invoke-CsPoolFailback')
  await failBackPool(pair, tools, never)
  expect(counted).toEqual(kept)
  expect(Object.values(users()).every((texts) => newest(texts) === 'contact new1@fabrikam.com')).toBe(true)
})

test.each(['does not answer', 'is failed over itself'])('nothing is touched where the partner %s', async (how) => {
  const servers = tools.desired.pools.find(({ fqdn }) => fqdn === partner)!.servers
  const broken = how === 'does not answer' ? servers.map((one) => ['server', one]) : [['failover', partner]]
  for (const [kind = '', subject = ''] of broken) await bench.break(kind, subject)
  for (const run of [failBackPool, syncConferenceContent])
    await expect(run(pair, tools, never)).rejects.toMatchObject({ code: 'partner-not-serving', subject: pool })
  expect(changing(calls())).toEqual([])
  for (const [kind = '', subject = ''] of broken) await bench.repair(kind, subject)
})

test('nor while the failover has not ended', async () => {
  await bench.break('failover', pool, 'failing-over')
  await expect(failBackPool(pair, tools, never)).rejects.toMatchObject({
    code: 'partner-not-serving',
    message: `${pool} is FailingOver: it is not failed over. Nothing was touched.`,
  })
  expect(changing(calls())).toEqual([])
})

test('a cmdlet that ends and leaves the pool failed over is not taken for a failback', async () => {
  const { shell } = tools.drivers
  const deaf: Tools = {
    ...tools,
    drivers: {
      ...tools.drivers,
      shell: {
        ...shell,
        call: (name, ...rest) =>
          name === 'fail-back-pool'
            ? Promise.resolve({
                ...{ objects: [], warnings: [] },
                errors: [{ message: 'It was skipped.', category: 'InvalidData', terminating: false }],
              })
            : shell.call(name, ...rest),
      },
    },
  }
  // The hour is over after three looks, however long a look takes here.
  const over = Promise.withResolvers<undefined>()
  let pauses = 0
  const hurried: Clock = {
    ...hasty,
    sleep(milliseconds, signal) {
      if (milliseconds < 3_600_000) pauses += 1
      if (pauses > 3) over.resolve(undefined)
      const slept = hasty.sleep(milliseconds, signal)
      return milliseconds < 3_600_000 ? slept : Promise.race([over.promise, slept])
    },
  }
  await expect(
    failBackPool(pair, { ...deaf, drivers: { ...deaf.drivers, clock: hurried } }, never),
  ).rejects.toMatchObject({
    code: 'pair-not-settled',
    message: `The pair was not settled within 60 minutes: ${pool} is FailedOver. The cmdlet said: It was skipped.`,
  })
}, 60_000)

test('nor is one after which no more is there than before', async () => {
  setWith({ users: 1_000_000, elements: 10_000_000 })
  counted = { users: 5_000, elements: 9_000_000 }
  await expect(failBackPool(pair, tools, never)).rejects.toMatchObject({
    code: 'failback-came-short',
    message: expect.stringContaining('No more is there than before: ') as string,
  })
})

test('nor one that left but a few of the users', async () => {
  setWith({ users: 1_000_000, elements: 10_000_000 })
  await expect(failBackPool(pair, tools, never)).rejects.toMatchObject({
    code: 'failback-came-short',
    message: expect.stringContaining('the newest ok copy holds 1000000') as string,
  })
})

test('what was uploaded on the partner comes into the file store of the pool', async () => {
  const own = 'fs01.contoso.com/LyncShare/1-WebServices-1'
  await bench.does('upload-content', pool)
  const file = join(bench.scratch, '..', 'shares', own, 'DataConf', 'upload 1.pptx.enc')
  expect(existsSync(file)).toBe(false)
  const { message } = await syncConferenceContent(pair, tools, never)
  expect(message).toBe(
    `ConfServices.DataConf of ${partner} is steady (FinalState, NormalState): ${pool} has what was uploaded there.`,
  )
  expect(existsSync(file)).toBe(true)
  const asked = bench.asked().filter(({ call }) => call === 'sync-backup-service')
  expect(asked.map(({ parameters }) => parameters)).toEqual([
    { PoolFqdn: partner, BackupModule: 'ConfServices.DataConf' },
  ])
  await syncConferenceContent(pair, tools, never)
  expect(existsSync(file)).toBe(true)
})

test('while the partner serves, user data are not imported, whoever asks for it', async () => {
  const observed = { facts: { pairing: new Map() } }
  const context = await bench.setOf({ kind: 'user-data', subject: pool }, 'export-user-data', { PoolFqdn: pool }, {})
  const asking = (accepts: readonly string[], more = tools) => ({
    ...{ ...context, accepts: (what: string, fact = '') => accepts.includes(`${what} ${fact}`.trim()) },
    tools: { ...more, observed: () => observed } as unknown as Tools,
  })
  const item = { kind: 'user-data', subject: pool } as const
  await expect(userData.restore(item, asking([]))).rejects.toMatchObject({
    code: 'pool-failed-over',
    message: `${pool} is not seen to be Active: it is FailedOver, and ${partner} serves its users. Nothing was imported.`,
  })
  const blind = meets(tools, 'registrar-settings', new Problem('shell-call-failed', { message: 'no' }))
  await expect(userData.restore(item, asking(['pool-not-active FailedOver'], blind))).rejects.toMatchObject({
    code: 'pool-failed-over',
  })
  await expect(
    userData.restore(item, asking(['pool-not-active', 'pool-not-active FailingOver'])),
  ).rejects.toMatchObject({
    code: 'pool-failed-over',
  })
  // What a person accepts by name passes this, and meets what stands against it next.
  await expect(userData.restore(item, asking(['pool-not-active FailedOver']))).rejects.toMatchObject({
    code: 'front-ends-not-stopped',
  })
  expect(changing(calls())).toEqual([])
})
