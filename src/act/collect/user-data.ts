import type { ItemOutcome } from '../../domain/backup-set.ts'
import { doubtContent } from '../../domain/suspect.ts'
import type { Subject } from '../../domain/words.ts'
import { lookWhoServes, partnerOf, type Serving } from '../serving-pool.ts'
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
    const before = await lookWhoServes(item.subject, tools, signal)
    const taken = await cmdletExport.collect(item, context)
    // Who cannot be asked once keeps nobody waiting twice.
    const seen = before.by === 'itself' ? await lookWhoServes(item.subject, tools, signal) : before
    return { ...taken, outcome: judged(taken.outcome, seen, partner) }
  },
}

function judged(outcome: ItemOutcome, seen: Serving, partner: Subject): ItemOutcome {
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
