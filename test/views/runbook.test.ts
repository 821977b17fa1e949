/** What of a step that Holdfast runs is shown beside its state. */
import { expect, it } from 'vitest'
import { runbookInWords } from '../../src/cli/runbook-text.ts'
import { runbookView, type RunbookView } from '../../src/views/runbook.ts'
import { database, planned, restoring, server, snapshotOf, type Change } from '../plan/recovery/rebuilt.ts'

const [action] = restoring(planned())
if (!action) throw new Error('no step is due')

const viewOf = (change: Change): RunbookView => runbookView({ ...snapshotOf(change), sets: [] }, [server])!
const runIn = (view: RunbookView) => view.steps.find(({ subject, run }) => subject === database && run)?.run
const context = { output: 'text', terminal: { isInteractive: false, env: {} } } as unknown as Parameters<
  typeof runbookInWords
>[1]

it('a running step says how far it is, where that is known', () => {
  const view = viewOf({ memory: { inFlight: [action], percents: { [action.id]: 34 } } })
  expect(runIn(view)).toMatchObject({ running: true, percent: 34 })
  const text = runbookInWords(view, context)
  expect(text).toMatch(/restore-databases .*RUNNING: 34 %/)
  expect(text).toContain('Holdfast runs it now: 34 % done.')

  const silent = viewOf({ memory: { inFlight: [action] } })
  expect(runIn(silent)).toMatchObject({ running: true })
  expect(runIn(silent)).not.toHaveProperty('percent')
  expect(runbookInWords(silent, context)).toContain('Holdfast runs it now.')
})

it('a step that does not run has no percent, whatever was noted of an earlier try', () => {
  expect(runIn(viewOf({ memory: { percents: { [action.id]: 34 } } }))).not.toHaveProperty('percent')
})
