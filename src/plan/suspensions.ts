/** Which `Suspension` in Git is in force now, and which actions it freezes (design, section 4). */
import { addSeconds } from '../base/time.ts'
import { traitsOf, type Action, type ActionKind } from '../domain/action.ts'
import { machineOf } from '../domain/hosts.ts'
import type { Desired, Suspension } from '../domain/model.ts'
import { isOfPair, type Operation } from '../domain/procedures/operation.ts'
import { foldSubject, parseDatabase, parseSetId, sqlSubject } from '../domain/subject.ts'
import type { SetId, Subject } from '../domain/words.ts'
import type { Digest } from './digest.ts'

const secondsPerDay = 86_400

/** What nobody looks at again is forgotten: so long before its end, at most, one may be in force. */
export const longestDays = { actions: 30, findings: 365 } as const

export type Now = Pick<Digest, 'desired' | 'now'>

/** Whether it has not ended, and ends soon enough. */
export function isInForce(
  { until }: Suspension,
  what: keyof typeof longestDays,
  { now }: Pick<Digest, 'now'>,
): boolean {
  return until > now && until <= addSeconds(now, longestDays[what] * secondsPerDay)
}

/** Of several the one that lasts longest. */
export function lastingLongest(rules: readonly Suspension[]): Suspension | null {
  return rules.reduce<Suspension | null>((last, one) => (last === null || one.until > last.until ? one : last), null)
}

/** What of an action says what it touches; a whole action is one. */
export interface Touching extends Pick<Action, 'kind' | 'subject'> {
  location: string | null
  policy?: string
  set?: SetId | null
  recovery?: string
  pool?: Subject
  operation?: Operation
}

/** What freezes an action now; null: nothing does. */
export function freezeOf(action: Touching, { desired, now }: Now): Suspension | null {
  if (desired.suspensions.length === 0) return null
  const names = new Set(touchedBy(action, desired).map(foldSubject))
  return lastingLongest(
    desired.suspensions.filter(
      (one) => freezes(one, action.kind, { now }) && one.subjects.some((subject) => names.has(foldSubject(subject))),
    ),
  )
}

/** In doubt nothing is written over: there, one that ends too late is in force too, and a finding tells of it. */
export function freezes(one: Suspension, kind: ActionKind, { now }: Pick<Digest, 'now'>): boolean {
  if (!one.actions.includes(kind)) return false
  return isInForce(one, 'actions', { now }) || (traitsOf({ kind }).overwrites && one.until > now)
}

/** `nightly is frozen until ...`: which one it is, until when, and why. */
export function freezeInWords({ name, until, reason }: Suspension): string {
  return `Suspension ${name} freezes it until ${until}: ${reason}`
}

/** Every name by which a Suspension may mean this action. */
function touchedBy({ subject, location, ...rest }: Touching, desired: Desired): Subject[] {
  const { policy, set, recovery, pool, operation } = rest
  const database = parseDatabase(subject)
  const policyOfSet = set ? parseSetId(set)?.policy : undefined
  const server = desired.recoveries.find(({ name }) => name === recovery)?.server
  return [
    ...[desired.deployment.name, location, subject, policy, set, policyOfSet, server, pool],
    ...(operation ? [machineOf(subject), database && sqlSubject(database), ...serversOf(operation)] : []),
  ].filter((name) => name !== null && name !== undefined)
}

function serversOf(operation: Operation): readonly string[] {
  if (isOfPair(operation)) return [operation.pool, operation.partner]
  return 'servers' in operation ? operation.servers : []
}
