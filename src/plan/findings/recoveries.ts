import { isSameRow } from '../../domain/procedures/order.ts'
import type { Recovery } from '../../domain/model.ts'
import { leftSteps, type Runbook, type Step } from '../../domain/runbook.ts'
import type { Finding, Flag } from '../../domain/statement.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** Recoveries in Git that do not fit what is seen. */
export const unfitRecoveries: FindingRule = {
  codes: ['recovery-not-lost', 'recovery-steps-left', 'recovery-mismatch', 'acknowledgement-disputed'],
  find: (digest) => open(digest).flatMap((recovery) => findingsOf(recovery, digest)),
}

function open({ desired }: Digest): Recovery[] {
  return desired.recoveries.filter(({ finished }) => finished === null)
}

function findingsOf(recovery: Recovery, digest: Digest): Fresh<Finding>[] {
  const { flags, runbooks } = digest
  const { name, server } = recovery
  const flag = flags.find(({ subject }) => sameSubject(subject, server))
  const about = { severity: 'warning', subject: server } as const
  if (!flag)
    return [
      stepsLeft(recovery, digest) ?? {
        ...{ code: 'recovery-not-lost', ...about, desired: `Recovery ${name}`, observed: 'not flagged' },
        message: `Recovery ${name} is for ${server}, which is not flagged: nothing of it is to be restored.`,
      },
    ]
  const runbook = runbooks.find(({ subject }) => sameSubject(subject, server))
  return [
    ...mismatched(recovery, flag, runbook, digest).map(([desired, observed, message]): Fresh<Finding> => ({
      ...{ code: 'recovery-mismatch', ...about, desired, observed, message },
    })),
    ...disputed(recovery, runbook, digest).map((message): Fresh<Finding> => ({
      ...{ code: 'acknowledgement-disputed', ...about, desired: `Recovery ${name}`, observed: 'it is not so', message },
    })),
  ]
}

/** What is left to do of a recovery whose flag has closed. Null: nothing, or nothing was recovered. */
function stepsLeft({ name, server }: Recovery, { leftovers }: Digest): Fresh<Finding> | null {
  const found = leftovers.find(({ subject }) => sameSubject(subject, server))
  const left = found ? leftSteps(found) : []
  if (left.length === 0) return null
  const titles = left.map(({ title }) => title.replace(/\.$/, ''))
  return {
    ...{ code: 'recovery-steps-left', severity: 'warning', subject: server, desired: `Recovery ${name}` },
    observed: `never seen done: ${left.map(({ id }) => id).join(', ')}`,
    message: `${server} is no longer flagged, and of its recovery this was never seen done: ${titles.join('; ')}. When it is, say in Recovery ${name} that it is finished.`,
  }
}

type Mismatch = [desired: string, observed: string, message: string]

/** In one row, for a subject has one finding of a code. */
function mismatched(recovery: Recovery, flag: Flag, runbook: Runbook | undefined, digest: Digest): Mismatch[] {
  const { name, scenario, from, acknowledge, choose } = recovery
  const known = digest.observed.sets.some(({ id }) => sameSubject(id, from))
  const foreign = [...acknowledge, ...choose].filter(
    ({ step, subject }) =>
      runbook &&
      !runbook.steps.some((one) => one.id === step && (subject === null || sameSubject(one.subject, subject))),
  )
  const found = [
    ...(scenario === flag.scenario
      ? []
      : [[scenario, flag.scenario, `it names the scenario ${scenario}, and the loss calls for ${flag.scenario}`]]),
    ...(from === 'latest' || known ? [] : [[from, 'no such set', `no location holds the set ${from}`]]),
    ...foreign.map(({ step, subject }) => {
      const told = subject === null ? step : `${step} of ${subject}`
      return [told, 'no such step', `its procedure has no step ${told}`]
    }),
  ]
  if (found.length === 0) return []
  const all = (at: number): string => found.map((row) => row[at]).join('; ')
  return [[all(0), all(1), `Recovery ${name} does not fit: ${all(2)}.`]]
}

/** Words against what is seen, from before the loss, from ahead, or for a step that Holdfast runs: they do not count. */
function disputed(
  { name, run, acknowledge, choose }: Recovery,
  runbook: Runbook | undefined,
  { now }: Pick<Digest, 'now'>,
): string[] {
  if (!runbook) return []
  const blocked = runbook.steps.filter(({ state }) => state === 'blocked')
  const words = [...acknowledge, ...choose]
  const stale = words.filter((word) =>
    runbook.steps.some((step) => isAbout(word, step) && word.at < (step.lostAgainAt ?? runbook.since)),
  )
  const early = words.filter(
    (word) => word.at > now && runbook.steps.some((step) => isAbout(word, step) && step.state !== 'done'),
  )
  const own = run === 'holdfast' ? runbook.steps.filter((one) => one.run && one.state !== 'done') : []
  const needless = acknowledge.filter(
    (word) => !stale.includes(word) && !early.includes(word) && own.some((step) => isAbout(word, step)),
  )
  const told = [
    ...blocked.map(({ id, subject, evidence }) => `${id} of ${subject}: ${evidence ?? ''}`),
    ...stale.map(({ step, by, at }) => `${step}: ${by} said so as of ${at}, which was before the loss.`),
    ...early.map(({ step, by, at }) => `${step}: ${by} said so as of ${at}, which is still to come.`),
    ...needless.map(
      ({ step, by, at }) => `${step}: ${by} said so as of ${at}, and Holdfast runs it: no word stands for that.`,
    ),
  ]
  return told.length === 0 ? [] : [`In Recovery ${name}, what does not count: ${told.join(' ')}`]
}

function isAbout({ step, subject }: Recovery['acknowledge'][number], one: Step): boolean {
  return isSameRow(one, { id: step, subject: subject ?? one.subject })
}
