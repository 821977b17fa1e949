/** A recovery on paper: what is known of each step without a look, and what the whole comes to. */
import { describe, expect, test } from 'vitest'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { EnvironmentRecord } from '../../src/domain/environment-record.ts'
import type { Memory } from '../../src/domain/plan.ts'
import type { Item } from '../../src/domain/words.ts'
import { plan } from '../../src/plan/plan.ts'
import { drillOf, type DrillView } from '../../src/views/drill.ts'
import { contoso } from '../support/contoso.ts'
import { memory, seen, summary, world } from '../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const madeAt = '2026-03-10T02:00:00.000Z'
const set = `nightly/${madeAt}`
const sample = await contoso()
const server = 'se01.contoso.com'
const items: Item[] = [
  { kind: 'user-data', subject: server },
  { kind: 'response-groups', subject: server },
  { kind: 'file-store', subject: String.raw`\\se01.contoso.com\LyncShare` },
]
const patched: EnvironmentRecord = Object.fromEntries(
  sample.pools.flatMap(({ servers }) => servers.map((one) => [one, { patchLevel: '6.0.9319.598' }])),
)

interface Given {
  copy?: Partial<SetSummary>
  later?: readonly SetSummary[]
  recorded?: EnvironmentRecord | null
  facts?: Parameters<typeof world>[1]
  known?: Partial<Memory>
}

function drilled(subject: string, given: Given = {}): DrillView {
  const { copy = {}, later = [], recorded = patched, facts, known = {} } = given
  const made = summary(madeAt, { ok: items, verified: { checksum: madeAt, content: madeAt }, ...copy })
  const observed = world([made, ...later], {
    environmentRecord: new Map(recorded ? [[set, seen(set, { record: recorded })]] : []),
    ...facts,
  })
  const remembered = memory(known)
  const planned = plan(sample, observed, remembered, now)
  return drillOf({ desired: sample, observed, memory: remembered, plan: planned, now, sets: [] }, [subject])!.view([])
}

const checks = (view: DrillView, about: string) =>
  view.steps.flatMap((step) => step.checks).filter((check) => check.about === about)

test('comes through where every copy is there and proved; what was never restored is told', () => {
  const view = drilled(server)
  expect(view).toMatchObject({ outcome: 'comes-through', from: 'latest', stops: [] })
  expect(checks(view, 'verified').map(({ result }) => result)).toEqual(['holds', 'holds', 'holds'])
  expect(checks(view, 'role').map(({ message }) => message)).toEqual([
    ...['user-data', 'response-groups'].map(
      () => `The account exported it at ${madeAt}: that takes RTCUniversalServerAdmins, as the import does.`,
    ),
  ])
  expect(view.unproved.map(({ about, subject }) => `${about} ${subject}`)).toEqual([
    ...[items[2]!, items[0]!, items[1]!].map(({ subject }) => `restore-test ${subject}`),
  ])
  expect(view.steps.every(({ checks: told }) => told.length > 0)).toBe(true)
})

describe('would stop', () => {
  test('where an item has no copy, with what to do', () => {
    const view = drilled(server, { copy: { ok: items.slice(0, 2) } })
    expect(view.outcome).toBe('stops')
    expect(view.stops).toContainEqual(
      expect.objectContaining({
        ...{ about: 'copy', subject: items[2]!.subject },
        remedy: expect.stringContaining('holdfast sets') as string,
      }),
    )
  })

  test('where the environment is another one than the set recorded, or no set recorded it', () => {
    const recorded = { ...patched, [server]: { ...patched[server], dns: '10.20.0.24' } }
    const dns = new Map([[server, seen(server, { answers: ['10.9.9.9'] })]])
    expect(drilled(server, { recorded, facts: { dns } }).stops).toMatchObject([
      {
        ...{ about: 'environment-changed', subject: server },
        remedy: `Put DNS of ${server} back as it was, or accept the difference by name in the Recovery.`,
      },
    ])
    expect(drilled(server, { recorded: null }).stops).toMatchObject([
      { about: 'environment', message: expect.stringContaining('No set says how the environment was') as string },
    ])
  })
})

describe('is unproved', () => {
  test('where nobody verified the set beyond its structure', () => {
    const told = (verified: SetSummary['verified']): string[] =>
      drilled(server, { copy: { verified } }).unproved.flatMap(({ about, message }) =>
        about === 'verified' ? [message] : [],
      )
    expect(told({})[0]).toBe(`${set} was never verified: nobody knows whether its bytes are still what was written.`)
    expect(told({ structure: madeAt })[0]).toContain('never verified beyond its structure')
  })

  test('where the account exported it once, and failed to since', () => {
    const flawed = [
      { ...items[0]!, outcome: 'failed' as const, code: 'shell-call-failed' as const, reason: 'Access denied.' },
    ]
    const failed = summary('2026-03-10T03:00:00.000Z', { state: 'partial', whole: false, ok: items.slice(1), flawed })
    const [role] = checks(drilled(server, { later: [failed] }), 'role').filter(({ result }) => result === 'unproved')
    expect(role?.message).toContain(`exported it at ${madeAt}, but not in ${failed.id}`)
  })
})

test('what a restore test brought back is proved; an import that was only tried is not', () => {
  const at = '2026-03-09T02:00:00.000Z'
  const trial = { set, at, imports: [{ pool: server, outcome: 'passed' as const, message: null }] }
  const restoreProofs: Memory['restoreProofs'] = {
    nightly: { kinds: { 'file-store': { set, at, items: 1 } }, turns: {}, trials: [trial] },
  }
  const told = checks(drilled(server, { known: { restoreProofs } }), 'restore-test')
  expect(told.map(({ result, message }) => [result, message.includes('Tried only')])).toEqual([
    ['holds', false],
    ['unproved', true],
    ['unproved', false],
  ])
})

test('the machines of the partner are asked for, and one that nobody looked at is unknown', () => {
  const about = checks(drilled('pool01.contoso.com', { copy: { ok: [] } }), 'machine')
  expect(new Set(about.map(({ subject }) => subject))).toContain('fe11.contoso.com')
  expect(about.every(({ result }) => result === 'unknown')).toBe(true)
})

test('null where the deployment has nothing of that name', () => {
  const observed = world([])
  const snapshot = {
    desired: sample,
    observed,
    memory: memory(),
    plan: plan(sample, observed, memory(), now),
    now,
    sets: [],
  }
  expect(drillOf(snapshot, ['no.contoso.com'])).toBeNull()
})
