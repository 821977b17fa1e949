import { Problem } from '../base/problem.ts'
import type { ActionOf } from '../domain/action.ts'
import { itemKey, sameSubject } from '../domain/subject.ts'
import type { Item } from '../domain/words.ts'
import type { Ending, Handler, Tools } from './handler.ts'
import type { RestoreContext } from './restore/restorer.ts'
import { restorerOf } from './restore/restorers.ts'

type Step = ActionOf<'recovery-step'>

/** Runs one step of a recovery whose gate is open: what it brings back is proved before the step ends. */
export const recoveryStep: Handler<Step> = {
  async run(action, tools, signal) {
    const { operation } = action
    switch (operation.kind) {
      case 'restore-item':
        return restoreItem(operation.item, action, tools, signal)
      case 'stop-services':
      case 'start-services':
      case 'check-replication':
        throw notRun(action)
    }
  },

  // Each is idempotent: what was broken off is begun again, and what is back already is proved once more.
  resolve: (action) =>
    Promise.resolve({ outcome: 'interrupted', message: 'The daemon ended in the middle of it.', set: action.set }),
}

async function restoreItem(item: Item, action: Step, tools: Tools, signal: AbortSignal): Promise<Ending> {
  const restorer = restorerOf(item.kind)
  if (!restorer) throw notRun(action)
  const set = tools.sets().find(({ id }) => id === action.set)
  const copy = set?.items.find((one) => itemKey(one) === itemKey(item))
  if (!set || !copy)
    throw new Problem('set-unknown', {
      subject: action.set ?? item.subject,
      message: `No location holds a set with ${item.kind} of ${item.subject} any more.`,
      hint: 'holdfast sets lists them.',
    })
  const context: RestoreContext = {
    ...{ set, copy, tools, signal },
    accepts: (what) =>
      action.accepts.some(
        (one) => one.what === what && (one.subject === null || sameSubject(one.subject, item.subject)),
      ),
    onPercent: () => {},
  }
  const { message } = await tools.limit(restorer.resource(item, tools), signal, () => restorer.restore(item, context))
  return { outcome: 'done', message, set: set.id }
}

function notRun({ step, subject }: Step): Problem {
  return new Problem('unexpected', { subject, message: `This version does not run the step ${step}.` })
}
