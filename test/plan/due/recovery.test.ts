/** Which steps of a recovery are due, and when (design, section 7): what holds is asked by test/plan/recovery/gate.test.ts. */
import { describe, expect, it, test } from 'vitest'
import type { Attempt } from '../../../src/domain/action.ts'
import type { Memory, Plan } from '../../../src/domain/plan.ts'
import type { Step } from '../../../src/domain/runbook.ts'
import { dueRecoverySteps } from '../../../src/plan/due/recovery.ts'
import {
  after,
  database,
  digested,
  good,
  lost,
  planned,
  restoring,
  run,
  runbook,
  server,
  together,
  type Change,
} from '../recovery/rebuilt.ts'

const request = { id: 'r1', at: '2026-03-10T11:59:00.000Z', actor: 'alex', wish: { restore: 'SQL05.contoso.com' } }
const action = run(planned()).action

/** One try of the step, that ended at this time of the day. */
const tried = (at: string, outcome: Attempt['outcome'] = 'failed', of = action): Attempt => ({
  ...{ action: of, kind: 'recovery-step', subject: database, slot: null, outcome, set: good, request: null },
  ...{ startedAt: '2026-03-10T11:00:00.000Z', endedAt: `2026-03-10T${at}.000Z`, message: 'It came back as it was.' },
})
const remembering = (memory: Partial<Memory>): Change => ({ memory })
const standing = (steps: readonly Step[]): Partial<Memory> => ({
  standing: { conditions: [], findings: [], flags: [], runbooks: [{ ...runbook(planned()), steps }] },
})
const step = (change: Change): Step | undefined =>
  runbook(planned(change)).steps.find(({ id }) => id === 'restore-databases')

test('where the Recovery only guides, nothing is run', () => {
  expect(restoring(planned({ recovery: { run: 'guide' } }))).toEqual([])
})

test('what the Recovery accepts, from after the loss, goes with the action', () => {
  const accept = [
    { what: 'rows-since-rebuild', subject: database, at: '2026-03-10T11:30:00.000Z' } as const,
    { what: 'copy-incomplete', subject: null, at: '2026-03-10T09:00:00.000Z' } as const,
  ].map((one) => ({ ...one, fact: null, by: 'Jane', note: null }))
  expect(restoring(planned({ recovery: { accept } }))).toMatchObject([
    { accepts: [{ what: 'rows-since-rebuild', subject: database, fact: null }] },
  ])
})

test('rows that somebody let go do not speak for those that gathered after the server was lost once more', () => {
  const word = { what: 'rows-since-rebuild', subject: database, fact: null, by: 'Jane', note: null } as const
  const accepted = (at: string) =>
    restoring(
      planned({ flag: { lostAgainAt: '2026-03-10T10:30:00.000Z' }, recovery: { accept: [{ ...word, at }] } }),
    ).map(({ accepts }) => accepts.length)
  expect(accepted('2026-03-10T10:29:59.000Z')).toEqual([0])
  expect(accepted('2026-03-10T10:31:00.000Z')).toEqual([1])
})

describe('a step that failed', () => {
  it.each([
    ['is not run within the first minute', ['11:59:01'], 0],
    ['is run after that', ['11:59:00'], 1],
    ['waits five minutes after the second try', ['11:50:00', '11:55:01'], 0],
    ['is run after those', ['11:50:00', '11:55:00'], 1],
    ['waits for nothing that a wrong clock dated ahead', ['12:00:01'], 1],
  ] as const)('%s', (_, times, expected) => {
    const made = planned(remembering({ attempts: times.map((at) => tried(at)) }))
    expect(restoring(made)).toHaveLength(expected)
    expect(run(made).tried).toMatchObject({ outcome: 'failed', message: 'It came back as it was.' })
  })

  it('is run at once where our own end broke it off', () => {
    expect(restoring(planned(remembering({ attempts: [tried('11:59:59', 'interrupted')] })))).toHaveLength(1)
  })

  it('is run at once when somebody asks for it, and is theirs', () => {
    const made = planned(remembering({ attempts: [tried('11:59:59')], requests: [request] }))
    expect(restoring(made)).toMatchObject([
      { id: action, cause: 'manual', reason: 'alex asked for it.', request: { id: 'r1', actor: 'alex' } },
    ])
    expect(made.refused).toEqual([])
  })

  it('does not hold back a step of another loss', () => {
    expect(restoring(planned(remembering({ attempts: [tried('11:59:59', 'failed', 'another')] })))).toHaveLength(1)
  })
})

test('what is under way is not begun again', () => {
  const made = planned(remembering({ inFlight: restoring(planned()) }))
  expect(restoring(made)).toEqual([])
  expect(run(made)).toMatchObject({ isRunning: true, refused: [] })
})

describe('services that Holdfast stopped for an import, and somebody started again', () => {
  const pool = 'pool01.contoso.com'
  const words = runbook(planned({ role: 'user' })).steps.map((one) => one.id)
  const acknowledge = words.map((id) => ({ step: id, subject: null, by: 'Jane', at: after, note: null }))
  const asked: Change = { role: 'user', recovery: { acknowledge } }
  const ranAt = (id: string, time: string): Attempt => {
    const of = run(planned(asked), id, pool).action
    return { ...tried(time, 'done', of), subject: pool, message: 'It was done.' }
  }
  const ran = (id: string): Attempt => ranAt(id, '11:58:00')
  const due = (services: 'Running' | 'Stopped', ...steps: string[]): string[] =>
    restoring(planned({ ...asked, services, memory: { ranSteps: steps.map(ran) } })).flatMap((one) =>
      one.subject === pool ? [one.step] : [],
    )

  it('are stopped once more: the import would wait for ever', () => {
    expect(due('Stopped', 'stop-services')).toEqual(['import-user-data'])
    expect(due('Running', 'stop-services')).toEqual(['stop-services'])
  })

  it('are left alone once it came, and hold nothing back', () => {
    expect(due('Running', 'stop-services', 'import-user-data')).not.toContain('stop-services')
    const ranSteps = ['stop-services', 'import-user-data'].map(ran)
    const before = runbook(planned({ ...asked, services: 'Running' }))
    const standing = { conditions: [], findings: [], flags: [], runbooks: [before] }
    const made = planned({ ...asked, services: 'Running', memory: { ranSteps, standing } })
    const of = (id: string) => runbook(made).steps.find((one) => one.id === id)?.state
    expect([of('stop-services'), of('import-user-data')]).toEqual(['done', 'done'])
  })

  it('are started again where what Holdfast started was stopped for another import since', () => {
    const started = (time: string): string[] => {
      const ranSteps = [ran('stop-services'), ranAt('start-services', time), ranAt('import-user-data', '11:59:00')]
      return restoring(planned({ ...asked, services: 'Stopped', memory: { ranSteps } })).map(({ step }) => step)
    }
    expect(started('11:58:30')).toContain('start-services')
    expect(started('11:59:30')).not.toContain('start-services')
  })
})

describe('a step that our own end broke off when all was back', () => {
  const family = 'F0000000-0000-0000-0000-000000000001'
  const back: Change = { database: { family }, record: { [database]: { family } } }
  const cut = remembering({
    ...standing(runbook(planned()).steps),
    attempts: [tried('11:59:59', 'interrupted')],
  })

  it('keeps the flag, and is run again to be proved: the database may still be kept from its users', () => {
    expect(planned(together([back, remembering(standing(runbook(planned()).steps))])).flags).toEqual([])
    const made = planned(together([back, cut]))
    expect(made.flags).toMatchObject([
      {
        subject: server,
        reason: 'It was lost, and looks whole, but Holdfast has not brought its restore to an end.',
      },
    ])
    expect(restoring(made)).toMatchObject([{ id: action }])
    expect(run(made)).toMatchObject({ refused: [], tried: { outcome: 'interrupted' } })
  })

  it('keeps it where Holdfast itself could not give it back to its users, and only there', () => {
    const failed = (code: string): Change =>
      remembering({
        ...standing(runbook(planned()).steps),
        attempts: [{ ...tried('11:55:00', 'failed'), code }],
      })
    const made = planned(together([back, failed('sql-single-user')]))
    expect(made.flags).toHaveLength(1)
    expect(restoring(made)).toMatchObject([{ id: action }])
    expect(planned(together([back, failed('sql-unreachable')])).flags).toEqual([])
  })

  it('keeps it while it is under way, too', () => {
    const known = { ...standing(runbook(planned()).steps), inFlight: restoring(planned()) }
    expect(planned(together([back, remembering(known)])).flags).toHaveLength(1)
  })

  it.each([
    ['only guides now', { run: 'guide' }],
    ['is finished', { finished: { by: 'Jane', at: after, note: null } }],
  ] as const)('keeps none where the Recovery %s', (_, recovery) => {
    expect(planned(together([back, cut, { recovery }])).flags).toEqual([])
  })
})

describe('a step that was run to its end', () => {
  const ranSteps = [tried('11:58:00', 'done')]

  it('is done by what Holdfast proved, and is not run again', () => {
    const change = remembering({ ranSteps: [tried('12:00:00', 'done')] })
    expect(step(change)).toMatchObject({
      ...{ state: 'done', evidence: 'Holdfast ran it: It came back as it was.' },
      run: { done: { at: '2026-03-10T12:00:00.000Z' } },
    })
    expect(restoring(planned(change))).toEqual([])
  })

  it('is not run again either where a later look does not show it: that is for a person', () => {
    expect(step(remembering({ ranSteps }))).toMatchObject({ state: 'ready', run: { refused: [] } })
    expect(restoring(planned(remembering({ ranSteps })))).toEqual([])
  })

  it('stays so when the diary has forgotten it, while another step keeps the flag', () => {
    const role = 'user'
    const made = planned({ role, ...remembering({ ranSteps: [tried('12:00:00', 'done')] }) })
    const forgotten = { role, ...remembering(standing(runbook(made).steps)) } as const
    expect(step(forgotten)).toMatchObject({ state: 'done', run: { done: { at: '2026-03-10T12:00:00.000Z' } } })
    expect(restoring(planned(forgotten))).toEqual([])
  })

  it('is due once more after a further loss: that makes it another action', () => {
    const former = runbook(planned()).steps.map((one) => ({ ...one, lostAgainAt: '2026-03-10T10:30:00.000Z' }))
    const before = [tried('10:20:00', 'done')]
    const [again, ...others] = restoring(planned(remembering({ ranSteps: before, ...standing(former) })))
    expect(again?.id).not.toBe(action)
    expect([again?.step, again?.lostSince, others]).toEqual(['restore-databases', '2026-03-10T10:30:00.000Z', []])
  })

  it('is not due once more where it ended after that loss: it was of something beside it', () => {
    const former = runbook(planned()).steps.map((one) => ({ ...one, lostAgainAt: '2026-03-10T10:30:00.000Z' }))
    expect(restoring(planned(remembering({ ranSteps, ...standing(former) })))).toEqual([])
  })
})

test('a server of which all was restored is flagged no more: what Holdfast proved is a word too', () => {
  const former = runbook(planned(remembering({ ranSteps: [tried('11:58:00', 'done')] }))).steps
  const done = former.map((one): Step => (one.run ? { ...one, state: 'done' } : one))
  expect(done.some(({ run: own }) => own?.done?.at === '2026-03-10T11:58:00.000Z')).toBe(true)
  expect(planned(remembering(standing(done))).flags).toEqual([])
  // Of what is not done, nothing says so.
  expect(planned(remembering(standing(former.map((one) => ({ ...one, state: 'ready' as const }))))).flags).toHaveLength(
    1,
  )
})

test('the pass that closes a flag says how its runbook ended, with what was done last', () => {
  const family = 'F0000000-0000-0000-0000-000000000001'
  const back: Change = { database: { family }, record: { [database]: { family } } }
  const known = { ...standing(runbook(planned()).steps), ranSteps: [tried('12:00:00', 'done')] }
  const closing = (more: Change): Plan => planned(together([back, remembering(known), more]))
  const made = closing({})
  expect([made.flags, made.runbooks]).toEqual([[], []])
  expect(made.closed).toMatchObject([{ subject: server, recovery: 'r', since: lost }])
  expect(made.closed[0]?.steps.find(({ id }) => id === 'restore-databases')).toMatchObject({ state: 'done' })
  expect(made.closed[0]?.steps.map(({ id }) => id)).toEqual(runbook(planned()).steps.map(({ id }) => id))
  // Nobody asks how those of nobody ended.
  expect(closing({ recovery: null }).closed).toEqual([])
  expect(planned().closed).toEqual([])
})

describe('a set that is not proved at level content', () => {
  const unproved: Change = { set: { verified: { checksum: '2026-03-10T03:00:00.000Z' } } }
  const verifying = (change: Change) => planned(change).actions.filter(({ kind }) => kind === 'verify-backup-set')

  it('is verified first, and nothing is restored', () => {
    expect(verifying(unproved)).toMatchObject([
      { set: good, level: 'content', cause: 'corrective', reason: 'Recovery r restores from it.', location: 'main' },
    ])
    expect(restoring(planned(unproved))).toEqual([])
  })

  it('is not verified again at once where that could not be done', () => {
    const failed = { ...tried('11:59:30'), kind: 'verify-backup-set' as const, subject: good }
    expect(verifying({ ...unproved, ...remembering({ attempts: [failed] }) })).toEqual([])
  })

  it('is left alone where nobody declared a Recovery', () => {
    expect(verifying({ ...unproved, recovery: null })).toEqual([])
  })
})

test('each database is restored by an action of its own; two steps of one subject are run one after the other', () => {
  const three = restoring(planned({ role: 'monitoring' })).map(({ subject }) => subject)
  expect(three).toEqual(['LcsCDR', 'LcsLog', 'QoEMetrics'].map((name) => `${server}/${name}`))
  const digest = digested()
  const [book] = digest.runbooks
  const [first] = book!.steps.filter(({ id }) => id === 'restore-databases')
  const second = { ...first!, id: 'another', run: { ...first!.run!, action: 'another' } }
  const due = dueRecoverySteps({ ...digest, runbooks: [{ ...book!, steps: [first!, second] }] })
  expect(due.map(({ id }) => id)).toEqual([action])
  // What comes from no set is done at the location of what does.
  const stop = { ...second, subject: server, run: { ...second.run, set: null } }
  const both = dueRecoverySteps({ ...digest, runbooks: [{ ...book!, steps: [stop, first!] }] })
  expect(both).toMatchObject([
    { id: 'another', set: null, location: 'main' },
    { id: action, set: good, location: 'main' },
  ])
})
