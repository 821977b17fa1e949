import { expect, test } from 'vitest'
import type { Desired } from '../../src/domain/model.ts'
import { plan } from '../../src/plan/plan.ts'
import { driftView } from '../../src/views/drift.ts'
import { contoso } from '../support/contoso.ts'
import { memory, seen, world } from '../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const sample = await contoso()
const [first] = sample.deployment.keptElsewhere
const stale: Desired = {
  ...sample,
  deployment: { ...sample.deployment, keptElsewhere: [{ ...first!, checkedOn: '2025-01-01' }] },
}

function ask(desired: Desired, facts: Parameters<typeof world>[1] = {}) {
  const observed = world([], facts)
  const known = memory()
  return driftView({ desired, observed, memory: known, plan: plan(desired, observed, known, now), now })
}

test('findings are those of the plan; what exists is unknown without the published topology', () => {
  const { findings, coverage, ignored } = ask(stale)
  expect(findings.map(({ code, since }) => [code, since])).toEqual([['kept-elsewhere-stale', now]])
  expect([coverage, ignored]).toEqual([null, []])
})

test('what an ignore rule leaves out is told with the rule, until it ends', () => {
  const rule = { name: 'later', subjects: ['contoso'], actions: [], findings: ['*'], reason: 'moving house' }
  const suspended = (until: string): Desired => ({ ...stale, suspensions: [{ ...rule, until }] })
  const { findings, ignored } = ask(suspended('2026-04-01T00:00:00.000Z'))
  expect(findings).toEqual([])
  expect(ignored).toMatchObject([
    { code: 'kept-elsewhere-stale', suspension: 'later', reason: 'moving house', until: '2026-04-01T00:00:00.000Z' },
  ])
  expect(ask(suspended('2026-03-01T00:00:00.000Z')).findings).toHaveLength(1)
})

test('the coverage counts what is published and what a policy takes of it', () => {
  const published = {
    ...{ sipDomains: ['contoso.com'], product: sample.deployment.product, centralManagementStore: null, hosts: [] },
    ...{ pools: [], sqlStores: [] },
    fileStores: [
      { name: 'fs01', path: String.raw`\\fs01.contoso.com\LyncShare`, serviceFolders: [] },
      { name: 'fs02', path: String.raw`\\fs02.contoso.com\LyncShare`, serviceFolders: [] },
    ],
  }
  const publishedTopology = new Map([['contoso', seen('contoso', { signature: 's', topology: published })]])
  expect(ask(sample, { publishedTopology }).coverage).toEqual({ protected: 1, existing: 2 })
})
