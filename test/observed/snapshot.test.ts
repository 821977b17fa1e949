import { expect, it } from 'vitest'
import { createSnapshot } from '../../src/observed/snapshot.ts'

const sight = (at: string, answers: string[]) => ({ at, source: 'DNS', known: true as const, value: { answers } })
const name = 'fe01.contoso.com'

it('keeps the object of a value that is seen again, with the new time of the look', () => {
  const snapshot = createSnapshot(null)
  expect(snapshot.record('dns', name, sight('2026-03-10T00:00:00.000Z', ['10.0.0.1']))).toBe(true)
  const first = snapshot.known('dns', name)
  expect(snapshot.record('dns', name, sight('2026-03-10T00:05:00.000Z', ['10.0.0.1']))).toBe(false)
  expect(snapshot.known('dns', name)).toBe(first)
  expect(snapshot.facts().dns.get(name)).toMatchObject({
    at: '2026-03-10T00:05:00.000Z',
    since: '2026-03-10T00:00:00.000Z',
  })

  expect(snapshot.record('dns', name, sight('2026-03-10T00:10:00.000Z', ['10.0.0.2']))).toBe(true)
  expect(snapshot.known('dns', name)).toEqual({ answers: ['10.0.0.2'] })
})
