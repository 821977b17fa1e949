import { beforeAll, describe, expect, test } from 'vitest'
import type { Desired } from '../../../src/domain/model.ts'
import type { Condition, Finding } from '../../../src/domain/statement.ts'
import type { Heart, Plan } from '../../../src/domain/plan.ts'
import { overdueSeconds, verdictOf, type Verdict } from '../../../src/plan/verdict/verdict.ts'
import { addSeconds } from '../../../src/base/time.ts'
import { contoso } from '../../support/contoso.ts'
import { wipe } from '../../support/servers.ts'
import { Watch } from '../../support/watch.ts'

let desired: Desired
beforeAll(async () => {
  desired = await contoso()
})

/** The verdict on what a watch saw last, with nothing else said than this. */
function verdict(watch: Watch, said: Partial<Plan> = {}, heart: Partial<Heart> = {}): Verdict {
  const { observed, known, last, now } = watch
  const snapshot = {
    ...{ desired, observed: observed!, memory: known, now },
    plan: { ...last, conditions: [], findings: [], ...said },
  }
  return verdictOf(snapshot, { running: true, lastPassAt: now, ...heart })
}
const codes = ({ state, reasons }: Verdict): string[] => [state, ...reasons.map(({ code }) => code)]

function condition(type: Condition['type'], reason: string, subject = 'nightly'): Condition {
  const status = reason === 'NotTested' || reason === 'NotSeen' ? ('unknown' as const) : ('false' as const)
  return { type, reason, subject, status, message: 'So it is.', since: '', revision: '' }
}
function finding(code: Finding['code'], severity: Finding['severity'], remedy?: string): Finding {
  const said = { desired: '', observed: '', since: '', message: 'So it is.', ...(remedy && { remedy }) }
  return { code, severity, subject: 'fe01.contoso.com', ...said }
}

test('a healthy deployment is ok', () => {
  expect(codes(verdict(new Watch(desired)))).toEqual(['ok'])
})

describe('a server', () => {
  test('that is wiped is told at once, and as a flag after the grace period', () => {
    const watch = new Watch(desired)
    wipe(watch.world, 'se01.contoso.com')
    watch.after(60)
    const early = verdict(watch)
    expect(codes(early).slice(0, 2)).toEqual(['not-ok', 'loss-seen'])
    expect(early.reasons[0]).toMatchObject({
      subject: 'se01.contoso.com',
      message: expect.stringMatching(/A flag rises after 15m\.$/) as string,
      remedy: expect.stringContaining('holdfast explain se01.contoso.com') as string,
    })
    watch.after(3600)
    expect(codes(verdict(watch))).toEqual(['not-ok', 'rebuild-required'])
  })

  test('of a lost pool is told with its pool', () => {
    const watch = new Watch(desired).off('fe01', 'fe02', 'fe03')
    watch.after(3600)
    const { reasons } = verdict(watch)
    expect(reasons.filter(({ subject }) => /^fe0[123]\./.test(subject))).toEqual([])
    expect(reasons[0]).toMatchObject({ code: 'rebuild-required', subject: 'pool01.contoso.com' })
  })

  test('that nobody looked at lately is unknown, with a few names', () => {
    const watch = new Watch(desired)
    const classes = watch.last.classes.map((row) => ({ ...row, class: 'unknown' as const }))
    const { state, reasons } = verdict(watch, { classes })
    expect(state).toBe('unknown')
    expect(reasons).toMatchObject([{ code: 'not-seen-lately', subject: desired.deployment.name }])
    expect(reasons[0]?.message).toMatch(/^Nobody can say how \S+, \S+, \S+ and \d+ more are: /)
  })

  test('that does not answer, and is not lost, asks for attention', () => {
    const watch = new Watch(desired)
    const classes = watch.last.classes.map((row) =>
      row.subject === 'fe01.contoso.com' ? { ...row, class: 'unreachable' as const } : row,
    )
    expect(codes(verdict(watch, { classes }))).toEqual(['attention', 'host-unreachable'])
  })
})

describe('a daemon', () => {
  test.each<[string, Partial<Heart>, string]>([
    ['that does not run', { running: false }, 'daemon-not-running'],
    ['that never ran', { running: false, lastPassAt: null }, 'daemon-not-running'],
    ['that makes no pass', { lastPassAt: null }, 'daemon-silent'],
  ])('%s makes it unknown', (_name, heart, code) => {
    expect(codes(verdict(new Watch(desired), {}, heart))).toEqual(['unknown', code])
  })

  test('is overdue after a while', () => {
    const watch = new Watch(desired)
    expect(verdict(watch, {}, { lastPassAt: addSeconds(watch.now, -overdueSeconds) }).state).toBe('ok')
    expect(verdict(watch, {}, { lastPassAt: addSeconds(watch.now, -overdueSeconds - 1) }).state).toBe('unknown')
  })
})

describe('what is said of a policy or a location', () => {
  test.each<[Condition, string[]]>([
    [condition('BackupCurrent', 'NeverBackedUp'), ['not-ok', 'never-backed-up']],
    [condition('BackupCurrent', 'ObjectiveMissed'), ['not-ok', 'objective-missed']],
    [condition('BackupCurrent', 'LastRunFailed'), ['attention', 'run-failed']],
    [condition('BackupCurrent', 'Current'), ['ok']],
    [condition('Verified', 'Damaged'), ['not-ok', 'set-damaged']],
    [condition('LocationReady', 'NotSeen', 'backup01'), ['unknown', 'location-not-seen']],
    [condition('SourceVerified', 'NotChecked', 'contoso'), ['ok']],
  ])('$type $reason', (one, expected) => {
    expect(codes(verdict(new Watch(desired), { conditions: [one] }))).toEqual(expected)
  })

  test('a restore test that nobody asked for lowers nothing; one that was asked for does', () => {
    const [policy] = desired.policies
    const asked = desired.policies.map((one) => ({
      ...one,
      verification: { ...one.verification, restoreTest: { instance: 'sql09.contoso.com', everyDays: 30 } },
    }))
    const conditions = [condition('Restorable', 'NotTested', policy!.name)]
    const watch = new Watch(desired)
    const { observed, known, last, now } = watch
    const stateOf = (of: Desired): string => {
      const plan = { ...last, conditions, findings: [] }
      const snapshot = { desired: of, observed: observed!, memory: known, plan, now }
      return verdictOf(snapshot, { running: true, lastPassAt: now }).state
    }
    const unasked = desired.policies.map((one) => ({
      ...one,
      verification: { ...one.verification, restoreTest: null },
    }))
    expect(stateOf({ ...desired, policies: unasked })).toBe('ok')
    expect(stateOf({ ...desired, policies: asked as unknown as Desired['policies'] })).toBe('attention')
  })
})

test('the gravest is told first, each with what to do, and the same only once', () => {
  const findings = [
    finding('certificate-expires', 'warning'),
    finding('item-failed', 'error'),
    finding('item-failed', 'error'),
    finding('location-unreachable', 'error', 'Bring the share back.'),
  ]
  const { state, reasons } = verdict(new Watch(desired), { findings })
  expect(state).toBe('not-ok')
  expect(reasons.map(({ code }) => code)).toEqual(['location-unreachable', 'item-failed', 'certificate-expires'])
  expect(reasons.map(({ remedy }) => remedy)).toEqual([
    'Bring the share back.',
    'Fix what the reason names. holdfast backup with the name of the policy then takes it anew.',
    'holdfast explain certificate-expires says what to do.',
  ])
})
