import { expect, it } from 'vitest'
import type { Facts } from '../../../src/domain/facts.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState } from '../../support/desired.ts'
import { memory, notSeen, seen, world } from '../../support/observed.ts'

const now = '2026-03-10T14:00:00.000Z'
const subject = 'sql01.contoso.com\\rtc'

const instance = (more: Partial<Facts['sqlInstance']> = {}): Facts['sqlInstance'] => ({
  version: '10.50.6000.34',
  edition: 'Standard Edition (64-bit)',
  machine: 'SQL01',
  databases: [],
  ...more,
})

function found(fact: Facts['sqlInstance'] | null): [string, string, string][] {
  const sqlInstance = new Map([[subject, fact ? seen(subject, fact) : notSeen(subject, 'gone')]])
  const { findings } = plan(desiredState(), world([], { sqlInstance }), memory(), now)
  return findings.map((one) => [one.code, one.severity, one.subject])
}

it('old TLS is a warning while our configuration allows it', () => {
  expect(found(instance({ oldTlsAllowed: true }))).toEqual([['sql-old-tls', 'warning', subject]])
  expect(found(instance())).toEqual([])
})

it('of an instance that does not answer nothing is said', () => {
  expect(found(null)).toEqual([])
})
