/** When the `Recovery` of one user is run, and what stands against it. */
import { expect, test } from 'vitest'
import type { Action, Attempt } from '../../../src/domain/action.ts'
import type { SetSummary } from '../../../src/domain/backup-set.ts'
import type { Desired } from '../../../src/domain/model.ts'
import type { Memory, Plan } from '../../../src/domain/plan.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, suspension } from '../../support/desired.ts'
import { memory, notSeen, seen, summary, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const pool = 'se01.contoso.com'
const started = '2026-03-03T02:00:00.000Z'
const from = `nightly/${started}`
const user = 'jane@contoso.com'
const recovery = { name: 'jane', file: 'jane.yaml', user, pool, from }

interface Change {
  desired?: Partial<Desired>
  memory?: Partial<Memory>
  set?: Partial<SetSummary> | null
  /** When the file was committed; null: not known. */
  at?: string | null
  location?: 'silent'
  poolState?: string
  /** Why Git cannot be read. */
  unreachable?: string
}

function planned({
  desired = {},
  memory: known = {},
  set = {},
  at = '2026-03-10T11:00:00.000Z',
  location,
  poolState,
  unreachable,
}: Change = {}): Plan {
  const declared = at === null ? {} : { jane: { author: 'Ada', subject: 'Bring Jane back', at } }
  const trouble = unreachable === undefined ? null : { code: 'source-unreachable', message: unreachable, hint: null }
  const head = {
    head: 'r',
    lastGood: 'r',
    invalid: [],
    rewritten: null,
    fetchedAt: now,
    unreachable: trouble,
    declared,
  }
  const user: SetSummary['ok'] = [{ kind: 'user-data', subject: pool }]
  const sets = set === null ? [] : [summary(started, { ok: user, verified: { content: started }, ...set })]
  return plan(
    desiredState({ userRecoveries: [recovery], ...desired }),
    world(sets, {
      source: new Map([['contoso', seen('contoso', head as never, now)]]),
      ...(poolState && {
        poolStates: new Map([['contoso', seen('contoso', { pools: [{ fqdn: pool, state: poolState }] } as never)]]),
      }),
      ...(location && { location: new Map([['main', notSeen('main', 'no answer')]]) }),
    }),
    memory(known),
    now,
  )
}

const restores = ({ actions }: Plan): Action[] => actions.filter(({ kind }) => kind === 'restore-user')
const told = ({ findings }: Plan): string[] =>
  findings.filter(({ code }) => code === 'user-not-restored').map(({ message }) => message)
const [due] = restores(planned())
const attempt = (outcome: Attempt['outcome'], endedAt: string): Attempt => ({
  ...{ action: due?.id ?? '', kind: 'restore-user', subject: user, slot: null, startedAt: endedAt, endedAt, outcome },
  ...{ message: 'The cmdlet failed.', set: from, request: null },
})

test('it is run where nothing stands against it', () => {
  expect(restores(planned())).toMatchObject([
    { subject: user, pool, set: from, recovery: 'jane', location: 'main', cause: 'intentional' },
  ])
  expect(told(planned())).toEqual([])
})

test.each<[string, Change, string]>([
  ['its set is gone', { set: null }, `No location holds the set ${from}.`],
  ['its set lacks the pool', { set: { ok: [] } }, `${from} has no user data of ${pool} that can be used.`],
  ['nobody here made its set', { set: { unvouched: true } }, 'that can be used'],
  ['its set is damaged', { set: { state: 'damaged', ok: [] } }, 'that can be used'],
  ['it is old', { at: '2026-03-03T11:00:00.000Z' }, 'more than 7 days ago'],
  ['its commit is not known', { at: null }, 'When jane.yaml was committed is not known.'],
  ['its pool is failed over', { poolState: 'FailedOver' }, `${pool} is failed over (FailedOver).`],
  ['Git cannot be read', { unreachable: 'Nobody answers.' }, 'nothing is run: Nobody answers. [source-unreachable]'],
  ['its location is silent', { location: 'silent' }, 'is on main'],
  ...[user, pool, 'nightly', 'main', 'contoso'].map((subject): [string, Change, string] => [
    `${subject} is frozen`,
    { desired: { suspensions: [suspension({ actions: ['restore-user'], subjects: [subject] })] } },
    'Suspension storage-move freezes it',
  ]),
])('it is not run, and the reason is told, where %s', (_, change, reason) => {
  const made = planned(change)
  expect(restores(made)).toEqual([])
  expect(told(made)).toEqual([expect.stringContaining(reason)])
})

test('a set that nobody verified is verified first', () => {
  const made = planned({ set: { verified: { checksum: started } } })
  expect(restores(made)).toEqual([])
  expect(made.actions.filter(({ kind }) => kind === 'verify-backup-set')).toMatchObject([
    { kind: 'verify-backup-set', set: from, level: 'content' },
  ])
  expect(told(made)).toEqual([])
})

test('it is run once, and again under another name or from another set', () => {
  const done = { memory: { ranSteps: [attempt('done', '2026-03-10T11:30:00.000Z')] } }
  expect(restores(planned(done))).toEqual([])
  expect(told(planned(done))).toEqual([])
  expect(told(planned({ ...done, at: '2025-03-10T11:00:00.000Z' }))).toEqual([])
  const other = { ...recovery, pool: pool.toUpperCase(), from: from.toUpperCase() }
  expect(restores(planned({ ...done, desired: { userRecoveries: [other] } }))).toEqual([])
})

test('what failed is told, and tried again later; what our end broke off, at once', () => {
  const tried = (...attempts: Attempt[]): Plan => planned({ memory: { attempts } })
  const failed = tried(attempt('failed', '2026-03-10T11:59:50.000Z'))
  expect(restores(failed)).toEqual([])
  expect(told(failed)).toEqual([expect.stringContaining('The cmdlet failed.')])
  expect(restores(tried(attempt('failed', '2026-03-09T11:59:50.000Z')))).toHaveLength(1)
  expect(restores(tried(attempt('interrupted', '2026-03-10T11:59:59.000Z')))).toHaveLength(1)
})
