/** A Suspension freezes actions of its subjects until it ends (design, section 4), and everybody is told so. */
import { describe, expect, it, test } from 'vitest'
import { runbookInWords } from '../../src/cli/runbook-text.ts'
import { statusInWords } from '../../src/cli/status-text.ts'
import { actionKindNames, type ActionKind, type Wish } from '../../src/domain/action.ts'
import type { Suspension } from '../../src/domain/model.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { plan } from '../../src/plan/plan.ts'
import { runbookView } from '../../src/views/runbook.ts'
import { statusView } from '../../src/views/status.ts'
import { desiredState, location, policy, suspension } from '../support/desired.ts'
import { memory, readyLocation, seen, summary, world } from '../support/observed.ts'
import { database, good, planned, restoring, run, server, snapshotOf, type Change } from './recovery/rebuilt.ts'

const now = '2026-03-10T12:00:00.000Z'
const set = summary('2026-03-09T02:00:00.000Z')
const ready = seen('main', readyLocation())
const second = policy('weekly', { location: location('second') })

/** What is asked for by hand: each kind but steps of recoveries. */
const wishes: readonly Wish[] = [{ backup: 'nightly' }, { verify: set.id, level: 'checksum' }, { takeOver: 'main' }]

function asked(...suspensions: Suspension[]): Plan {
  const desired = desiredState({
    locations: [location(), location('second')],
    policies: [policy(), second],
    suspensions,
  })
  const observed = world([set], {
    location: new Map([ready, seen('second', readyLocation())].map((one) => [one.subject, one])),
  })
  const requests = wishes.map((wish, index) => ({ id: `r${index}`, at: now, actor: 'alex', wish }))
  return plan(desired, observed, memory({ requests }), now)
}

const kinds = ({ actions }: Plan, place = 'main'): ActionKind[] =>
  actionKindNames.filter((kind) => actions.some((one) => one.kind === kind && one.location === place))
const all: ActionKind[] = ['create-backup-set', 'verify-backup-set', 'point-backup', 'take-over-location']

test('without one, all that is asked for is planned', () => {
  expect(kinds(asked())).toEqual(all)
  expect(kinds(asked(suspension({ subjects: ['main'], findings: ['*'] })))).toEqual(all)
})

describe.each(all)('%s', (kind) => {
  const others = all.filter((one) => one !== kind)
  const subjectsOf: Readonly<Partial<Record<ActionKind, string[]>>> = {
    'create-backup-set': ['nightly', 'NIGHTLY'],
    'point-backup': ['nightly'],
    'verify-backup-set': [set.id, 'nightly'],
  }

  it.each(['contoso', 'main', ...(subjectsOf[kind] ?? [])])('is not planned while one names %s', (subject) => {
    const made = asked(suspension({ actions: [kind], subjects: [subject] }))
    expect(kinds(made)).toEqual(others)
    expect(made.refused.every(({ guard }) => guard === 'suspension')).toBe(true)
    expect(made.refused[0]?.message).toContain(
      'Suspension storage-move freezes it until 2026-03-11T00:00:00.000Z: the share moves',
    )
    expect(made.refused[0]?.override).toContain('remove Suspension storage-move')
  })

  it.each<[string, Partial<Suspension>]>([
    ['that ended', { until: now }],
    ['that would last longer than 30 days', { until: '2026-04-09T12:00:00.001Z' }],
    ['of another location', { subjects: ['second'] }],
    ['of the other actions', { actions: others }],
  ])('is planned beside one %s', (_, more) => {
    const made = asked(suspension({ actions: [kind], subjects: ['contoso', 'main'], ...more }))
    expect(kinds(made)).toContain(kind)
  })

  it('is not planned for the longest time that there is: 30 days', () => {
    const made = asked(suspension({ actions: [kind], subjects: ['main'], until: '2026-04-09T12:00:00.000Z' }))
    expect(kinds(made)).toEqual(others)
  })
})

it('who asked for it is refused, with the one that lasts longest', () => {
  const actions: ActionKind[] = ['create-backup-set']
  const made = asked(
    suspension({ actions, subjects: ['nightly'] }),
    suspension({
      ...{ name: 'longer', reason: 'new disks', until: '2026-03-12T00:00:00.000Z' },
      actions,
      subjects: ['main'],
    }),
  )
  expect(made.refused).toMatchObject([
    {
      ...{ guard: 'suspension', requests: ['r0'] },
      message: 'create-backup-set of nightly: Suspension longer freezes it until 2026-03-12T00:00:00.000Z: new disks',
    },
  ])
})

describe('a step of a recovery', () => {
  const freezing = (more: Partial<Suspension> = {}, change: Change = {}): Change => ({
    ...change,
    suspensions: [suspension({ actions: ['recovery-step'], subjects: [server], reason: 'wait for Jim', ...more })],
  })
  const words = 'Suspension storage-move freezes it until 2026-03-11T00:00:00.000Z: wait for Jim'
  const told = `recovery-step of ${database}: ${words}`

  it.each([server, 'SQL05.contoso.com', database, good, 'nightly', 'main', 'contoso'])(
    'is not run while one names %s: the plan says so',
    (subject) => {
      const made = planned(freezing({ subjects: [subject] }))
      expect(restoring(made)).toEqual([])
      expect(made.refused).toMatchObject([{ guard: 'suspension', actions: [run(made).action], message: told }])
      expect(run(made).refused).toEqual([{ gate: 'suspended', message: told }])
    },
  )

  it.each<[string, Partial<Suspension>]>([
    ['that ended', { until: now }],
    ['of another server', { subjects: ['sql06.contoso.com'] }],
    ['of other actions', { actions: ['create-backup-set'] }],
  ])('is run beside one %s', (_, more) => {
    expect(restoring(planned(freezing(more)))).toHaveLength(1)
  })

  it('is not run either under one that would last too long: in doubt nothing is written over', () => {
    expect(restoring(planned(freezing({ until: '2027-03-10T12:00:00.000Z' })))).toEqual([])
  })

  it('holds all that the Recovery of the named server does, and services by each of their servers', () => {
    const role = 'user'
    const made = planned(freezing({}, { role }))
    const frozen = (name: string, of: string) => run(made, name, of).refused.some(({ gate }) => gate === 'suspended')
    expect(frozen('import-user-data', 'pool01.contoso.com')).toBe(true)
    const byServer = planned(freezing({ subjects: ['pool01.contoso.com'] }, { role }))
    expect(run(byServer, 'stop-services', 'pool01.contoso.com').refused.map(({ gate }) => gate)).toContain('suspended')
    expect(run(byServer).refused).toEqual([])
  })

  const request = { id: 'r1', at: now, actor: 'alex', wish: { restore: server } }

  it('is refused to who asks for it', () => {
    expect(planned(freezing({}, { memory: { requests: [request] } })).refused).toMatchObject([
      { guard: 'suspension', requests: ['r1'], message: told },
    ])
  })

  it('is refused with all other reasons where there are more', () => {
    const more: Change = { memory: { requests: [request] }, database: { mirroringRole: 'PRINCIPAL' } }
    const { refused } = planned(freezing({}, more))
    expect(refused).toMatchObject([{ guard: 'gate', requests: ['r1'] }])
    expect(refused[0]?.message).toContain(words)
    expect(refused[0]?.message).toContain('is in a mirroring session')
  })

  it('is refused to who asks for it while the verification is frozen that it waits for', () => {
    const unproved: Change = { set: { verified: {} }, memory: { requests: [request] } }
    const { refused, actions } = planned(freezing({ actions: ['verify-backup-set'], subjects: ['nightly'] }, unproved))
    expect(actions.filter(({ kind }) => kind === 'verify-backup-set')).toEqual([])
    const asksFor = refused.find(({ requests }) => requests.includes('r1'))
    expect(asksFor?.message).toContain(`verify-backup-set of ${good}: ${words}`)
    expect(asksFor?.message).toContain('is not verified at level content yet')
  })

  it('that is under way goes on', () => {
    const memory = { inFlight: restoring(planned()) }
    expect(run(planned(freezing({}, { memory })))).toMatchObject({ isRunning: true })
  })
})

describe('people see', () => {
  const change: Change = {
    suspensions: [suspension({ actions: ['create-backup-set', 'recovery-step'], subjects: ['contoso'] })],
  }
  const context = { output: 'text', terminal: { isInteractive: false } } as unknown as Parameters<
    typeof runbookInWords
  >[1]
  const snapshot = snapshotOf(change)
  const until = 'until 2026-03-11T00:00:00.000Z: the share moves'
  const flat = (text: string): string => text.replace(/\s+/g, ' ')

  it('in status what freezes what, until when and why, and what is next and frozen', () => {
    const view = statusView(snapshot, { running: true, lastPassAt: now })
    expect(view.suspensions).toEqual([
      {
        ...{ name: 'storage-move', actions: ['create-backup-set', 'recovery-step'], subjects: ['contoso'] },
        ...{ until: '2026-03-11T00:00:00.000Z', reason: 'the share moves' },
      },
    ])
    expect(view.policies).toMatchObject([{ suspended: `Suspension storage-move freezes it ${until}` }])
    expect(view.recoveries[0]?.next).toMatchObject([
      { id: 'restore-databases', suspended: expect.stringContaining(until) as string },
    ])
    const text = flat(statusInWords(view, false, context))
    expect(text).toContain('Frozen SUSPENSION')
    expect(text).toMatch(/FROZEN: Restore/)
    expect(statusView(snapshotOf(), { running: true, lastPassAt: now }).suspensions).toEqual([])
  })

  it('in the runbook, at the step', () => {
    const view = runbookView({ ...snapshot, sets: [] }, [server])
    expect(flat(runbookInWords(view!, context))).toContain(
      `Holdfast does not run it: recovery-step of ${database}: Suspension storage-move freezes it ${until}`,
    )
  })
})

describe('a Suspension that does not do all that it says is told', () => {
  const found = (...suspensions: Suspension[]) =>
    asked(...suspensions).findings.flatMap(({ code, message }) => (code === 'suspension-unfit' ? [message] : []))

  it.each<[string, Partial<Suspension>, string]>([
    [
      'it freezes for too long',
      { actions: ['recovery-step'], subjects: ['contoso'], until: '2026-05-01T00:00:00.000Z' },
      '30 days',
    ],
    ['it ignores for too long', { findings: ['*'], subjects: ['x'], until: '2028-05-01T00:00:00.000Z' }, '365 days'],
    [
      'its actions are never of a server',
      { actions: ['create-backup-set', 'verify-backup-set'], subjects: ['se01.contoso.com'] },
      'No create-backup-set or verify-backup-set is ever of se01.contoso.com.',
    ],
    ['nobody knows its server', { actions: ['recovery-step'], subjects: ['se01', 'main'] }, 'is ever of se01.'],
  ])('%s', (_, more, expected) => {
    expect(found(suspension(more))).toEqual([expect.stringContaining(expected)])
  })

  it.each<[string, Partial<Suspension>]>([
    ['it ended', { actions: ['create-backup-set'], subjects: ['elsewhere'], until: now }],
    [
      'it names a policy, a location and the deployment',
      { actions: ['create-backup-set'], subjects: ['Weekly', 'second', 'contoso'] },
    ],
    ['it names a set', { actions: ['verify-backup-set'], subjects: [set.id] }],
    [
      'it names a database of a server',
      { actions: ['recovery-step'], subjects: [String.raw`se01.contoso.com\rtc/rtcxds`] },
    ],
    ['it ignores findings of whatever it is', { findings: ['unmanaged'], subjects: ['elsewhere'] }],
  ])('and nothing is told where %s', (_, more) => {
    expect(found(suspension(more))).toEqual([])
  })
})
