import type { ActionKind } from '../../domain/action.ts'
import { hosts, machineOf } from '../../domain/hosts.ts'
import type { Desired, Suspension } from '../../domain/model.ts'
import type { Finding } from '../../domain/statement.ts'
import { foldSubject, parseSetId } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isInForce, longestDays } from '../suspensions.ts'
import type { FindingRule } from './rule.ts'

/** Suspensions that have not ended and do not do all that they say, in one row: who wrote one relies on it. */
export const unfitSuspensions: FindingRule = {
  codes: ['suspension-unfit'],
  find(digest): Fresh<Finding>[] {
    const unfit = digest.desired.suspensions
      .filter(({ until }) => until > digest.now)
      .map((one) => ({ name: one.name, faults: [...tooLong(one, digest), ...ofNothing(one, digest.desired)] }))
      .filter(({ faults }) => faults.length > 0)
    if (unfit.length === 0) return []
    const told = unfit.map(({ name, faults }) => `${name}: ${faults.join(' ')}`).join(' ')
    return [
      {
        ...{ code: 'suspension-unfit', severity: 'warning', subject: digest.desired.deployment.name },
        desired: unfit.map(({ name }) => `Suspension ${name}`).join(', '),
        observed: 'not in force, or not in all that it says',
        message: `What a Suspension says and does not do: ${told}`,
      },
    ]
  },
}

function tooLong(one: Suspension, digest: Digest): string[] {
  const end = `It ends at ${one.until}, in more than`
  return [
    ...(one.actions.length > 0 && !isInForce(one, 'actions', digest)
      ? [`${end} ${longestDays.actions} days: until then it freezes nothing but restores.`]
      : []),
    ...(one.findings.length > 0 && !isInForce(one, 'findings', digest)
      ? [`${end} ${longestDays.findings} days: until then it ignores nothing.`]
      : []),
  ]
}

/** Of its subjects, those that no action of its kinds touches. Findings may have any subject. */
function ofNothing({ actions, findings, subjects }: Suspension, desired: Desired): string[] {
  if (actions.length === 0 || findings.length > 0) return []
  const known = knownNames(desired)
  const freezes = (kind: ActionKind): boolean => actions.includes(kind)
  const isTouched = (subject: string): boolean =>
    known.always.has(foldSubject(subject)) ||
    (freezes('verify-backup-set') && known.always.has(foldSubject(parseSetId(subject)?.policy ?? ''))) ||
    (freezes('restore-user') && (subject.includes('@') || known.pools.has(foldSubject(subject)))) ||
    (freezes('recovery-step') && [subject, machineOf(subject)].some((name) => known.restored.has(foldSubject(name))))
  const idle = subjects.filter((subject) => !isTouched(subject))
  return idle.map((subject) => `No ${actions.join(' or ')} is ever of ${subject}.`)
}

function knownNames(desired: Desired): Record<'always' | 'restored' | 'pools', ReadonlySet<string>> {
  const { deployment, policies, locations, pools, fileStores, sqlStores } = desired
  const folded = (names: readonly string[]): Set<string> => new Set(names.map(foldSubject))
  return {
    pools: folded(pools.map(({ fqdn }) => fqdn)),
    always: folded([deployment.name, ...[...policies, ...locations].map(({ name }) => name)]),
    restored: folded([
      ...[...hosts(desired), ...pools].map(({ fqdn }) => fqdn),
      ...sqlStores.map(({ host }) => host),
      ...fileStores.map(({ path }) => path),
    ]),
  }
}
