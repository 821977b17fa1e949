import { Problem } from '../base/problem.ts'
import type { ActionOf } from '../domain/action.ts'
import type { BackupSet, ItemOutcome } from '../domain/backup-set.ts'
import { itemKey, sameSubject } from '../domain/subject.ts'
import type { Item } from '../domain/words.ts'
import type { Ending, Handler, Tools } from './handler.ts'
import { proveByCount } from './restore/count-now.ts'
import { failBackPool, syncConferenceContent } from './restore/pairs.ts'
import type { RestoreContext, Restored } from './restore/restorer.ts'
import { restorerOf } from './restore/restorers.ts'
import { startServices, stopServices } from './restore/services.ts'

type Step = ActionOf<'recovery-step'>

/** Runs one step of a recovery whose gate is open: what it brings back is proved before the step ends. */
export const recoveryStep: Handler<Step> = {
  async run(action, tools, signal) {
    const { message, counts = {}, seconds, resumed } = await runOperation(action, tools, signal)
    const bytes = bytesOf(action, tools)
    return {
      outcome: 'done',
      message,
      set: action.set,
      restored: { seconds, bytes, counts, ...(resumed && { resumed }) },
    }
  },

  // Each is idempotent: what was broken off is begun again, and what is back already is proved once more.
  resolve: (action): Promise<Ending> =>
    Promise.resolve({ outcome: 'interrupted', message: 'The daemon ended in the middle of it.', set: action.set }),
}

type Timed = Restored & { seconds: number }

function runOperation(action: Step, tools: Tools, signal: AbortSignal): Promise<Timed> {
  const { operation } = action
  const onShellHost = (task: () => Promise<Restored>): Promise<Timed> =>
    tools.limit({ kind: 'shellHost' }, signal, () => timed(task, tools))
  switch (operation.kind) {
    case 'restore-item':
      return restoreItem(operation.item, action, tools, signal)
    case 'stop-services':
      return onShellHost(() => stopServices(operation.servers, tools, signal))
    case 'start-services':
      return onShellHost(() => startAndCount(operation, action, tools, signal))
    case 'fail-back-pool':
      return onShellHost(() => failBackPool(operation, tools, signal))
    case 'sync-conference-content':
      return onShellHost(() => syncConferenceContent(operation, tools, signal))
    case 'check-replication':
      throw new Problem('unexpected', { subject: action.subject, message: 'A look is not run.' })
  }
}

/** Without the time in which others had their turn. */
async function timed(task: () => Promise<Restored>, { drivers: { clock } }: Tools): Promise<Timed> {
  const begun = clock.monotonic()
  const restored = await task()
  return { ...restored, seconds: (clock.monotonic() - begun) / 1000 }
}

async function restoreItem(item: Item, action: Step, tools: Tools, signal: AbortSignal): Promise<Timed> {
  const restorer = restorerOf(item.kind)
  if (!restorer) throw new Problem('unexpected', { subject: item.subject, message: `No step restores ${item.kind}.` })
  const { set, copy } = copyOf(item, action, tools)
  const context: RestoreContext = {
    ...{ set, copy, tools, signal, lostSince: action.lostSince },
    accepts: acceptedOf(item, action),
    onPercent: (percent, reading = false) => {
      tools.progress({ kind: 'step-percent', step: { id: action.step, subject: action.subject }, percent, reading })
    },
  }
  return tools.limit(restorer.resource(item, tools), signal, () => timed(() => restorer.restore(item, context), tools))
}

function acceptedOf({ subject }: Item, { accepts }: Step): RestoreContext['accepts'] {
  return (what, fact) =>
    accepts.some(
      (one) =>
        one.what === what &&
        (one.subject === null || sameSubject(one.subject, subject)) &&
        (fact === undefined ? (one.fact ?? null) === null : sameSubject(one.fact ?? '', fact)),
    )
}

/** User data take effect when the services of the pool were started together: then they are counted ("Import-CsUserData"). */
async function startAndCount(
  operation: Extract<Step['operation'], { kind: 'start-services' }>,
  action: Step,
  tools: Tools,
  signal: AbortSignal,
): Promise<Restored> {
  const started = await startServices(operation, tools, signal)
  if (action.set === null) return started
  const item: Item = { kind: 'user-data', subject: operation.pool }
  const { copy } = copyOf(item, action, tools)
  const { message, counts = {} } = await proveByCount({ copy, tools, accepts: acceptedOf(item, action), signal })
  return { ...started, message: `${started.message} ${message}`, counts }
}

/** Of what came from the set by this step; null: nothing did. */
function bytesOf(action: Step, tools: Tools): number | null {
  const { operation } = action
  return operation.kind === 'restore-item' ? copyOf(operation.item, action, tools).copy.bytes : null
}

function copyOf(item: Item, { set: id }: Step, tools: Tools): { set: BackupSet; copy: ItemOutcome } {
  const set = tools.sets().find((one) => one.id === id)
  const copy = set?.items.find((one) => itemKey(one) === itemKey(item))
  if (set && copy) return { set, copy }
  throw new Problem('set-unknown', {
    subject: id ?? item.subject,
    message: `No location holds a set with ${item.kind} of ${item.subject} any more.`,
    hint: 'holdfast sets lists them.',
  })
}
