import { Problem, toProblem } from '../../base/problem.ts'
import type { ItemOutcome } from '../../domain/backup-set.ts'
import { whyUnseen } from '../../domain/observation.ts'
import { servedBy, stateIn } from '../../domain/pool-state.ts'
import { sameSubject } from '../../domain/subject.ts'
import { doubtContent } from '../../domain/suspect.ts'
import type { Subject } from '../../domain/words.ts'
import { deadline, untilAborted } from '../../drivers/deadline.ts'
import { objectsOf } from '../../observed/answer.ts'
import { readPoolStates } from '../../observed/probes/pool-states.ts'
import type { Tools } from '../handler.ts'
import { cmdletExport } from './cmdlet.ts'
import type { Collector } from './collector.ts'

/**
 * The export of a pool's users. "During a failover the idle pool's export is stale: never the newest recovery point" (domain
 * reference, section 6.14): so a paired pool is asked before and after whether it serves.
 */
export const userData: Collector = {
  resource: (item, tools) => cmdletExport.resource(item, tools),

  async collect(item, context) {
    const { tools, signal } = context
    const partner = partnerOf(item.subject, tools)
    if (partner === null) return await cmdletExport.collect(item, context)
    const before = await lookAt(item.subject, tools, signal)
    const taken = await cmdletExport.collect(item, context)
    // Who cannot be asked once keeps nobody waiting twice.
    const seen = before.by === 'itself' ? await lookAt(item.subject, tools, signal) : before
    return { ...taken, outcome: judged(taken.outcome, seen, partner) }
  },
}

/** Nobody fails over a pool that has no backup pool (Invoke-CsPoolFailOver). */
function partnerOf(pool: Subject, tools: Tools): Subject | null {
  const declared = tools.desired.pools.find(({ fqdn }) => sameSubject(fqdn, pool))?.pairedWith
  if (declared) return declared
  const seen = tools.observed().facts.pairing.get(pool)
  return seen?.known ? seen.value.partner : null
}

type Sight = { by: 'itself' } | { by: 'partner'; state: string } | { by: 'unknown'; why: string }

const patienceSeconds = 120

async function lookAt(pool: Subject, { drivers }: Tools, signal: AbortSignal): Promise<Sight> {
  const late = (): Problem =>
    new Problem('look-timed-out', { subject: pool, message: `No answer within ${patienceSeconds} s.` })
  using limit = deadline(drivers.clock, patienceSeconds * 1000, late, signal)
  try {
    const answer = await untilAborted(drivers.shell.call('registrar-settings', {}, limit.signal), limit.signal)
    const state = stateIn(readPoolStates(objectsOf(answer), [pool]), pool) ?? ''
    const by = servedBy(state)
    if (by === 'unknown')
      return { by, why: `PoolState is ${JSON.stringify(state)}, a word that the cmdlet reference does not have.` }
    return by === 'partner' ? { by, state } : { by }
  } catch (thrown) {
    signal.throwIfAborted()
    const { code, message } = toProblem(thrown)
    return { by: 'unknown', why: whyUnseen({ code, error: message }) }
  }
}

function judged(outcome: ItemOutcome, seen: Sight, partner: Subject): ItemOutcome {
  if (seen.by === 'itself') return { ...outcome, servedBy: outcome.subject }
  if (seen.by === 'partner') {
    const message = `The pool is failed over (${seen.state}): ${partner} serves its users, and this is what the pool held before.`
    return { ...doubtContent(outcome, 'pool-failed-over', message), servedBy: partner }
  }
  const message = `Whether ${partner} served its users was not seen: ${seen.why}`
  return outcome.outcome === 'ok'
    ? { ...outcome, code: 'serving-pool-unknown', message, servedBy: null }
    : { ...outcome, servedBy: null }
}
