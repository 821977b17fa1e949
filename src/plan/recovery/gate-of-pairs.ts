/** What the gate asks where one pool of a pair works for the other one (domain reference, sections 6.14 and 7). */
import type { Time } from '../../base/time.ts'
import type { Recovery } from '../../domain/model.ts'
import { isOfPair, type PairOperation } from '../../domain/procedures/operation.ts'
import { canServe } from '../../domain/procedures/pair-rules.ts'
import type { Row } from '../../domain/procedures/row.ts'
import { servedBy, stateIn } from '../../domain/pool-state.ts'
import { poolNamed } from '../../domain/pools.ts'
import { whyUnseen } from '../../domain/observation.ts'
import type { Step } from '../../domain/runbook.ts'
import { sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { Gate } from '../../domain/gate.ts'
import { seenPartner } from '../seen-partner.ts'
import type { Sight } from '../health/sights.ts'
import type { Ground } from './evidence/sighting.ts'
import { ranSince } from './step-runs.ts'

interface Asked {
  row: Row
  step: Pick<Step, 'lostAgainAt'>
  steps: readonly Step[]
  ground: Ground
  recovery: Recovery | null
}

/** One reason; the gate makes a refusal of it. `fact`: what a `Recovery` may accept of it. */
export interface Against {
  gate: Gate
  message: string
  subject: Subject
  fact?: string
}

/** What comes from a partner comes by a way that a person chose in Git: what is seen alone starts nothing. */
export function unlessChosen({ row, steps, ground, recovery }: Asked): Against[] {
  const { operation } = row
  if (!isOfPair(operation) || !recovery) return []
  const isFork = (one: { id: string; subject: Subject }): boolean =>
    one.id === 'fail-over-pool' && sameSubject(one.subject, operation.pool)
  const fork = steps.find(isFork)
  if (!fork) return []
  const wanted = row.in.find((one) => isFork(one.fork))?.branch
  const from = [ground.flag.since, fork.lostAgainAt ?? ''].sort().at(-1) ?? ''
  const isChosen = recovery.choose.some(
    ({ step, subject, branch, at }) =>
      step === fork.id &&
      (subject === null || sameSubject(subject, fork.subject)) &&
      (wanted === undefined || branch === wanted) &&
      at >= from &&
      at <= ground.digest.now,
  )
  if (isChosen) return []
  const way = wanted === undefined ? 'a way' : wanted
  const message = `Recovery ${recovery.name} does not choose ${way} of ${fork.id}: Holdfast runs this only where Git names it.`
  return [{ gate: 'way-not-chosen', message, subject: row.subject }]
}

/** Nothing comes back from a partner that is gone, or of which nobody knows whether it serves. */
export function fromServingPartner({ row: { operation }, ground }: Asked): Against[] {
  if (!isOfPair(operation)) return []
  const { pool, partner } = operation
  return [
    ...partnerFaults(operation, ground),
    ...(operation.kind === 'fail-back-pool' ? stateFaults(pool, ground) : []),
  ]
    .slice(0, 1)
    .map((why) => ({
      gate: 'partner-not-serving',
      message: `${why} Nothing is fetched from ${partner}.`,
      subject: pool,
    }))
}

const wayOut =
  'Where it does not come back with what users wrote there, choose from-set of fail-over-pool with a new time: that is given up then.'

function partnerFaults({ kind, pool, partner }: PairOperation, ground: Ground): string[] {
  const { desired, classes } = ground.digest
  const known = poolNamed(partner, desired)
  if (!known || !canServe(known, ground))
    return [`${partner} is lost too.${kind === 'fail-back-pool' ? ` ${wayOut}` : ''}`]
  const { sights } = classes.scene
  const other = stateOf(partner, ground)
  const names = seenPartner(pool, ground.digest) ?? null
  const service = sights.of('pairing', partner)
  return [
    ...(names !== null && sameSubject(names, partner) ? [] : [differs(pool, partner, names)]),
    ...(other === null ? ['Which pool serves is not seen now.'] : []),
    ...(other !== null && servedBy(other) !== 'itself' ? [`${partner} is ${other} itself.`] : []),
    ...(service.state === 'seen' ? [] : [`The backup service of ${partner} does not tell: ${whyNot(service)}`]),
  ]
}

function whyNot(sight: Exclude<Sight<unknown>, { state: 'seen' }>): string {
  return sight.state === 'silent' ? whyUnseen(sight.observation) : 'nobody has looked lately.'
}

function differs(pool: Subject, partner: Subject, names: Subject | null): string {
  return `Git pairs ${pool} with ${partner}, and the deployment names ${names ?? 'no partner of it'}.`
}

/** Where the pool is Active, there is nothing to fail back: the step is done. */
function stateFaults(pool: Subject, ground: Ground): string[] {
  const state = stateOf(pool, ground)
  if (state === null) return ['Which pool serves is not seen now.']
  if (state === 'FailingOver') return [`${pool} is FailingOver: its failover has not ended.`]
  return servedBy(state) === 'unknown' ? [`${pool} is ${state}, a state that nobody knows.`] : []
}

/** Null: it is not seen now. */
function stateOf(pool: Subject, { digest: { desired, classes } }: Ground): string | null {
  const sight = classes.scene.sights.of('poolStates', desired.deployment.name)
  return sight.state === 'seen' ? stateIn(sight.value, pool) : null
}

/** What comes from a set is written over what the pool has: only where its users work there and nowhere else. */
export function intoActivePool({ row: { operation, subject }, step, ground }: Asked): Against[] {
  const fills = operation?.kind === 'restore-item' && operation.item.kind === 'user-data'
  if (!fills && operation?.kind !== 'stop-services') return []
  const loss = { since: ground.flag.since, lostAgainAt: step.lostAgainAt ?? null }
  const failedBackAt = ranSince({ id: 'fail-back-pool', subject }, loss, ground.digest)
  if (failedBackAt !== null && !wasMadeAfter(failedBackAt, subject, ground)) {
    const message = `Holdfast failed ${subject} back at ${failedBackAt}: what its users have there is newer than any set.`
    return [{ gate: 'came-from-partner', message, subject }]
  }
  const state = stateOf(subject, ground)
  const by = state === null ? 'unknown' : servedBy(state)
  if (by === 'itself') return []
  const partner = partnerOf(subject, ground)
  if (by === 'unknown') {
    if (partner === null) return []
    const message = `Whether ${subject} or ${partner} serves the users of ${subject} is not seen now.`
    return [{ gate: 'serving-pool-unseen', message, subject }]
  }
  const serving = partner === null ? null : poolNamed(partner, ground.digest.desired)
  if (serving && !canServe(serving, ground)) {
    const message = `${subject} is ${state ?? ''}: its users are sent to ${serving.fqdn}, which is lost too. Whoever accepts this gives up what they wrote there since.`
    return [{ gate: 'pool-not-active', message, subject, fact: state ?? '' }]
  }
  const isWritten = poolNamed(subject, ground.digest.desired)?.pairedWith !== null
  const how = isWritten ? '' : ' Git does not know the pair: write pairedWith into both pools.'
  const message = `${subject} is ${state ?? ''}: ${partner ?? 'its backup pool'} serves its users, and what they wrote there is newer than any set. It comes back by Invoke-CsPoolFailback.${how}`
  return [{ gate: 'served-by-partner', message, subject }]
}

/** Whether the database of its users was lost once more, and made anew, since. */
function wasMadeAfter(time: Time, pool: Subject, { digest: { desired, classes } }: Ground): boolean {
  const store = poolNamed(pool, desired)?.stores.user
  const sight = store ? classes.scene.sights.of('sqlInstance', sqlSubject(store)) : null
  const databases = sight?.state === 'seen' ? sight.value.databases : []
  return databases.some(({ name, createdAt }) => sameSubject(name, 'rtcxds') && (createdAt ?? '') > time)
}

/** As Git has it, else as the deployment does. */
function partnerOf(pool: Subject, { digest }: Ground): Subject | null {
  return poolNamed(pool, digest.desired)?.pairedWith ?? seenPartner(pool, digest) ?? null
}
