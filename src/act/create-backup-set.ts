import { scrub } from '../base/log.ts'
import { logFields, Problem, toProblem } from '../base/problem.ts'
import { meaningOf } from '../base/problem-codes.ts'
import { retry } from '../base/retry.ts'
import { oneLine } from '../base/text.ts'
import { environmentOf } from '../domain/environment.ts'
import { compareItems, isRequired } from '../domain/inventory.ts'
import { itemKey } from '../domain/subject.ts'
import { doubtLost, judge } from '../domain/suspect.ts'
import type { BackupPolicy } from '../domain/model.ts'
import type { ActionOf } from '../domain/action.ts'
import { reasonOf, type BackupSet, type ItemOutcome } from '../domain/backup-set.ts'
import type { Item, Outcome, SetId } from '../domain/words.ts'
import { payloadPath } from '../sets/payload-path.ts'
import { startSet, type SetWriter } from '../sets/writer.ts'
import type { Collected } from './collect/collector.ts'
import { collectors } from './collect/collectors.ts'
import { policyOf } from './desired-parts.ts'
import type { Ending, Handler, Tools } from './handler.ts'
import { prepareLocation } from './prepare-location.ts'
import { proveSet } from './verify-backup-set.ts'

type Create = ActionOf<'create-backup-set'>

/** One run: all items side by side, each on its own, then the commit record. A failed item never stops another. */
export const createBackupSet: Handler<Create> = {
  async run(action, tools, signal) {
    const policy = policyOf(action.policy, tools)
    await prepareLocation(action, policy.location, tools)
    const us = { deployment: tools.desired.deployment.name, owner: tools.owner }
    const set = await startSet(policy.location, startOf(action, tools), tools.drivers, {
      note: (id) => tools.note(id),
      expectOurs: () => tools.ownership.check(policy.location, us),
    })
    tools.progress({ kind: 'set-started', set: set.id, items: action.items })
    let made: BackupSet
    try {
      await Promise.all(action.items.map((item) => addItem(item, set, tools, signal)))
      signal.throwIfAborted()
      made = await set.commit()
    } catch (thrown) {
      return await giveUp(set, thrown, tools, signal)
    }
    await tools.vouch(made)
    await expectListed(made, policy, tools, signal)
    tools.progress({ kind: 'set-ended', set: set.id, state: made.state, path: made.path })
    return await endingOf(made, policy, tools, signal)
  },

  async resolve(_action, set, tools) {
    const made = set === null ? undefined : tools.sets().find(({ id }) => id === set)
    if (made === undefined || made.finishedAt === null)
      return { outcome: 'interrupted', message: 'The daemon ended in the middle of the run.', set }
    await tools.vouch(made) // the folder was noted before it was made
    return { outcome: outcomeOf(made), message: summaryOf(made), set }
  },
}

function startOf(action: Create, tools: Tools): Parameters<typeof startSet>[1] {
  return {
    desired: tools.desired,
    environment: () => environmentOf(tools.desired, tools.observed()),
    policy: action.policy,
    cause: action.cause,
    reason: action.reason,
    slot: action.slot,
    whole: action.whole,
    required: action.items.filter(isRequired),
    journal: () => tools.journalHead(),
  }
}

/** What was made must be what the share lists: else nobody will ever find it, and the run has failed. */
async function expectListed(
  made: BackupSet,
  { location }: BackupPolicy,
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  await tools.look([location.name], signal)
  const listed = tools.sets().find(({ id }) => id === made.id)
  if (listed?.commitSha256 === made.commitSha256) return
  throw new Problem('set-not-listed', {
    subject: made.id,
    message: `The set was closed in ${made.unc}, but the share does not list it there.`,
    hint: 'See whether the folder of the policy is a link, or whether somebody removes or moves what is made there.',
  })
}

async function addItem(item: Item, set: SetWriter, tools: Tools, signal: AbortSignal): Promise<void> {
  const { outcome: ended, files } = await collectItem(item, set, tools, signal)
  const outcome = { ...ended, ...(ended.message !== undefined && { message: publishable(ended.message) }) }
  await set.add(outcome, files)
  tools.progress({
    kind: 'item-ended',
    set: set.id,
    item,
    outcome: outcome.outcome,
    bytes: outcome.bytes,
    message: reasonOf(outcome),
  })
}

/** What stands in a record is read by others: one line, bounded, without a secret. */
function publishable(message: string): string {
  return oneLine(scrub(message), 1000)
}

async function collectItem(item: Item, set: SetWriter, tools: Tools, signal: AbortSignal): Promise<Collected> {
  const collector = collectors[item.kind]
  const onPercent = (percent: number): void => {
    tools.progress({ kind: 'item-percent', set: set.id, item, percent })
  }
  try {
    return await tools.limit(collector.resource(item, tools), signal, async () => {
      tools.progress({ kind: 'item-started', set: set.id, item })
      set.expectRoom()
      const lostBefore = tools.lost(item)
      const collect = (attempt: number): Promise<Collected> =>
        collector.collect(item, { set, tools, attempt, signal, onPercent })
      const collected = await retry(collect, tools.drivers.clock, signal)
      const judged = judge(collected.outcome, newestOk(item, tools.sets()))
      return { ...collected, outcome: doubtLost(judged, lostBefore ?? tools.lost(item)) }
    })
  } catch (thrown) {
    const problem = toProblem(thrown, item.subject)
    tools.log.warn({ item: itemKey(item), set: set.id, ...logFields(problem) }, 'an item failed')
    const { code, message } = problem
    return { outcome: { ...item, path: payloadPath(item), outcome: 'failed', bytes: 0, code, message }, files: [] }
  }
}

/** The newest copy of the item that is ok, as its set recorded it. */
function newestOk(item: Item, sets: readonly BackupSet[]): ItemOutcome | null {
  for (const set of sets) {
    const found = set.items.find((other) => other.outcome === 'ok' && itemKey(other) === itemKey(item))
    if (found && set.finishedAt !== null) return found
  }
  return null
}

/**
 * `structure` was proved while the set was closed; a further level reads it again. The set is made: that it could not be
 * read again now is not a failure of the run.
 */
async function endingOf(made: BackupSet, policy: BackupPolicy, tools: Tools, signal: AbortSignal): Promise<Ending> {
  const level = policy.verification.onCreate
  const ending = { outcome: outcomeOf(made), message: summaryOf(made), set: made.id }
  if (level === 'structure') return ending
  try {
    const proof = await proveSet(made, level, tools, signal)
    return proof.problems !== undefined && proof.problems.length > 0 ? { ...proof, outcome: 'failed' } : ending
  } catch (thrown) {
    const problem = toProblem(thrown, made.id)
    tools.log.warn({ set: made.id, ...logFields(problem) }, 'a new set could not be verified')
    const unverified = `It was not verified at level ${level}: ${problem.message}`
    return { ...ending, message: ending.message === null ? unverified : `${ending.message}. ${unverified}` }
  }
}

function outcomeOf(set: BackupSet): Outcome {
  switch (set.state) {
    case 'complete':
      return 'done'
    case 'partial':
      return 'partial'
    case 'damaged':
      return 'failed'
    case 'in-progress':
    case 'interrupted':
      return 'interrupted'
  }
}

/** A bad day of a large deployment must not fill the journal: `holdfast sets SET` lists them all, in full. */
const mostNamed = 10
const longestReason = 300

/** What is not ok and why; null when all is well. */
function summaryOf(set: BackupSet): string | null {
  const bad = set.items.filter(({ outcome }) => outcome !== 'ok').sort(compareItems)
  if (bad.length === 0) return null
  const more = bad.length > mostNamed ? [`and ${bad.length - mostNamed} more`] : []
  const named = [...bad.slice(0, mostNamed).map(inShort), ...more].join('; ')
  return `${bad.length} of ${set.items.length} items ${bad.length === 1 ? 'is' : 'are'} not ok: ${named}`
}

function inShort({ kind, subject, outcome, code, message = '' }: ItemOutcome): string {
  const reason = reasonOf({ code, message: oneLine(message, longestReason) })
  return `${kind} of ${subject} (${[outcome, reason].filter((part) => part !== '').join(': ')})`
}

async function giveUp(set: SetWriter, thrown: unknown, tools: Tools, signal: AbortSignal): Promise<Ending> {
  const problem = toProblem(thrown)
  const id: SetId = set.id
  await set.abandon(problem.message).catch((second: unknown) => {
    tools.log.warn({ set: id, ...logFields(toProblem(second)) }, 'the folder of a broken run could not be marked')
  })
  tools.progress({ kind: 'set-ended', set: id, state: 'interrupted', path: set.folder })
  // A location that was lost in the middle of it is a refusal, not a stop.
  if (signal.aborted && meaningOf(problem.code).refusal !== true)
    return { outcome: 'interrupted', message: 'The daemon was stopped in the middle of the run.', set: id }
  throw new Problem(problem.code, {
    ...(problem.subject === null ? {} : { subject: problem.subject }),
    message: `The run ended without a commit record: ${problem.message}`,
    ...(problem.hint === null ? {} : { hint: problem.hint }),
    cause: thrown,
  })
}
