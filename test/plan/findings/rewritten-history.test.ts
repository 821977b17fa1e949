import { expect, test } from 'vitest'
import type { Rewriting } from '../../../src/domain/facts.ts'
import type { Suspension } from '../../../src/domain/model.ts'
import { isRewritingAcknowledged } from '../../../src/plan/findings/rewritten-history.ts'
import { plan } from '../../../src/plan/plan.ts'
import { verdictOf } from '../../../src/plan/verdict/verdict.ts'
import { desiredState } from '../../support/desired.ts'
import { memory, seen, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const rewriting: Rewriting = { from: 'a'.repeat(40), to: 'b'.repeat(40) }

/** Everything that is said of the history while a revision is in force. */
function told(revision: string, rewritten: Rewriting | null, suspensions: Suspension[] = []) {
  const [desired, known] = [{ ...desiredState({ suspensions }), revision }, memory()]
  const value = { head: revision, lastGood: revision, fetchedAt: now, unreachable: null, invalid: [], rewritten }
  const { facts, ...observed } = world()
  const all = { ...observed, facts: { ...facts, source: new Map([['contoso', seen('contoso', value)]]) } }
  const snapshot = { desired, observed: all, memory: known, plan: plan(desired, all, known, now), now }
  const { reasons } = verdictOf(snapshot, { running: true, lastPassAt: now })
  return {
    findings: snapshot.plan.findings.filter(({ code }) => code === 'history-rewritten'),
    reasons: reasons.filter(({ code }) => code === 'history-rewritten'),
    isAcknowledged: isRewritingAcknowledged(snapshot),
  }
}

const meant: Suspension = {
  ...{ name: 'meant', subjects: ['contoso'], actions: [], findings: ['history-rewritten'], reason: 'Agreed' },
  until: '2026-03-11T00:00:00.000Z',
}

test('a rewritten history is a warning of the deployment, and a reason of the verdict', () => {
  const { findings, reasons, isAcknowledged } = told(rewriting.to, rewriting)

  expect(findings).toMatchObject([
    {
      ...{ severity: 'warning', subject: 'contoso', desired: 'a head that descends from aaaaaaaaaaaa' },
      message:
        'The history of the branch was rewritten: its head does not descend from aaaaaaaaaaaa, which was in force before.',
    },
  ])
  expect(reasons).toMatchObject([{ subject: 'contoso', remedy: expect.stringContaining('Suspension') as string }])
  expect(isAcknowledged).toBe(false)
})

test('a history that nobody rewrote is not spoken of', () => {
  expect(told(rewriting.to, null)).toEqual({ findings: [], reasons: [], isAcknowledged: false })
})

test('a Suspension acknowledges it by a later commit, and not by the one that rewrites', () => {
  expect(told(rewriting.to, rewriting, [meant])).toMatchObject({ findings: [{}], isAcknowledged: false })
  expect(told('c'.repeat(40), rewriting, [meant])).toEqual({ findings: [], reasons: [], isAcknowledged: true })
})
