import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cadences, type ProbedFact } from '../../src/domain/cadence.ts'
import { probes } from '../../src/observed/probes.ts'

const page = readFileSync(new URL('../../docs/reference/observations.md', import.meta.url), 'utf8')

function seconds(text: string): number {
  const [amount = '', unit] = text.split(' ')
  return Number(amount) * (unit === 'h' ? 3600 : 1)
}

test.each(Object.entries(probes))(
  'the page shows how often %s is looked at, how long that may take, and how long it may be used',
  (fact, probe) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${fact}\` `))
    const [every, deadline, valid] = (row?.split('|').slice(4, 7) ?? []).map((cell) => seconds(cell.trim()))
    expect({ everySeconds: every, deadline, validSeconds: valid }).toEqual({
      ...cadences[fact as ProbedFact],
      deadline: probe.deadlineSeconds,
    })
  },
)
