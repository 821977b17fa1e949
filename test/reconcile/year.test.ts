/** A year of the Contoso sample with driven time, in which nothing happens but the runs. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { secondsBetween, type Time } from '../../src/base/time.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { contoso } from '../support/contoso.ts'
import { day, openYear, Share } from './driven-year.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** The weeks in which Berlin begins and ends its summer time, in 2026 on 29 March and 25 October. */
const changes: readonly [from: Time, to: Time][] = [
  ['2026-03-25', '2026-04-01'],
  ['2026-10-21', '2026-10-28'],
]

/** A pass each half hour in those weeks, and otherwise fewer, for the sake of time. */
function stepAt(now: Time): number {
  return changes.some(([from, to]) => from <= now && now < to) ? 1800 : 7200
}

test('a year in which nothing happens but the runs: they alone are in the journal, and no memory is kept', async () => {
  const sample = await contoso()
  const desired: Desired = {
    ...sample,
    deployment: { ...sample.deployment, keptElsewhere: [] }, // what nobody looks at for a year is a finding
    policies: sample.policies.filter(({ name }) => name === 'nightly'), // at two in Berlin, the hour that comes twice
  }
  using year = openYear(desired, new Share(), stepAt)
  const { store, until } = year
  const heapAfter = async (days: number): Promise<number> => {
    await until(days)
    collectGarbage()
    return process.memoryUsage().heapUsed
  }

  const settled = await until(1)
  const before = store.journal.head().sequence
  const second = await heapAfter(59)
  const twelfth = await heapAfter(365)
  const last = await until(365)

  const types = Map.groupBy(store.journal.list({ after: before }), ({ type }) => type)
  expect([...types.keys()].sort()).toEqual(['action-done', 'action-started', 'condition-changed'])
  const started = types.get('action-started')!
  const kinds = Map.groupBy(started, ({ message }) => message.slice(0, message.indexOf(':')))
  expect(kinds.get('create-backup-set')).toHaveLength(364)
  expect(kinds.get('point-backup')).toHaveLength(364)
  // A set is never proved again for the same reason before its seven days are over.
  for (const checks of Map.groupBy(
    kinds.get('verify-backup-set')!,
    ({ subject, message }) => subject + message,
  ).values())
    for (const [index, { at }] of checks.entries())
      if (index > 0) expect(secondsBetween(checks[index - 1]!.at, at)).toBeGreaterThan(7 * day)
  expect(kinds.size).toBe(3)
  expect(types.get('action-done')).toHaveLength(started.length)
  const told = types.get('condition-changed')!.map(({ message }) => message.replace(/nightly\/\S+/, 'SET'))
  expect(new Set(told)).toEqual(new Set(['Verified true (Verified): SET was verified at level checksum.']))
  expect(told).toHaveLength(364)

  expect(last).toMatchObject({ findings: [], flags: [] })
  expect(statusesOf(last)).toEqual(statusesOf(settled))
  expect(twelfth - second).toBeLessThan(4 * 1024 * 1024)
}, 120_000)

/** Since when each condition has been as it is. */
function statusesOf({ conditions }: Plan): string[] {
  return conditions.map(({ type, subject, status, since }) => `${type} ${subject} ${status} ${since}`)
}
