import { describe, expect, test } from 'vitest'
import { eachFact } from '../../src/domain/facts.ts'
import type { Observed } from '../../src/domain/observation.ts'
import { desiredState, sqlStore } from '../support/desired.ts'
import { seen } from '../support/observed.ts'
import { bench, instance } from './bench.ts'

const sql01 = 'sql01.contoso.com\\rtc'
const desired = desiredState({ pools: [], locations: [], policies: [], sqlStores: [sqlStore('sql01.contoso.com')] })

describe('a wall clock that jumps', () => {
  test.each([3600, 61, -61, -86_400])(
    'by %d s makes every since start anew, also before the next look',
    async (jump) => {
      const { observer, clock } = bench()
      const source = { head: 'a1', lastGood: 'a1', fetchedAt: null, unreachable: null, invalid: [] }
      observer.follow(desired)
      observer.report('source', seen('contoso', source, '2026-07-29T11:00:00.000Z'))
      await observer.look('all')
      await clock.advance(600)
      expect(observer.snapshot().facts.sqlInstance.get(sql01)?.since).toBe('2026-07-29T12:00:00.000Z')
      clock.jump(jump)
      const jumpedTo = clock.now()
      const { facts } = observer.snapshot()
      expect(facts.sqlInstance.get(sql01)?.since).toBe(jumpedTo)
      for (const { since } of facts.dns.values()) expect(since).toBe(jumpedTo)
      // The source counts for itself.
      expect(facts.source.get('contoso')?.since).toBe('2026-07-29T11:00:00.000Z')
      await clock.advance(30)
      await observer.look('all')
      expect(observer.snapshot().facts.sqlInstance.get(sql01)?.since).toBe(jumpedTo)
    },
  )

  test('by less than a minute changes nothing, nor does time that goes by', async () => {
    const { observer, clock } = bench()
    observer.follow(desired)
    await observer.look('all')
    clock.jump(59)
    expect(observer.snapshot().facts.sqlInstance.get(sql01)?.since).toBe('2026-07-29T12:00:00.000Z')
    await clock.advance(86_400)
    expect(observer.snapshot().facts.sqlInstance.get(sql01)?.since).toBe('2026-07-29T12:00:00.000Z')
  })

  test.each([
    ['2026-07-29T12:05:00.000Z', '2026-07-29T12:00:00.000Z'],
    ['2026-07-29T11:55:00.000Z', '2026-07-29T09:00:00.000Z'],
  ])('between two processes shows where the former one saw something at %s', (at, since) => {
    const observation = { ...seen(sql01, instance('11.0'), '2026-07-29T09:00:00.000Z'), at }
    const before: Observed['facts'] = {
      ...eachFact(() => new Map<string, never>()),
      sqlInstance: new Map([[sql01, observation]]),
    }
    const { observer } = bench(before)
    observer.follow(desired)
    expect(observer.snapshot().facts.sqlInstance.get(sql01)?.since).toBe(since)
  })
})
