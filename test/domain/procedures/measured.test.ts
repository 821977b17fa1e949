import { describe, expect, it } from 'vitest'
import { measured, tellMeasured, type PastRun } from '../../../src/domain/procedures/measured.ts'
import type { Operation } from '../../../src/domain/procedures/operation.ts'
import type { ItemKind } from '../../../src/domain/words.ts'

const at = '2026-03-10T12:00:00.000Z'
const restore = (kind: ItemKind): Operation => ({ kind: 'restore-item', item: { kind, subject: 's' } })
const run = (seconds: number, bytes: number | null = null): PastRun => ({ at, seconds, bytes })
const databases = (...runs: PastRun[]) => ({ 'restore-item sql-database': runs })

describe('what a step took before', () => {
  it('is not known before the same operation was run', () => {
    expect(measured(restore('sql-database'), 100, {})).toBeNull()
    expect(measured(restore('file-store'), 100, databases(run(10, 100)))).toBeNull()
    const stop: Operation = { kind: 'stop-services', servers: [] }
    expect(measured(stop, null, { 'start-services': [run(10)] })).toBeNull()
  })

  it('is scaled to the bytes of the copy, where they are known', () => {
    const past = databases(run(60, 1000))
    expect(measured(restore('sql-database'), 3000, past)?.seconds).toBe(180)
    expect(measured(restore('sql-database'), null, past)?.seconds).toBe(60)
    expect(measured(restore('sql-database'), 0, past)?.seconds).toBe(60)
    expect(measured(restore('sql-database'), 3000, databases(run(60, 0)))?.seconds).toBe(60)
    expect(measured(restore('sql-database'), 1, past)?.seconds).toBe(1)
  })

  it('is the median of the last runs, so that one night of trouble does not count', () => {
    const past = databases(run(100, 10), run(5000, 10), run(110, 10))
    expect(measured(restore('sql-database'), 10, past)).toEqual({ seconds: 110, runs: 3, last: run(110, 10) })
    expect(measured(restore('sql-database'), 10, databases(run(100, 10), run(120, 10)))?.seconds).toBe(110)
  })

  it('is told with where it comes from', () => {
    const gibibyte = 1024 ** 3
    expect(tellMeasured({ seconds: 720, runs: 1, last: run(600, gibibyte) })).toBe(
      'It takes about 12 min, from the last run: 1.0 GiB in 10 min, at 2026-03-10T12:00:00.000Z.',
    )
    expect(tellMeasured({ seconds: 95, runs: 3, last: run(90) })).toBe(
      'It takes about 1 min 35 s, the median of the last 3 runs; the last: 1 min 30 s, at 2026-03-10T12:00:00.000Z.',
    )
  })
})
