import { Document } from 'yaml'
import type { RunbookView } from '../views/runbook.ts'

type Steps = RunbookView['steps']

/**
 * What to commit so that the steps that nothing can see go on: a whole `Recovery`, or, where there is one already, what to
 * add to it. Null where no such step is ready.
 */
export function recoveryToCommit(view: RunbookView): { text: string; isWhole: boolean } | null {
  const { server, scenario, recovery, steps, at } = view
  if (scenario === null) return null
  const open = steps.filter(({ state, acknowledgeable }) => state === 'ready' && acknowledgeable === true)
  const spec = saidOf(open, at)
  const isWhole = recovery === null
  if (!isWhole && open.length === 0) return null
  const whole = {
    ...{ apiVersion: 'holdfast/v1', kind: 'Recovery' },
    metadata: { name: `${server.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${at.slice(0, 10)}`.replace(/^-+/, '') },
    spec: { server, scenario, ...spec },
  }
  return { text: new Document(isWhole ? whole : { spec }).toString({ lineWidth: 0, singleQuote: true }), isWhole }
}

function saidOf(open: Steps, at: string): Record<string, unknown> {
  const by = 'your name'
  const done = open.filter(({ branches }) => branches === undefined)
  const forks = open.flatMap(({ branches, ...step }) => (branches ? [{ ...step, branches }] : []))
  return {
    ...(done.length === 0 ? {} : { acknowledge: done.map(({ id: step, subject }) => ({ step, subject, by, at })) }),
    ...(forks.length === 0
      ? {}
      : {
          choose: forks.map(({ id: step, subject, branches }) => ({
            ...{ step, subject },
            branch: branches.map(({ name }) => name).join(' or '),
            ...{ by, at },
          })),
        }),
  }
}
