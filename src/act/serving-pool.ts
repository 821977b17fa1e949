import { Problem, toProblem } from '../base/problem.ts'
import { whyUnseen } from '../domain/observation.ts'
import { servedBy, stateIn } from '../domain/pool-state.ts'
import { sameSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'
import { deadline, untilAborted } from '../drivers/deadline.ts'
import { objectsOf } from '../observed/answer.ts'
import { readPoolStates } from '../observed/probes/pool-states.ts'
import type { Tools } from './handler.ts'

/** Nobody fails over a pool that has no backup pool (Invoke-CsPoolFailOver). */
export function partnerOf(pool: Subject, tools: Tools): Subject | null {
  const declared = tools.desired.pools.find(({ fqdn }) => sameSubject(fqdn, pool))?.pairedWith
  if (declared) return declared
  const seen = tools.observed().facts.pairing.get(pool)
  return seen?.known ? seen.value.partner : null
}

/** Who serves the users of a pool now. */
export type Serving = { by: 'itself' } | { by: 'partner'; state: string } | { by: 'unknown'; why: string }

const patienceSeconds = 120

/** Asks for two minutes at most. */
export async function lookWhoServes(pool: Subject, { drivers }: Tools, signal: AbortSignal): Promise<Serving> {
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
