import { expect, test } from 'vitest'
import type { Attempt } from '../../../src/domain/action.ts'
import { database, planned, run, server } from '../recovery/rebuilt.ts'

const { action } = run(planned())

function found(attempt: Partial<Attempt> = {}, unsaid?: string): object[] {
  const failed: Attempt = {
    ...{ action, kind: 'recovery-step', subject: database, slot: null, set: null, request: null },
    ...{ startedAt: '2026-03-10T11:30:00.000Z', endedAt: '2026-03-10T11:31:00.000Z', outcome: 'failed' },
    message: 'It takes sysadmin. [sql-permission]',
    ...attempt,
  }
  const { findings } = planned({ memory: { attempts: [failed] }, ...(unsaid !== undefined && { unsaid }) })
  return findings.filter(({ code }) => code === 'recovery-step-failed')
}

test('a step that did not end well is told, with its cause and what to do', () => {
  expect(found()).toMatchObject([
    {
      ...{ severity: 'error', subject: database, observed: 'It takes sysadmin. [sql-permission]' },
      message: 'Step restore-databases of Recovery r did not end well: It takes sysadmin. [sql-permission]',
      remedy: `holdfast explain, with the code at the end of that, says what to do. It is tried again by itself, less and less often; at once by holdfast restore ${server}.`,
    },
  ])
  expect(found({ outcome: 'refused' })).toHaveLength(1)
})

test('what our own end broke off, and what waits again, has not failed', () => {
  expect(found({ outcome: 'interrupted' })).toEqual([])
  expect(found({}, 'update-databases')).toEqual([])
})
