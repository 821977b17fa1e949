import { expect, it } from 'vitest'
import type { Trial } from '../../../src/domain/restore-proofs.ts'
import { withTest } from '../../../src/domain/restore-proofs.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, policy } from '../../support/desired.ts'
import { memory, summary, world } from '../../support/observed.ts'

const [slot, now] = ['2026-03-10T02:00:00.000Z', '2026-03-10T12:00:00.000Z']

const complained = { pool: 'pool01.contoso.com', outcome: 'complained', message: 'Item 7 is wrong.' } as const
const passed = { pool: 'pool02.contoso.com', outcome: 'passed', message: null } as const
const set = summary(slot)
const trial: Trial = { set: set.id, at: slot, imports: [complained, passed] }

function found(trials: readonly Trial[], imports = true) {
  const restoreTest = {
    databases: null,
    files: '\\\\scratch01.contoso.com\\R',
    imports,
    everyDays: null,
    validDays: null,
  }
  const desired = desiredState({
    policies: [policy('nightly', { verification: { onCreate: 'structure', everyDays: null, restoreTest } })],
  })
  const restoreProofs = { nightly: { kinds: {}, turns: {}, trials } }
  const { findings, conditions, flags } = plan(desired, world([set]), memory({ restoreProofs }), now)
  return { told: findings.filter(({ code }) => code === 'trial-import-complained'), conditions, flags }
}

it('warns of what was complained of, and decides nothing', () => {
  const { told, conditions, flags } = found([trial])
  expect(told).toMatchObject([{ severity: 'warning', subject: set.id }])
  expect(told[0]?.message).toContain('pool01.contoso.com')
  expect(told[0]?.message).toContain('Item 7 is wrong.')
  expect(flags).toEqual([])
  const status = ({ type, status }: { type: string; status: string }): string => `${type} ${status}`
  expect(conditions.map(status)).toEqual(found([]).conditions.map(status))
})

it('is gone with its set, with the question, and with a trial that passed', () => {
  expect(found([{ ...trial, set: 'nightly/20200101T000000Z-aaaa' }]).told).toEqual([])
  expect(found([trial], false).told).toEqual([])
  const again = withTest({ nightly: { kinds: {}, turns: {}, trials: [trial] } }, 'nightly', {
    ...{ set: set.id, at: now, items: [], turn: null },
    trials: [{ ...complained, outcome: 'passed', message: null }],
  })
  expect(found(again.nightly?.trials ?? [trial]).told).toEqual([])
})

it('keeps the last few, each set once', () => {
  let proofs = {}
  for (let n = 0; n < 6; n++)
    proofs = withTest(proofs, 'nightly', { set: `nightly/${n}`, at: slot, items: [], turn: null, trials: [passed] })
  proofs = withTest(proofs, 'nightly', { set: 'nightly/4', at: now, items: [], turn: null, trials: [passed] })
  const kept = (proofs as { nightly: { trials: Trial[] } }).nightly.trials
  expect(kept.map(({ set: id }) => id)).toEqual(['nightly/4', 'nightly/5', 'nightly/3', 'nightly/2'])
})
