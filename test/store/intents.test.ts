import { describe, expect, test } from 'vitest'
import { registerSecret } from '../../src/base/log.ts'
import type { Action, Attempt } from '../../src/domain/action.ts'
import type { ItemKind } from '../../src/domain/words.ts'
import type { TestTurn } from '../../src/domain/restore-proofs.ts'
import type { Store } from '../../src/store/store.ts'
import { TestClock } from '../support/test-clock.ts'
import { freshFile, opened } from './rooms.ts'
import { ended, noon, runAction } from './samples.ts'

/** Starts and ends an action. */
function act(store: Store, id: string, more: Partial<Attempt> = {}): void {
  const action = runAction(id, { subject: more.subject ?? 'nightly' })
  expect(store.intents.open(action)).toBe(true)
  store.intents.close(id, ended(action, more))
}

describe('requests', () => {
  test('wait, oldest first, until they are answered', async () => {
    const file = freshFile()
    const clock = new TestClock(noon)
    const cli = opened(file, 'act', clock)
    const daemon = opened(file, 'act', clock)
    const first = cli.requests.ask({ backup: 'nightly' }, 'CONTOSO\\ada')
    await clock.advance(1)
    const second = cli.requests.ask({ verify: 'nightly/f1', level: 'checksum' }, 'CONTOSO\\ada')
    expect(first).toMatchObject({ at: noon, actor: 'CONTOSO\\ada', wish: { backup: 'nightly' } })
    expect(first.id).not.toBe(second.id)
    expect(daemon.requests.waiting()).toEqual([first, second])
    expect(daemon.memory().requests).toEqual([first, second])
    expect(daemon.requests.find(first.id)).toEqual({ request: first, answer: null, begun: false })
    expect(daemon.requests.find('nobody')).toBeNull()
  })

  test('a refused one is answered with the reason, once, and journalled', () => {
    const { requests, journal } = opened()
    const { id } = requests.ask({ takeOver: 'main' }, 'ada')
    requests.refuse(id, { message: 'no such location' })
    requests.refuse(id, { message: 'another reason' })
    expect(requests.waiting()).toEqual([])
    expect(requests.find(id)?.answer).toEqual({
      action: '',
      kind: 'take-over-location',
      subject: 'main',
      slot: null,
      startedAt: noon,
      endedAt: noon,
      outcome: 'refused',
      message: 'no such location',
      set: null,
      request: id,
    })
    expect(journal.list()).toHaveLength(1)
    expect(journal.list()[0]).toMatchObject({ type: 'request-refused', actor: 'ada', subject: 'main' })
  })

  test('are answered by the end of their action, with all that it found', () => {
    const { requests, intents } = opened()
    const { id } = requests.ask({ verify: 'nightly/f1', level: 'checksum' }, 'ada')
    const action = runAction('a1', { request: { id, actor: 'ada' } })
    const problems = [{ file: 'data/x.zip', kind: 'checksum' as const, message: 'other bytes' }]
    intents.open(action)
    expect(requests.find(id)?.answer).toBeNull()
    const attempt = ended(action, { outcome: 'partial', message: 'one item failed', set: 'nightly/f2', problems })
    intents.close('a1', attempt)
    expect(requests.find(id)?.answer).toEqual(attempt)
    expect(requests.waiting()).toEqual([])
  })

  test('one request of several actions is answered by the worst end, when all have ended', () => {
    const { requests, intents } = opened()
    const { id } = requests.ask({ verify: null, level: 'checksum' }, 'ada')
    const actions = ['a', 'b', 'c'].map((name) => runAction(name, { subject: name, request: { id, actor: 'ada' } }))
    for (const action of actions) intents.open(action)
    intents.close('a', ended(actions[0]!))
    intents.close('b', ended(actions[1]!, { outcome: 'failed', message: 'no share' }))
    expect(requests.find(id)?.answer).toBeNull()
    intents.close('c', ended(actions[2]!))
    expect(requests.find(id)?.answer).toMatchObject({ action: 'b', outcome: 'failed', message: 'no share' })
  })

  test('fault S19: those that share an action have begun with it, and its end is the answer of all', () => {
    const { requests, intents } = opened()
    const [first, second, late] = ['ada', 'kim', 'leo'].map((actor) => requests.ask({ backup: 'nightly' }, actor).id)
    const action = runAction('a1', { request: { id: first!, actor: 'ada' }, alsoFor: [second!] })
    intents.open(action)
    expect([first, second, late].map((id) => requests.find(id!)?.begun)).toEqual([true, true, false])
    intents.close('a1', ended(action))
    expect([first, second].map((id) => requests.find(id!))).toMatchObject([
      { answer: { outcome: 'done', request: first }, begun: false },
      { answer: { outcome: 'done', request: second }, begun: false },
    ])
    expect(requests.waiting().map(({ id }) => id)).toEqual([late])
  })

  test('an interrupted action answers the one that names it alone: the others wait for the next', () => {
    const { requests, intents } = opened()
    const [first, second] = ['ada', 'kim'].map((actor) => requests.ask({ backup: 'nightly' }, actor).id)
    const action = runAction('a1', { request: { id: first!, actor: 'ada' }, alsoFor: [second!] })
    intents.open(action)
    intents.close('a1', ended(action, { outcome: 'interrupted' }))
    expect(requests.waiting().map(({ id }) => id)).toEqual([second])
  })

  test('answered ones are forgotten after a week', async () => {
    const clock = new TestClock(noon)
    const { requests } = opened(freshFile(), 'act', clock)
    const old = requests.ask({ backup: 'nightly' }, 'ada')
    const open = requests.ask({ backup: 'hourly' }, 'ada')
    requests.refuse(old.id, { message: 'no' })
    await clock.advance(8 * 86_400)
    requests.ask({ backup: 'nightly' }, 'ada')
    expect(requests.find(old.id)).toBeNull()
    expect(requests.find(open.id)).not.toBeNull()
  })
})

describe('intents', () => {
  test('say how far they are, until they end; the journal does not', () => {
    const store = opened()
    const { intents, journal } = store
    intents.open(runAction('a1'))
    intents.open(runAction('a2', { subject: 'weekly' }))
    expect(store.memory().progress).toEqual({})
    intents.advance('a1', { percent: 90, reading: true })
    expect(store.memory().progress).toEqual({ a1: { percent: 90, reading: true } })
    intents.advance('a1', { percent: 40, reading: false })
    expect(store.memory().progress).toEqual({ a1: { percent: 40, reading: false } })
    intents.close('a1', ended(runAction('a1')))
    intents.advance('a1', { percent: 60, reading: false })
    expect(store.memory().progress).toEqual({})
    expect(journal.list()).toHaveLength(3)
  })

  test('are open once, and survive the process', () => {
    const file = freshFile()
    const store = opened(file)
    const action = runAction('a1')
    expect(store.intents.open(action)).toBe(true)
    expect(store.intents.open(action)).toBe(false)
    store.intents.note('a1', 'nightly/f1')
    store[Symbol.dispose]()
    const next = opened(file)
    expect(next.intents.unresolved()).toEqual([{ action, startedAt: noon, set: 'nightly/f1' }])
    expect(next.memory().inFlight).toEqual([action])
    expect(next.intents.open(action)).toBe(false)
  })

  test('are listed oldest first', () => {
    const { intents } = opened()
    for (const id of ['b', 'c', 'a']) intents.open(runAction(id))
    expect(intents.unresolved().map(({ action }) => action.id)).toEqual(['b', 'c', 'a'])
  })

  test('a done action never opens again, a failed one does', () => {
    const store = opened()
    act(store, 'done')
    act(store, 'failed', { outcome: 'failed' })
    expect(store.intents.open(runAction('done'))).toBe(false)
    expect(store.intents.open(runAction('failed'))).toBe(true)
  })

  test('the pointer is moved to where it stood before as often as somebody else moves it', () => {
    const { intents } = opened()
    const point: Action = {
      kind: 'point-backup',
      id: 'p1',
      subject: 'nightly',
      location: 'main',
      policy: 'nightly',
      set: 'nightly/20260729T020000Z-aaaa',
      cause: 'corrective',
      reason: 'Nothing is named as the newest complete set.',
      request: null,
    }
    for (const _time of [1, 2]) {
      expect(intents.open(point)).toBe(true)
      expect(intents.open(point)).toBe(false)
      intents.close(point.id, ended(point))
    }
  })

  test('only an open one can be closed', () => {
    const { intents, journal } = opened()
    expect(() => intents.close('a1', ended(runAction('a1')))).toThrow('no open intent a1')
    expect(journal.list()).toEqual([])
  })

  test('start and end are journalled with who asked, why, and the outcome', () => {
    registerSecret('Tr0ub4dor-intents')
    const { intents, journal } = opened()
    const asked = runAction('a1', { cause: 'manual', request: { id: 'r1', actor: 'CONTOSO\\ada' } })
    intents.open(asked)
    intents.close('a1', ended(asked, { outcome: 'failed', message: 'login Tr0ub4dor-intents', set: 'nightly/f1' }))
    act({ intents } as Store, 'a2')
    expect(journal.list()).toMatchObject([
      {
        type: 'action-started',
        actor: 'CONTOSO\\ada',
        cause: 'manual',
        subject: 'nightly',
        message: 'create-backup-set: The slot of 02:00 has come.',
      },
      {
        type: 'action-failed',
        actor: 'CONTOSO\\ada',
        cause: 'manual',
        subject: 'nightly',
        message: 'create-backup-set: failed, set nightly/f1: login [secret]',
      },
      { type: 'action-started', actor: 'holdfast', cause: 'scheduled' },
      { type: 'action-done', actor: 'holdfast', message: 'create-backup-set: done' },
    ])
  })
})

describe('attempts', () => {
  test('that matter are those of a subject since its last done, oldest first', () => {
    const store = opened()
    act(store, 'a1', { outcome: 'failed', message: 'no share' })
    act(store, 'b1', { outcome: 'failed', subject: 'hourly', code: 'share-full' })
    act(store, 'a2', { outcome: 'interrupted' })
    expect(store.memory().attempts.map(({ action }) => action)).toEqual(['a1', 'b1', 'a2'])
    expect(store.memory().attempts.map(({ code }) => code)).toEqual([undefined, 'share-full', undefined])
    expect(store.memory().attempts[0]).toEqual(ended(runAction('a1'), { outcome: 'failed', message: 'no share' }))
    act(store, 'a3', { subject: 'NIGHTLY' })
    expect(store.memory().attempts.map(({ action }) => action)).toEqual(['b1'])
    act(store, 'a4', { outcome: 'partial' })
    expect(store.memory().attempts.map(({ action }) => action)).toEqual(['b1', 'a4'])
  })

  test('stay few, however often something fails', () => {
    const store = opened()
    for (let index = 0; index < 50; index++) act(store, `a${index}`, { outcome: 'failed' })
    const kept = store.memory().attempts
    expect(kept).toHaveLength(20)
    expect(kept.at(-1)?.action).toBe('a49')
  })

  test('of what Git no longer names are forgotten after a season', () => {
    const store = opened()
    act(store, 'a1', { outcome: 'failed', subject: 'gone', endedAt: '2026-01-01T00:00:00.000Z' })
    act(store, 'a2')
    expect(store.memory().attempts).toEqual([])
  })
})

describe('what restore tests proved', () => {
  const later = '2026-08-01T12:00:00.000Z'
  const tested = (id: string, turn: TestTurn, set: string): Action => ({
    ...{ kind: 'verify-backup-set', id, subject: set, location: 'main', cause: 'scheduled', set, level: 'restore' },
    ...{ reason: '', request: null, turn },
  })
  const database = { kind: 'sql-database', bytes: 10, seconds: 2 } as const
  const files = { kind: 'file-store', bytes: 7, seconds: 1 } as const
  const took = (store: Store, action: Action, more: Partial<Attempt>): void => {
    store.intents.open(action)
    store.intents.close(action.id, ended(action, more))
  }

  test('is kept by kind and turn, and how long it took counts for the next restore', () => {
    const file = freshFile()
    const store = opened(file)
    took(store, tested('a', 'newest', 'Nightly/1'), { problems: [], proved: [database, database, files] })
    took(store, tested('b', 'older', 'nightly/0'), { problems: [], proved: [database], endedAt: later })
    store[Symbol.dispose]()
    const { restoreProofs, pastRuns } = opened(file).memory()
    expect(restoreProofs).toEqual({
      nightly: {
        kinds: {
          'sql-database': { set: 'nightly/0', at: later, items: 1 },
          'file-store': { set: 'Nightly/1', at: noon, items: 1 },
        },
        turns: { newest: noon, older: later },
      },
    })
    expect(pastRuns).toEqual({
      'restore-item sql-database': [
        { at: noon, seconds: 4, bytes: 20 },
        { at: later, seconds: 2, bytes: 10 },
      ],
      'restore-item file-store': [{ at: noon, seconds: 1, bytes: 7 }],
    })
  })

  test('is no turn where damage was found, and nothing where the test failed', () => {
    const store = opened()
    const problems = [{ file: 'data/x', kind: 'checksum' as const, message: 'another one' }]
    took(store, tested('a', 'older', 'nightly/0'), { problems, proved: [files] })
    took(store, tested('b', 'newest', 'nightly/1'), { outcome: 'failed', message: 'No room.' })
    const { restoreProofs } = store.memory()
    expect(restoreProofs['nightly']?.turns).toEqual({})
    expect(Object.keys(restoreProofs['nightly']?.kinds ?? {})).toEqual(['file-store'])
  })
})

test('that a user was brought back is known for ever: its file may stay in Git', () => {
  const store = opened()
  const action: Action = {
    ...{ kind: 'restore-user', id: 'u1', subject: 'jane@contoso.com', location: 'main', cause: 'intentional' },
    ...{ reason: '', request: null, recovery: 'jane', pool: 'se01.contoso.com', set: 'nightly/f1' },
  }
  expect(store.intents.open(action)).toBe(true)
  store.intents.close('u1', ended(action, { endedAt: '2020-01-01T00:00:00.000Z' }))
  act(store, 'a1')
  expect(store.memory().ranSteps).toMatchObject([{ action: 'u1', kind: 'restore-user', outcome: 'done' }])
  expect(store.intents.open(action)).toBe(false)
})

describe('how long steps of recoveries took', () => {
  const step = (id: string, kind: ItemKind = 'sql-database'): Action => ({
    ...{ kind: 'recovery-step', id, subject: 'sql05.contoso.com/LcsCDR', location: 'main', cause: 'intentional' },
    ...{ reason: '', request: null, recovery: 'july', server: 'sql05.contoso.com', step: 'restore-databases' },
    ...{ operation: { kind: 'restore-item', item: { kind, subject: id } }, set: null, lostSince: noon, accepts: [] },
  })
  const took = (store: Store, action: Action, more: Partial<Attempt>): void => {
    store.intents.open(action)
    store.intents.close(action.id, ended(action, more))
  }
  const restored = (seconds: number) => ({ restored: { seconds, bytes: 10, counts: { rows: 5 } } })

  test('is kept of the last five that were done, by what was restored', () => {
    const file = freshFile()
    const store = opened(file)
    for (const seconds of [1, 2, 3, 4, 5, 6]) took(store, step(`d${seconds}`), restored(seconds))
    took(store, step('f', 'file-store'), restored(70))
    store[Symbol.dispose]()
    const { pastRuns } = opened(file).memory()
    expect(Object.keys(pastRuns)).toEqual(['restore-item sql-database', 'restore-item file-store'])
    expect(pastRuns['restore-item sql-database']?.map(({ seconds }) => seconds)).toEqual([2, 3, 4, 5, 6])
    expect(pastRuns['restore-item file-store']).toEqual([{ at: noon, seconds: 70, bytes: 10 }])
  })

  test('is not kept of what failed, of what was there in part, and of what an older version ran', () => {
    const store = opened()
    took(store, step('a'), { outcome: 'failed', message: 'No room.' })
    took(store, step('b'), { restored: { seconds: 1, bytes: 10, counts: {}, resumed: true } })
    took(store, step('c'), {})
    expect(store.memory().pastRuns).toEqual({})
    expect(store.journal.list().at(-1)?.message).toBe(
      'recovery-step: recovery july, server sql05.contoso.com, step restore-databases, outcome done, took 0',
    )
  })
})
