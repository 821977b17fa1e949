import { describe, expect, it } from 'vitest'
import type { Acceptance, Recovery } from '../../src/domain/model.ts'
import type { Declaration, Runbook, Step, StepRun } from '../../src/domain/runbook.ts'
import type { Flag } from '../../src/domain/statement.ts'
import { lastSteps, leftoverNews, recoveryNews } from '../../src/reconcile/recovery-news.ts'
import type { NewEntry } from '../../src/store/store.ts'

// What the journal keeps of a declared recovery: from one pass to the next, and nothing while nothing changes.
const server = 'sql05.contoso.com'
const lost = '2026-03-10T10:00:00.000Z'
const noon = '2026-03-10T12:00:00.000Z'
const commit = { author: 'Ada Smith', subject: 'Restore sql05', at: '2026-03-10T11:55:00.000Z' }
const database = `${server}/LcsLog`

const step = (id: string, state: Step['state'], more: Partial<Step> = {}): Step => ({
  ...{ id, subject: server, title: `Do ${id}`, actor: 'operator', state, since: noon, isAcknowledgeable: false },
  ...more,
})
const run = (...gates: StepRun['refused'][number]['gate'][]): StepRun => ({
  ...{ action: 'a', operation: { kind: 'stop-services', servers: [] }, set: null, isRunning: false },
  refused: gates.map((gate) => ({ gate, message: `Not so, by ${gate}.` })),
})
const runbook = (steps: readonly Step[], declaration: Partial<Declaration> | null = {}): Runbook => ({
  ...{ subject: server, scenario: 'archiving-monitoring', since: lost, steps },
  recovery: declaration === null ? null : 'july',
  ...(declaration && { declaration: { run: 'holdfast', from: 'latest', commit, accepts: [], ...declaration } }),
})
const flag: Flag = {
  ...{ subject: server, scenario: 'archiving-monitoring', reason: '', since: lost, evidence: [], seen: ['absent'] },
}

function news(before: Runbook | null, after: Runbook | null, recoveries: Recovery[] = [], flags = [flag]): string[] {
  const lists = [before, after].map((one) => (one ? [one] : []))
  const plan = { runbooks: lists[1] ?? [], flags, closed: [] }
  return recoveryNews(lists[0] ?? [], plan, { recoveries, revision: 'a1' }).map(inWords)
}

const inWords = ({ type, subject, message }: NewEntry): string => `${type} ${subject} ${message}`

/** In the pass that closes its flag: what comes before that entry, and what after. */
function closing(before: Runbook, at: Runbook): string[][] {
  const [plan, git] = [
    { runbooks: [], flags: [], closed: [at] },
    { recoveries: [], revision: 'a1' },
  ]
  return [lastSteps([before], plan, git), recoveryNews([before], plan, git)].map((entries) => entries.map(inWords))
}

const head = `recovery july, server ${server}`

describe('after the flag has closed', () => {
  const open = runbook([step('take-image', 'ready'), step('watch', 'waiting')])
  const finished = { by: 'Jane', at: noon, note: 'no image' }
  const recovery = { name: 'july', server, finished } as unknown as Recovery
  const told = (before: Runbook[], now: Runbook[], recoveries: Recovery[] = [], closed: Runbook[] = []): string[] =>
    leftoverNews({ leftovers: before }, { leftovers: now, closed }, { recoveries, revision: 'a1' }).map(inWords)

  it('what is done is told, once, and not again what was told when it closed', () => {
    const said = { how: 'said', by: 'Jane', at: noon, committedBy: null } as const
    const done = runbook([step('take-image', 'done', { proof: said }), step('watch', 'ready')])
    expect(told([open], [done])).toEqual([
      `step-done ${server} ${head}, since ${noon}, step take-image, title "Do take-image", how said, by Jane, as-of ${noon}`,
    ])
    expect(told([done], [done])).toEqual([])
    expect(told([], [done], [], [done])).toEqual([])
  })

  it('that it was finished is told, with what was left; that its file is gone is not', () => {
    expect(told([open], [], [recovery])).toEqual([
      `recovery-finished ${server} ${head}, by Jane, as-of ${noon}, left "take-image of ${server}", left "watch of ${server}": no image`,
    ])
    expect(told([open], [])).toEqual([])
    expect(told([runbook([step('watch', 'done')])], [], [recovery])).toEqual([])
  })
})

describe('a Recovery', () => {
  it('is told when it is declared: who committed it, what it asks for, and what is done by then', () => {
    const after = runbook([step('install', 'done', { since: lost, proof: { how: 'seen' }, evidence: 'It answers.' })])
    expect(news(runbook([step('install', 'done')], null), after)).toEqual([
      `recovery-declared ${server} ${head}, scenario archiving-monitoring, from latest, run holdfast, since ${lost}, author "Ada Smith", committed ${commit.at}: Restore sql05`,
      `step-done ${server} ${head}, since ${lost}, step install, title "Do install", how seen: It answers.`,
    ])
  })

  it('is told once, and again when it asks for something else or another commit changed its file', () => {
    const steps = [step('install', 'ready')]
    expect(news(runbook(steps), runbook(steps))).toEqual([])
    expect(news(runbook(steps, { run: 'guide' }), runbook(steps))).toEqual([expect.stringMatching(/^recovery-changed/)])
    const other = { commit: { ...commit, author: 'Bob' } }
    expect(news(runbook(steps), runbook(steps, other))).toEqual([expect.stringContaining('author Bob')])
  })

  it('that an older version remembered without what it asks for is told anew', () => {
    const { declaration: _, ...old } = runbook([step('install', 'done')])
    expect(news(old, runbook([step('install', 'done')])).map((text) => text.split(' ')[0])).toEqual([
      'recovery-declared',
      'step-done',
    ])
  })

  it('is told with each thing that it accepts, and who says so', () => {
    const accept: Acceptance = {
      ...{ what: 'rows-since-rebuild', subject: database, fact: null, by: 'Jane Doe', at: noon, note: 'an hour: gone' },
    }
    const [told, ...others] = news(runbook([]), runbook([], { accepts: [accept] }))
    expect(others).toEqual([])
    expect(told).toBe(
      `recovery-accepted ${server} ${head}, author "Ada Smith", what rows-since-rebuild, of ${database}, by "Jane Doe", as-of ${noon}: an hour: gone`,
    )
    expect(news(runbook([], { accepts: [accept] }), runbook([], { accepts: [accept] }))).toEqual([])
  })

  it('ends with its flag, by a word in Git, or by a file that is gone; with what was not done', () => {
    const open = runbook([step('install', 'done'), step('watch', 'ready')])
    expect(news(open, null, [], [])).toEqual([`recovery-closed ${server} ${head}, left "watch of ${server}"`])
    expect(news(open, runbook(open.steps, null))).toEqual([expect.stringMatching(/^recovery-withdrawn /)])
    const finished = { name: 'july', server, finished: { by: 'Jane', at: noon, note: null } } as Recovery
    expect(news(open, runbook(open.steps, null), [finished])).toEqual([
      `recovery-finished ${server} ${head}, by Jane, as-of ${noon}, left "watch of ${server}"`,
    ])
  })
})

describe('in the pass that closes the flag', () => {
  const open = step('watch', 'ready')

  it('what was done in it is told, before the end, and is not left', () => {
    const done = step('restore', 'done', { proof: { how: 'ran' }, evidence: 'Holdfast ran it.' })
    expect(closing(runbook([step('restore', 'ready'), open]), runbook([done, open]))).toEqual([
      [`step-done ${server} ${head}, since ${noon}, step restore, title "Do restore", how ran: Holdfast ran it.`],
      [`recovery-closed ${server} ${head}, left "watch of ${server}"`],
    ])
  })

  it('nothing is told twice, nor what is not done, nor of what nobody declared before', () => {
    const done = runbook([step('restore', 'done'), open])
    expect(closing(done, runbook([step('restore', 'done'), { ...open, state: 'blocked' }]))[0]).toEqual([])
    expect(closing(runbook([step('restore', 'ready')], null), done)).toEqual([[], []])
  })
})

describe('a step', () => {
  const changed = (before: Step, after: Step): string[] => news(runbook([before]), runbook([after]))

  it('that somebody says was done: who, when, and who committed it', () => {
    const proof = { how: 'said', by: 'Jane', at: noon, committedBy: 'Ada Smith' } as const
    const done = step('take-image', 'done', { proof, evidence: 'Jane says so.' })
    expect(changed(step('take-image', 'ready'), done)).toEqual([
      `step-done ${server} ${head}, since ${noon}, author "Ada Smith", step take-image, title "Do take-image", how said, by Jane, as-of ${noon}: Jane says so.`,
    ])
  })

  it('is told when it goes back, is disputed, or is ended by a fork', () => {
    expect(changed(step('a', 'done'), step('a', 'waiting'))).toEqual([expect.stringMatching(/^step-undone .*step a/)])
    expect(changed(step('a', 'ready'), step('a', 'waiting'))).toEqual([])
    expect(changed(step('a', 'ready'), step('a', 'blocked'))).toEqual([expect.stringMatching(/^step-blocked/)])
    const ended = step('a', 'ended', { endedBy: { id: 'find-principal', subject: server } })
    expect(changed(step('a', 'waiting'), ended)).toEqual([
      expect.stringContaining(`fork "find-principal of ${server}"`),
    ])
  })

  it('that the gate refuses: once, until something else is against it; not what only waits its turn', () => {
    const refused = (...gates: Parameters<typeof run>): Step => step('restore', 'ready', { run: run(...gates) })
    const open = step('restore', 'ready', { run: run() })
    expect(changed(open, refused('copy-incomplete', 'environment-changed'))).toEqual([
      `step-refused ${server} ${head}, step restore, title "Do restore", gate copy-incomplete, gate environment-changed: Not so, by copy-incomplete. Not so, by environment-changed.`,
    ])
    expect(changed(refused('copy-incomplete'), refused('copy-incomplete'))).toEqual([])
    expect(changed(open, refused('step-waits', 'restored-now'))).toEqual([])
    expect(changed(open, step('restore', 'waiting', { run: run('copy-incomplete') }))).toEqual([])
    expect(news(runbook([open], { run: 'guide' }), runbook([refused('copy-incomplete')], { run: 'guide' }))).toEqual([])
  })
})
