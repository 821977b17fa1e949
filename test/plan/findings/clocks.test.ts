import { expect, it } from 'vitest'
import type { Skew } from '../../../src/domain/clock-skew.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState } from '../../support/desired.ts'
import { memory, notSeen, seen, world } from '../../support/observed.ts'

const now = '2026-03-10T14:00:00.000Z'

/** Null: the instance does not answer. */
function found(...clocks: (Skew | 'right' | null)[]): string[] {
  const sqlInstance = new Map(
    clocks.map((clock, index) => {
      const subject = `sql0${index}.contoso.com`
      const facts = { version: '12.0.6024.0', edition: 'Standard Edition', machine: 'SQL', databases: [] }
      if (clock === null) return [subject, notSeen(subject, 'gone')]
      return [subject, seen(subject, { ...facts, ...(clock !== 'right' && { clock }) })]
    }),
  )
  const { findings } = plan(desiredState(), world([], { sqlInstance }), memory(), now)
  return findings.map(({ code, severity, subject, observed }) => `${code} ${severity} ${subject}: ${observed}`)
}

it('of one server, or of as many as are right, is theirs', () => {
  expect(found('right')).toEqual([])
  expect(found('ahead')).toEqual(['clock-skew warning sql00.contoso.com: ahead of this machine'])
  expect(found('right', 'behind', null)).toEqual(['clock-skew warning sql01.contoso.com: behind this machine'])
  expect(found('ahead', 'behind')).toHaveLength(2)
})

it('of most servers in one direction is ours', () => {
  expect(found('behind', 'behind', 'right', null)).toEqual(['clock-skew error contoso: ahead of most SQL Servers'])
  expect(found('ahead', 'ahead')).toEqual(['clock-skew error contoso: behind most SQL Servers'])
})
