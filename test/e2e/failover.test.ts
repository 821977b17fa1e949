/** Fault A17: while a pool is failed over its own export stands still, and the one from before stays its recovery point. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordSchema } from '../../src/sets/record.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson, StatusJson } from '../support/shapes.ts'
import { unzip } from '../support/unzip.ts'

const [pool, partner] = ['pool01.contoso.com', 'pool02.contoso.com']
const reason =
  'The pool is failed over (FailedOver): pool02.contoso.com serves its users, and this is what the pool held before.'

let lab: TestLab
beforeAll(async () => {
  lab = await startLab()
}, 180_000)
afterAll(() => lab[Symbol.asyncDispose]())

type TheSet = SetsJson['sets'][number]

async function backUp(): Promise<TheSet> {
  await lab.holdfast('backup', 'nightly', '--wait')
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'nightly')
  return json.sets[0]!
}

const userData = ({ items }: TheSet, of: string): SetsJson['sets'][number]['items'][number] | undefined =>
  items.find(({ kind, subject }) => kind === 'user-data' && subject === of)

const exported = (set: TheSet, of: string): Promise<object> => unzip(join(set.path, userData(set, of)!.path))

async function recoveryPoints(): Promise<(string | undefined)[]> {
  const { json } = await lab.json<StatusJson>('status')
  return [pool, partner].map(
    (of) => json.items.find(({ kind, subject }) => kind === 'user-data' && subject === of)?.recoveryPoint?.set,
  )
}

async function told(): Promise<string[]> {
  const { json } = await lab.json<{ findings: { code: string; subject: string }[] }>('drift')
  return json.findings.map(({ code, subject }) => `${code} ${subject}`).sort()
}

/** Of both pools: who served its users, by the record of the set itself. */
async function servedBy({ path }: TheSet): Promise<unknown[]> {
  const { items } = recordSchema.parse(JSON.parse(await readFile(join(path, 'backup-set.json'), 'utf8')))
  return [pool, partner].map(
    (of) => items.find(({ kind, subject }) => kind === 'user-data' && subject === of)?.servedBy,
  )
}

test('the export of the pool that is idle is kept, told with its reason, and never the newest copy', async () => {
  const before = await backUp()
  expect(before.state).toBe('complete')
  expect(await servedBy(before)).toEqual([pool, partner])
  expect(await recoveryPoints()).toEqual([before.id, before.id])

  await lab.break('failover', pool)
  await lab.break('contacts', pool)
  const during = await backUp()
  expect(during.state).toBe('partial')
  expect(userData(during, pool)).toMatchObject({ outcome: 'suspect', code: 'pool-failed-over', message: reason })
  expect(await exported(during, pool)).toEqual(await exported(before, pool))
  expect(userData(during, partner)).toMatchObject({ outcome: 'ok' })
  expect(await servedBy(during)).toEqual([partner, partner])
  expect(await recoveryPoints()).toEqual([before.id, during.id])
  expect(await told()).toEqual([`item-suspect ${pool}`, `pool-failed-over ${pool}`])

  const [restore, environment] = await Promise.all(
    ['RESTORE.md', 'data/environment/environment.json'].map((file) => readFile(join(during.path, file), 'utf8')),
  )
  expect(restore).toContain(`| suspect | \`${userData(during, pool)?.path}\` | ${reason} [pool-failed-over] |`)
  expect(JSON.parse(environment!)).toMatchObject({
    [pool]: { poolState: 'FailedOver' },
    [partner]: { poolState: 'Active' },
  })
  const shown = (await lab.holdfast('sets', during.id)).out
  expect(shown.replaceAll(/\s+/g, ' ')).toContain(`suspect: user-data of ${pool} ${reason} [pool-failed-over]`)
  expect((await lab.holdfast('status')).out.replaceAll(/\s+/g, ' ')).toContain(reason)

  await lab.repair('failover', pool)
  const after = await backUp()
  expect(after.state).toBe('complete')
  expect(await exported(after, pool)).not.toEqual(await exported(before, pool))
  expect(await recoveryPoints()).toEqual([after.id, after.id])
  expect(await told()).toEqual([])
}, 180_000)

test('where the cmdlet is refused the copy counts, and the set says that nobody saw who served', async () => {
  await lab.break('cmdlet', 'Get-CsRegistrarConfiguration', 'denied')
  const set = await backUp()
  await lab.repair('cmdlet', 'Get-CsRegistrarConfiguration')
  expect(set.state).toBe('complete')
  expect(userData(set, pool)).toMatchObject({ outcome: 'ok', code: 'serving-pool-unknown' })
  expect(userData(set, 'se01.contoso.com')).not.toHaveProperty('code')
  expect(await servedBy(set)).toEqual([null, null])
  expect((await lab.holdfast('sets', set.id)).out).toContain('[serving-pool-unknown]')
  expect(await recoveryPoints()).toEqual([set.id, set.id])
}, 120_000)
