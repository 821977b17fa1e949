import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSeconds, secondsBetween, type Time } from '../../../src/base/time.ts'
import type { ActionOf, Attempt } from '../../../src/domain/action.ts'
import type { SetSummary } from '../../../src/domain/backup-set.ts'
import type { Observation, Observed } from '../../../src/domain/observation.ts'
import type { Item } from '../../../src/domain/words.ts'
import type { Facts } from '../../../src/domain/facts.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, policy, schedule } from '../../support/desired.ts'
import { memory, publishedAs, seen, summary, world } from '../../support/observed.ts'

const all: readonly Item[] = [
  { kind: 'configuration', subject: 'contoso' },
  { kind: 'location-information', subject: 'contoso' },
  { kind: 'environment', subject: 'contoso' },
  { kind: 'user-data', subject: 'se01.contoso.com' },
]
const part = all.slice(0, 3)
const slot = '2026-03-10T02:00:00.000Z'
const nightly = policy('nightly', { schedule: schedule('0 2 * * *'), afterConfigurationChange: true })
const desired = desiredState({ policies: [nightly] })
const topology = publishedAs(desired)
const at = (minutes: number): Time => addSeconds(slot, minutes * 60)
const whole = summary(slot, { slot, ok: all })

interface Situation {
  now: Time
  /** What is published, and since when; null: not seen. */
  signature?: string | null
  since?: Time
  /** When settings were last changed. */
  updated?: Time | null
  sets?: SetSummary[]
  /** What each set recorded. */
  recorded?: Record<string, Record<string, string>>
  attempts?: Attempt[]
}

const recordedAtNight = { [whole.id]: { topology: 'S-1', configurationUpdatedAt: at(-60) } }

function observedIn({
  signature = 'S-1',
  since = at(-600),
  updated = at(-60),
  sets = [whole],
  recorded = recordedAtNight,
}: Situation): Observed {
  const published = new Map<string, Observation<Facts['publishedTopology']>>()
  if (signature !== null) published.set('contoso', { ...seen('contoso', { signature, topology }), since })
  const replica = { fqdn: 'se01.contoso.com', upToDate: true, lastStatusReport: null, lastUpdateCreation: updated }
  return world(sets, {
    publishedTopology: published,
    replication: new Map([['contoso', seen('contoso', { replicas: [replica] })]]),
    environmentRecord: new Map(
      Object.entries(recorded).map(([id, contoso]) => [id, seen(id, { record: { contoso } })]),
    ),
  })
}

function runs(situation: Situation, one = nightly): ActionOf<'create-backup-set'>[] {
  const known = memory({ attempts: situation.attempts ?? [] })
  const { actions } = plan(desiredState({ policies: [one] }), observedIn(situation), known, situation.now)
  return actions.filter((action) => action.kind === 'create-backup-set')
}

function failed(run: ActionOf<'create-backup-set'>, endedAt: Time, more: Partial<Attempt> = {}): Attempt {
  const { id: action, kind, subject, slot: none } = run
  return {
    action,
    kind,
    subject,
    slot: none,
    startedAt: endedAt,
    endedAt,
    outcome: 'failed',
    message: null,
    set: null,
    request: null,
    ...more,
  }
}

const published = { now: at(300), signature: 'S-2', since: at(290) }

describe('a run after a change of the configuration', () => {
  it('takes configuration, locations and environment, and is no whole set', () => {
    expect(runs(published)).toMatchObject([
      {
        cause: 'corrective',
        slot: null,
        whole: false,
        items: part,
        request: null,
        reason: expect.stringContaining(whole.id),
      },
    ])
  })

  it.each<[string, Situation, number]>([
    ['nothing changed', { now: at(300) }, 0],
    ['published four minutes ago', { ...published, since: at(296) }, 0],
    ['published five minutes ago', { ...published, since: at(295) }, 1],
    ['settings changed in the morning', { now: at(300), updated: at(200) }, 1],
    ['settings changed four minutes ago', { now: at(300), updated: at(296) }, 0],
    ['settings changed by a clock that is ahead', { now: at(300), updated: at(400) }, 0],
    ['settings changed before the copy', { now: at(300), updated: at(-90) }, 0],
    ['the topology is not to be seen', { ...published, signature: null }, 0],
    ['the set recorded no topology', { ...published, recorded: { [whole.id]: {} } }, 0],
    ['the set recorded that it was unknown', { ...published, recorded: { [whole.id]: { topology: 'unknown' } } }, 0],
    ['the record of the set was not read', { ...published, recorded: {} }, 0],
    ['there is no copy of the configuration', { ...published, sets: [{ ...whole, ok: all.slice(3) }] }, 0],
    [
      'another such run was made within the hour',
      {
        ...published,
        sets: [whole, summary(at(245), { whole: false, ok: part })],
        recorded: { ...recordedAtNight, [`nightly/${at(245)}`]: { topology: 'S-1' } },
      },
      0,
    ],
    [
      'another such run was made an hour ago',
      {
        ...published,
        sets: [whole, summary(at(239), { whole: false, ok: part })],
        recorded: { ...recordedAtNight, [`nightly/${at(239)}`]: { topology: 'S-1' } },
      },
      1,
    ],
    [
      'a newer set has it',
      {
        ...published,
        sets: [whole, summary(at(295), { whole: false, ok: part })],
        recorded: { [`nightly/${at(295)}`]: { topology: 'S-2', configurationUpdatedAt: at(-60) } },
      },
      0,
    ],
  ])('%s', (_, situation, count) => {
    expect(runs(situation)).toHaveLength(count)
  })

  it('is made only where the policy asks for it and holds the configuration', () => {
    expect(runs(published, { ...nightly, afterConfigurationChange: false })).toEqual([])
    const include = { kinds: ['user-data' as const], pools: [], stores: [] }
    const users = summary(slot, { slot, ok: all })
    expect(runs({ ...published, sets: [users] }, { ...nightly, include })).toEqual([])
  })

  it('gives way to a slot that has come', () => {
    const tomorrow = addSeconds(slot, 86_400)
    expect(runs({ now: tomorrow, signature: 'S-2', since: at(290) })).toMatchObject([
      { cause: 'scheduled', whole: true },
    ])
  })

  it('is tried again after a failure, later each time, and under another id', () => {
    const [first] = runs(published)
    const once = [failed(first!, at(301))]
    expect(runs({ ...published, now: addSeconds(at(301), 59), attempts: once })).toEqual([])
    const [second] = runs({ ...published, now: addSeconds(at(301), 60), attempts: once })
    expect(second).toMatchObject({ items: part })
    expect(second?.id).not.toBe(first?.id)
    const twice = [...once, failed(second!, at(303))]
    expect(runs({ ...published, now: addSeconds(at(303), 299), attempts: twice })).toEqual([])
    expect(runs({ ...published, now: addSeconds(at(303), 300), attempts: twice })).toHaveLength(1)
    expect(
      runs({ ...published, now: at(302), attempts: [failed(first!, at(301), { outcome: 'interrupted' })] }),
    ).toHaveLength(1)
  })

  it('is not tried again when what it brought looks wrong', () => {
    const [run] = runs(published)
    const odd = summary(at(301), {
      whole: false,
      state: 'partial',
      ok: part.slice(1),
      flawed: [{ ...part[0]!, outcome: 'suspect' }],
    })
    const attempts = [failed(run!, at(302), { outcome: 'partial', set: odd.id })]
    expect(runs({ ...published, now: at(600), sets: [whole, odd], attempts })).toEqual([])
  })

  it('does not move $Backup', () => {
    const made = summary(at(301), { whole: false, ok: part })
    const pointer = plan(desired, observedIn({ now: at(302), sets: [whole, made] }), memory(), at(302)).actions
    expect(pointer.filter(({ kind }) => kind === 'point-backup')).toMatchObject([{ set: whole.id }])
  })
})

// A day in which the topology is published at any times, each run ends well or fails, and passes come at any times.
it('is made at most once an hour, never twice for the same topology, and in the end for the last one', () => {
  const minutes = fc.integer({ min: 1, max: 900 })
  fc.assert(
    fc.property(fc.array(minutes, { maxLength: 12 }), fc.array(fc.boolean(), { maxLength: 20 }), (times, fails) => {
      const publications = [...new Set(times)].sort((a, b) => a - b)
      const sets = [whole]
      const recorded: Record<string, Record<string, string>> = { ...recordedAtNight }
      const attempts: Attempt[] = []
      const done: { at: Time; signature: string }[] = []
      for (let minute = 1; minute < 1200; minute += 9) {
        const last = publications.findLast((one) => one <= minute)
        const signature = last === undefined ? 'S-1' : `S-${last}`
        const now = at(minute)
        const [run] = runs({
          now,
          signature,
          since: last === undefined ? at(-600) : at(last),
          sets: [...sets],
          recorded,
          attempts,
        })
        if (!run) continue
        expect(run.whole).toBe(false)
        if (fails.shift()) attempts.push(failed(run, now))
        else {
          const made = summary(now, { whole: false, ok: part })
          sets.push(made)
          recorded[made.id] = { topology: signature, configurationUpdatedAt: at(-60) }
          done.push({ at: now, signature })
          attempts.length = 0
        }
      }
      const signatures = done.map(({ signature }) => signature)
      expect(new Set(signatures).size).toBe(signatures.length)
      for (const [n, one] of done.entries())
        if (n > 0) expect(secondsBetween(done[n - 1]!.at, one.at)).toBeGreaterThanOrEqual(3600)
      const last = publications.at(-1)
      if (last !== undefined) expect(signatures.at(-1)).toBe(`S-${last}`)
    }),
    { numRuns: 20 },
  )
})
