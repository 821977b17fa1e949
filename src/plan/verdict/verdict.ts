import { formatDuration } from '../../base/units.ts'
import { secondsBetween, type Time } from '../../base/time.ts'
import { hosts, machineOf } from '../../domain/hosts.ts'
import type { Heart, Snapshot } from '../../domain/plan.ts'
import type { ClassRow } from '../../domain/statement.ts'
import { foldSubject } from '../../domain/subject.ts'
import { isLost } from '../health/classes.ts'
import { promiseReasons } from './promises.ts'
import { vanishedReasons } from './vanished.ts'
import { verdictStates, weighed, type Reason, type VerdictState, type Weighed } from './reasons.ts'

/** The one line that answers "can I get everything back, now?", and why. */
export interface Verdict {
  state: VerdictState
  /** In order of weight. */
  reasons: readonly Reason[]
}

/** What is said first; the rest follows in the order of the states. */
const gravest = ['set-vanished', 'rebuild-required', 'loss-seen', 'location-unreachable', 'location-unclaimed']

/** From what a pass said, and from whether anybody still makes passes. */
export function verdictOf(snapshot: Snapshot, heart: Heart): Verdict {
  const reasons = inOrder([
    ...heartReasons(heart, snapshot.now),
    ...vanishedReasons(snapshot),
    ...lossReasons(snapshot),
    ...findingReasons(snapshot),
    ...promiseReasons(snapshot),
  ])
  const state = verdictStates.find((one) => reasons.some((reason) => reason.state === one)) ?? 'ok'
  return { state, reasons: reasons.map(({ code, subject, message, remedy }) => ({ code, subject, message, remedy })) }
}

function inOrder(reasons: readonly Weighed[]): Weighed[] {
  const told = new Map(reasons.map((one) => [`${one.code} ${foldSubject(one.subject)}`, one]))
  const place = ({ code, state }: Weighed): number => {
    const first = gravest.indexOf(code)
    return first >= 0 ? first : gravest.length + verdictStates.indexOf(state)
  }
  return [...told.values()].sort((a, b) => place(a) - place(b))
}

/** The loop passes every few seconds; this late, it hangs. */
export const overdueSeconds = 120

function heartReasons({ running, lastPassAt }: Heart, now: Time): Weighed[] {
  const last = lastPassAt === null ? 'none ever made a pass here' : `the last pass was at ${lastPassAt}`
  if (!running)
    return [
      weighed(
        'unknown',
        'daemon-not-running',
        'holdfast',
        `No daemon runs; ${last}. What is said of servers is as old.`,
      ),
    ]
  if (lastPassAt !== null && secondsBetween(lastPassAt, now) <= overdueSeconds) return []
  return [weighed('unknown', 'daemon-silent', 'holdfast', `The daemon holds the lease and makes no passes; ${last}.`)]
}

/** Flags; what is seen lost and not flagged yet; what does not answer; and what nobody has looked at lately. */
function lossReasons({ plan, desired }: Snapshot): Weighed[] {
  const pools = new Map(
    hosts(desired).map(({ fqdn, pool }) => [foldSubject(fqdn), pool === null ? '' : foldSubject(pool)]),
  )
  const flagged = new Set(plan.flags.map(({ subject }) => foldSubject(subject)))
  const isTold = (subject: string): boolean => {
    const host = foldSubject(machineOf(subject))
    return [foldSubject(subject), host, pools.get(host) ?? ''].some((one) => flagged.has(one))
  }
  const bad = new Map(plan.classes.map((row) => [foldSubject(row.subject), row.class]))
  /** What is on a machine that is out itself is told with the machine. */
  const isOfMachine = ({ subject }: ClassRow): boolean => {
    const host = foldSubject(machineOf(subject))
    const itself = bad.get(host)
    return host !== foldSubject(subject) && itself !== undefined && itself !== 'healthy' && itself !== 'degraded'
  }
  const rows = plan.classes.filter((row) => !isTold(row.subject) && !isOfMachine(row))
  const grace = formatDuration(desired.deployment.graceSeconds)
  const dark = rows.filter((row) => row.class === 'unknown')
  return [
    ...plan.flags.map(({ subject, scenario, reason }) =>
      weighed('not-ok', 'rebuild-required', subject, `It must be rebuilt and restored (${scenario}): ${reason}`),
    ),
    ...rows
      .filter(isLost)
      .map(({ subject, class: kind, since, reason }) =>
        weighed('not-ok', 'loss-seen', subject, `It is ${kind} since ${since}: ${reason} A flag rises after ${grace}.`),
      ),
    ...rows
      .filter((row) => row.class === 'unreachable')
      .map(({ subject, reason }) => weighed('attention', 'host-unreachable', subject, reason)),
    ...(dark.length === 0 ? [] : [weighed('unknown', 'not-seen-lately', desired.deployment.name, darkMessage(dark))]),
  ]
}

const namesShown = 3

function darkMessage(rows: readonly ClassRow[]): string {
  const names = rows.slice(0, namesShown).map(({ subject }) => subject)
  const more = rows.length > namesShown ? ` and ${rows.length - namesShown} more` : ''
  return `Nobody can say how ${names.join(', ')}${more} ${rows.length === 1 ? 'is' : 'are'}: ${rows[0]?.reason ?? ''}`
}

function findingReasons({ plan }: Snapshot): Weighed[] {
  const others = plan.findings.filter(({ code }) => code !== 'set-vanished')
  return others.map(({ code, severity, subject, message, remedy }) => {
    const reason = weighed(severity === 'error' ? 'not-ok' : 'attention', code, subject, message)
    return remedy === undefined ? reason : { ...reason, remedy }
  })
}
