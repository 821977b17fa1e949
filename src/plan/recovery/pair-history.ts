/** What has become of a pair since one pool of it was lost: it decides which rows its procedure has. */
import { servedBy, stateIn } from '../../domain/pool-state.ts'
import type { World } from '../../domain/procedures/context.ts'
import type { Step } from '../../domain/runbook.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'

/** `before`: the steps at the last pass, of whichever flags are asked about. */
export function pairHistory(
  before: readonly Step[],
  digest: Pick<Digest, 'desired' | 'observed'>,
): Required<Pick<World, 'isFailedOver' | 'isFromSet'>> {
  return {
    isFailedOver: (pool) => hasGoneOver(pool, before, digest),
    isFromSet: (pool) => hasBegunFromSet(pool, before),
  }
}

/** Once it was seen, it holds as long as the runbook does: its rows must not go when the failover ends. */
function hasGoneOver(
  pool: Subject,
  before: readonly Step[],
  { desired, observed }: Pick<Digest, 'desired' | 'observed'>,
): boolean {
  const seen = observed.facts.poolStates.get(desired.deployment.name)
  const state = seen?.known ? stateIn(seen.value, pool) : null
  return (
    (state !== null && servedBy(state) === 'partner') ||
    before.some(
      ({ id, subject, branch }) =>
        sameSubject(subject, pool) && (id === 'end-failover' || (id === 'fail-over-pool' && branch === 'failed-over')),
    )
  )
}

/** No fork led there, for the partner was lost too. */
function hasBegunFromSet(pool: Subject, before: readonly Step[]): boolean {
  const isOf = ({ subject }: Step): boolean => sameSubject(subject, pool)
  return (
    !before.some((one) => one.id === 'fail-over-pool' && isOf(one)) &&
    before.some((one) => one.id === 'stop-services' && isOf(one) && (one.state === 'done' || one.run?.done))
  )
}
