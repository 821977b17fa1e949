/** A year of the Contoso sample in which its policies have restore tests, and copies rot. */
import { expect, test } from 'vitest'
import { secondsBetween } from '../../src/base/time.ts'
import type { Desired } from '../../src/domain/model.ts'
import { sqlStore } from '../support/desired.ts'
import { contoso } from '../support/contoso.ts'
import { day, openYear, Share } from './driven-year.ts'

const restoreTest = {
  databases: { sqlStore: sqlStore('sqltest.contoso.com'), folder: 'D:\\Restore' },
  files: '\\\\scratch01.contoso.com\\Restore',
  imports: false,
  everyDays: 30,
  validDays: 45,
}

test('each policy is restorable by a proof of each kind, all year; the test that meets a rotten copy finds it', async () => {
  const sample = await contoso()
  const desired: Desired = {
    ...sample,
    deployment: { ...sample.deployment, keptElsewhere: [] },
    policies: sample.policies.map((policy) => ({
      ...policy,
      verification: { ...policy.verification, everyDays: null, restoreTest },
    })),
  }
  const share = new Share()
  using year = openYear(desired, share, () => 7200)
  const restorable = async (days: number): Promise<string[]> => {
    const { conditions } = await year.until(days)
    return conditions
      .filter(({ type }) => type === 'Restorable')
      .map(({ subject, status, message }) => `${subject} ${status} ${message}`)
  }
  for (const line of await restorable(1)) expect(line).toMatch(/ unknown /)
  const wanted = desired.policies.map(({ name }) => name).sort()
  for (const days of [4, 31, 60, 118]) {
    const lines = await restorable(days)
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' ')).sort()).toEqual(
      wanted.map((name) => `${name} true`),
    )
    expect(lines.some((line) => line.includes(' sql-database of '))).toBe(true)
    expect(lines.some((line) => line.includes(' file-store of '))).toBe(true)
  }

  // All that is old rots at once: each test of an older set that meets one finds it, and the next set is picked.
  const [policy] = wanted
  const old = share.sets.filter((set) => set.policy === policy).slice(1)
  for (const { id } of old) share.rotten.add(id)
  await year.until(140)
  const journal = year.store.journal.list({ after: 0 })
  const tested = journal.filter(
    ({ type, message }) => type === 'action-started' && message.includes('Chance picked it'),
  )
  const met = tested.filter(({ subject }) => share.rotten.has(subject)).map(({ subject }) => subject)
  expect(met.length).toBeGreaterThan(0)
  expect(new Set(met).size).toBe(met.length)

  await year.until(365)
  for (const turn of ['It is the newest', 'Chance picked it']) {
    const of = year.store.journal
      .list({ after: 0 })
      .filter(
        ({ type, subject, message }) =>
          type === 'action-started' && subject.startsWith(`${wanted[1]}/`) && message.includes(turn),
      )
    expect(of.length).toBeGreaterThanOrEqual(11)
    expect(of.length).toBeLessThanOrEqual(13)
    for (const [index, { at }] of of.entries())
      if (index > 0) expect(secondsBetween(of[index - 1]!.at, at)).toBeGreaterThan(30 * day)
  }
  for (const line of await restorable(365)) expect(line).toMatch(/ true /)
  expect(Object.keys(year.store.memory().pastRuns).sort()).toEqual([
    'restore-item file-store',
    'restore-item sql-database',
  ])
}, 240_000)
