/** What of a step that Holdfast runs is shown beside its state. */
import { expect, it } from 'vitest'
import { runbookInWords } from '../../src/cli/runbook-text.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import { runbookView, type RunbookView } from '../../src/views/runbook.ts'
import { database, good, planned, restoring, server, snapshotOf, type Change } from '../plan/recovery/rebuilt.ts'

const [action] = restoring(planned())
if (!action) throw new Error('no step is due')

/** The copy of the database, with its size. */
const held = [
  { id: good, unc: '', items: [{ kind: 'sql-database', subject: database, path: 'x', outcome: 'ok', bytes: 3000 }] },
] as unknown as BackupSet[]
const viewOf = (change: Change): RunbookView => runbookView({ ...snapshotOf(change), sets: held }, [server])!
const runIn = (view: RunbookView) => view.steps.find(({ subject, run }) => subject === database && run)?.run
const context = { output: 'text', terminal: { isInteractive: false, env: {} } } as unknown as Parameters<
  typeof runbookInWords
>[1]

it('a running step says how far it is, where that is known', () => {
  const view = viewOf({ memory: { inFlight: [action], progress: { [action.id]: { percent: 34, reading: false } } } })
  expect(runIn(view)).toMatchObject({ running: true, percent: 34 })
  const text = runbookInWords(view, context)
  expect(text).toMatch(/restore-databases .*RUNNING: 34 %/)
  expect(text).toContain('Holdfast runs it now: 34 % done.')

  const reads = viewOf({ memory: { inFlight: [action], progress: { [action.id]: { percent: 70, reading: true } } } })
  expect(runIn(reads)).toMatchObject({ running: true, percent: 70, reading: true })
  const told = runbookInWords(reads, context)
  expect(told).toMatch(/restore-databases .*READING: 70 %/)
  expect(told.replace(/\s+/g, ' ')).toContain(
    'Holdfast runs it now: it has read 70 % of the backup, before anything is changed.',
  )

  const silent = viewOf({ memory: { inFlight: [action] } })
  expect(runIn(silent)).toMatchObject({ running: true })
  expect(runIn(silent)).not.toHaveProperty('percent')
  expect(runbookInWords(silent, context)).toContain('Holdfast runs it now.')
})

it('a step that does not run has no percent, whatever was noted of an earlier try', () => {
  expect(runIn(viewOf({ memory: { progress: { [action.id]: { percent: 34, reading: false } } } }))).not.toHaveProperty(
    'percent',
  )
})

it('a step that was run before says how long it takes, and from what that is known', () => {
  const last = { at: '2026-01-10T12:00:00.000Z', seconds: 1200, bytes: 1000 }
  const view = viewOf({ memory: { pastRuns: { 'restore-item sql-database': [last] } } })
  const step = view.steps.find(({ id }) => id === 'restore-databases')
  expect(step?.measured).toEqual({ seconds: 3600, runs: 1, last })
  expect(view.estimateBasis).toBe(`rule of thumb; 1 of ${view.steps.length} steps as they took before`)
  expect(runbookInWords(view, context)).toContain('It takes about 1 h, from the last run: 1000 B in 20 min,')
  // The allowance of the step, as the row has it, makes way.
  expect(view.estimateSeconds).toBe(viewOf({}).estimateSeconds - (step?.minutes ?? 0) * 60 + 3600)
})

it('a step that was never run has no estimate of its own', () => {
  const view = viewOf({})
  expect(view.steps.every((step) => step.measured === undefined)).toBe(true)
  expect(view.estimateBasis).toBe('rule of thumb')
  expect(runbookInWords(view, context)).not.toContain('It takes about')
})
