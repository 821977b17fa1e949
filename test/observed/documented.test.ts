import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { probes } from '../../src/observed/probes.ts'

const page = readFileSync(new URL('../../docs/reference/observations.md', import.meta.url), 'utf8')

function seconds(text: string): number {
  const [amount = '', unit] = text.split(' ')
  return Number(amount) * (unit === 'h' ? 3600 : 1)
}

test.each(Object.entries(probes))(
  'the page tells how often %s is looked at, and how long it may take',
  (fact, probe) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${fact}\` `))
    const [every = '', deadline = ''] = row?.split('|').slice(4, 6) ?? []
    expect({ every: seconds(every.trim()), deadline: seconds(deadline.trim()) }).toEqual({
      every: probe.everySeconds,
      deadline: probe.deadlineSeconds,
    })
  },
)
