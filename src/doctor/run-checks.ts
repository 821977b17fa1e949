import PQueue from 'p-queue'
import type { Clock } from '../base/clock.ts'
import { scrub } from '../base/log.ts'
import { Problem, toProblem } from '../base/problem.ts'
import { deadline, untilAborted } from '../drivers/deadline.ts'
import type { Check, CheckResult, Group } from './check.ts'

/** How many checks of a group are tried at the same time: enough to be quick, too few to be a load. */
const atOnce: Record<Group, number> = { local: 8, network: 16, sql: 8, shell: 1, files: 4 }

/**
 * Tries everything side by side; the results are in the order of the checks. A check that could only repeat the failure
 * of another one is skipped, and names that one. Rejects only when `signal` is aborted.
 */
export async function runChecks(checks: readonly Check[], clock: Clock, signal: AbortSignal): Promise<CheckResult[]> {
  const queues = new Map<Group, PQueue>()
  const results = new Map<Check, Promise<CheckResult>>()

  async function turn(check: Check): Promise<CheckResult> {
    const before = new Map<Check, CheckResult>()
    for (const earlier of check.after ?? []) {
      const result = await results.get(earlier)
      if (result) before.set(earlier, result)
    }
    const failureOf = (others: readonly Check[]): CheckResult | undefined =>
      others.flatMap((other) => before.get(other) ?? []).find(({ outcome }) => outcome !== 'ok')
    const blocker = failureOf(check.needs?.() ?? [])
    if (blocker) return skipped(check, blocker, 'Not tried')
    const queue = queues.get(check.group) ?? new PQueue({ concurrency: atOnce[check.group] })
    queues.set(check.group, queue)
    const result = await queue.add(() => tryOne(check, clock, signal))
    const cause = result.outcome === 'failed' ? failureOf(check.echoes ?? []) : undefined
    return cause ? skipped(check, cause, 'Tried in vain') : result
  }

  for (const check of checks) results.set(check, turn(check))
  const all = await Promise.all(results.values())
  signal.throwIfAborted()
  return all
}

async function tryOne(check: Check, clock: Clock, outer: AbortSignal): Promise<CheckResult> {
  const { name, subject } = check
  using limit = deadline(clock, check.deadlineSeconds * 1000, () => late(check), outer)
  try {
    const message = await untilAborted(check.attempt(limit.signal), limit.signal)
    if (typeof message === 'string') return { name, subject, outcome: 'ok', message: scrub(message) }
    return { name, subject, outcome: 'skipped', message: message.leftOut }
  } catch (thrown) {
    return { name, subject, outcome: 'failed', ...inWords(toProblem(thrown, subject)) }
  }
}

function inWords({ code, message, hint }: Problem): { message: string; remedy: string } {
  return { message: scrub(`${message} [${code}]`), remedy: scrub(hint ?? `Read docs/errors/${code}.md.`) }
}

/** Names the failure at the root, however many skipped checks lie between. */
function skipped({ name, subject }: Check, blocker: CheckResult, how: string): CheckResult {
  const because = blocker.because ?? { name: blocker.name, subject: blocker.subject }
  const message = `${how}: ${because.name} ${because.subject} failed.`
  return { name, subject, outcome: 'skipped', message, because }
}

function late({ subject, deadlineSeconds }: Check): Problem {
  return new Problem('look-timed-out', {
    subject,
    message: `No answer within ${deadlineSeconds} s.`,
    hint: 'Check from this machine whether it answers at all, and what is in between.',
  })
}
