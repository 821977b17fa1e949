import { beforeAll, describe, expect, it } from 'vitest'
import { runbookInWords } from '../../src/cli/runbook-text.ts'
import { load } from '../../src/desired/load.ts'
import type { Desired, Recovery } from '../../src/domain/model.ts'
import { runbookView, type RunbookView } from '../../src/views/runbook.ts'
import { statusView } from '../../src/views/status.ts'
import { contoso } from '../support/contoso.ts'
import { wipe } from '../support/servers.ts'
import { Watch } from '../support/watch.ts'

// What an operator sees of a lost server at night: what is next, who does it, and what to commit.
let desired: Desired
beforeAll(async () => {
  desired = await contoso()
})

const lostFrom = (...subjects: string[]): Watch => {
  const watch = new Watch(desired)
  for (const subject of subjects) wipe(watch.world, subject)
  watch.after(16 * 60)
  return watch
}

function viewOf(watch: Watch, ...subjects: string[]): RunbookView {
  const { observed, known: memory, last: plan, now } = watch
  return runbookView({ desired: watch.desired, observed: observed!, memory, plan, now, sets: [] }, subjects)!
}

const context = { output: 'text', terminal: { isInteractive: false } } as unknown as Parameters<
  typeof runbookInWords
>[1]

/** The YAML below the line that offers it, up to the empty line after it. */
function offered(text: string): string {
  return /^To (?:declare|say).*\n([^]*?)\n\n/m.exec(text)?.[1] ?? ''
}

function recoveriesIn(yaml: string): readonly Recovery[] {
  const deployment = `apiVersion: holdfast/v1
kind: Deployment
metadata: { name: contoso }
spec: { product: lync-server-2013, domain: contoso.com, sipDomains: [contoso.com] }
---
apiVersion: holdfast/v1
kind: Pool
metadata: { name: se01.contoso.com }
spec: { site: Munich, type: standard-edition, servers: [se01.contoso.com], userStore: se01 }
---
apiVersion: holdfast/v1
kind: SqlStore
metadata: { name: se01 }
spec: { host: se01.contoso.com, instance: rtc }
---
`
  const loaded = load('r', [{ path: 'all.yaml', text: deployment + yaml }])
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors))
  return loaded.desired.recoveries
}

describe('the runbook of a flagged server', () => {
  it('says what is next, and offers a Recovery that can be committed as it is', () => {
    const watch = lostFrom('se01.contoso.com')
    const text = runbookInWords(viewOf(watch, 'se01.contoso.com'), context)
    expect(text).toMatch(/^0 of \d+ steps done\. Next$/m)
    expect(text).toContain('[ready] Make sure that Active Directory, DNS, DHCP,')
    expect(text).toContain('Seen: It answers and has no Lync services.')
    expect(recoveriesIn(offered(text))).toEqual([
      {
        ...{
          name: 'se01-contoso-com-2026-03-10',
          file: 'all.yaml',
          server: 'se01.contoso.com',
          scenario: 'standard-edition',
        },
        ...{ from: 'latest', run: 'guide', accept: [], choose: [], finished: null },
        acknowledge: ['check-surroundings', 'check-restore-rights'].map((step) => ({
          ...{ step, subject: 'se01.contoso.com', by: 'your name', at: watch.now, note: null },
        })),
      },
    ])
  })

  it('offers what to add to a Recovery that is there, with the ways of a fork', () => {
    // Below quorum: a person decides.
    const watch = lostFrom('fe01.contoso.com', 'fe02.contoso.com')
    const said = { subject: null, by: 'Jane', at: watch.now, note: 'by phone' }
    const acknowledge = [{ step: 'check-restore-rights', ...said }]
    const recovery: Recovery = {
      ...{ name: 'fe01', file: 'r.yaml', server: 'fe01.contoso.com', scenario: 'member-server', from: 'latest' },
      ...{ run: 'guide', accept: [], acknowledge, choose: [], finished: null },
    }
    Object.assign(watch, { desired: { ...watch.desired, recoveries: [recovery] } })
    watch.after(60)
    const view = viewOf(watch, 'fe01.contoso.com')
    expect(view.recovery).toBe('fe01')
    const text = runbookInWords(view, context)
    expect(text).toContain('add this to Recovery fe01')
    expect(offered(text)).toContain('- step: decide-on-quorum')
    expect(offered(text)).toContain('branch: reset or wait')
    expect(text).toContain('Seen: Jane says that it was done')
  })

  it('of several says how the steps of each stand, and offers nothing to commit for only one of them', () => {
    const watch = lostFrom('se01.contoso.com')
    wipe(watch.world, 'sql05.contoso.com')
    watch.after(16 * 60)
    const view = viewOf(watch, 'sql05.contoso.com', 'se01.contoso.com')
    const text = runbookInWords(view, context)
    expect(text).toMatch(/^\d+ of \d+ steps done\. Next$/m)
    expect(text).toContain('Seen: It answers and has no Lync services.')
    expect(text).not.toContain('commit')
    expect(view.steps.every(({ state }) => state !== undefined)).toBe(true)
    expect(viewOf(watch, 'sql05.contoso.com', 'fe01.contoso.com').steps.every(({ state }) => !state)).toBe(true)
  })

  it('of a member of a pool that is lost says how the steps of its pool stand', () => {
    const watch = new Watch(desired).off('fe01', 'fe02', 'fe03')
    watch.after(16 * 60)
    expect(watch.last.flags.map(({ subject }) => subject)).toEqual(['pool01.contoso.com'])
    const stateOf = (subject: string, id: string): string | undefined =>
      viewOf(watch, subject).steps.find((step) => step.id === id)?.state
    for (const id of ['check-surroundings', 'rebuild-machine', 'start-server'])
      expect(stateOf('fe01.contoso.com', id)).toBe(stateOf('pool01.contoso.com', id) ?? 'missing')
  })

  it('of a server that is back, with steps left, still says how they stand, and what to say of them', () => {
    const watch = lostFrom('fe01.contoso.com')
    const acknowledge = [{ step: 'check-restore-rights', subject: null, by: 'Jane', at: watch.now, note: null }]
    const recovery: Recovery = {
      ...{ name: 'fe01', file: 'r.yaml', server: 'fe01.contoso.com', scenario: 'member-server', from: 'latest' },
      ...{ run: 'holdfast', accept: [], acknowledge, choose: [], finished: null },
    }
    Object.assign(watch, { desired: { ...watch.desired, recoveries: [recovery] } })
    watch.after(60)
    const whole = new Watch(desired).world
    watch.world.hosts.set('fe01.contoso.com', whole.hosts.get('fe01.contoso.com')!)
    watch.after(120)
    expect(watch.last.flags).toEqual([])
    const view = viewOf(watch, 'fe01.contoso.com')
    const text = runbookInWords(view, context).replaceAll(/\s+/g, ' ')
    expect(text).toContain('It is flagged no more, and Holdfast runs nothing of it.')
    expect(text).toMatch(/\d+ of \d+ steps done\. Next/)
    expect(text).toContain('add this to Recovery fe01; name only what was done')
    expect(text).toContain('[done] Make sure that your account may do all of it')
    const { observed, known: memory, last: plan, now } = watch
    const { recoveries } = statusView(
      { desired: watch.desired, observed: observed!, memory, plan, now },
      { running: true, lastPassAt: now },
    )
    expect(recoveries).toMatchObject([{ server: 'fe01.contoso.com', recovery: 'fe01' }])
    expect(recoveries[0]?.next.length).toBeGreaterThan(0)
  })

  it('of a server that is not flagged has no states, and offers nothing', () => {
    const watch = new Watch(desired)
    watch.after(60)
    const view = viewOf(watch, 'se01.contoso.com')
    expect(view.steps.every(({ state }) => state === undefined)).toBe(true)
    const text = runbookInWords(view, context)
    expect(text).not.toMatch(/\[ready\]|Next|commit/)
  })
})

it('status tells how far each flagged subject is, and the next thing to do', () => {
  const watch = lostFrom('se01.contoso.com')
  const { observed, known: memory, last: plan, now } = watch
  const heart = { running: true, lastPassAt: now }
  const { recoveries } = statusView({ desired, observed: observed!, memory, plan, now }, heart)
  expect(recoveries).toMatchObject([
    {
      ...{ server: 'se01.contoso.com', recovery: null, done: 0 },
      next: [
        { id: 'check-surroundings', actor: 'operator', state: 'ready' },
        { id: 'check-restore-rights', actor: 'operator', state: 'ready' },
      ],
    },
  ])
})
