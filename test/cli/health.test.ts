import { describe, expect, it } from 'vitest'
import { healthOf } from '../../src/cli/status.ts'

const now = '2026-03-10T12:00:00.000Z'
const holder = { pid: 42, since: '2026-03-10T11:00:00.000Z' }

describe('the health of the daemon', () => {
  it.each([
    ['holds nothing', null, null, false, 'No daemon holds the lease.'],
    [
      'passed a moment ago',
      holder,
      '2026-03-10T11:59:50.000Z',
      true,
      'The daemon (pid 42) made its last pass 10 s ago.',
    ],
    ['hangs', holder, '2026-03-10T11:57:59.000Z', false, 'The daemon (pid 42) made its last pass 121 s ago.'],
    [
      'has just started, after another one',
      { ...holder, since: '2026-03-10T11:59:00.000Z' },
      '2026-03-09T12:00:00.000Z',
      true,
      'The daemon (pid 42) has made no pass since it started 60 s ago.',
    ],
    ['never passed', holder, null, false, 'The daemon (pid 42) has made no pass since it started 3600 s ago.'],
  ])('that %s', (_name, lease, lastPassAt, healthy, message) => {
    expect(healthOf(lease, lastPassAt, now)).toEqual({ healthy, message })
  })
})
