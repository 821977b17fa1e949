import { Problem, toProblem } from '../../base/problem.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { Tools } from '../handler.ts'
import { lookWhoServes, partnerOf } from '../serving-pool.ts'
import { importFile } from './import-file.ts'
import type { RestoreContext, Restorer } from './restorer.ts'
import { isStopped, lookAtServices } from './services.ts'

/**
 * "Import-CsUserData": a partial stop reports no error and brings no data, so every Front End of the pool is looked at first.
 * It takes effect when the services are started together: then `proveByCount` counts it.
 */
export const userData: Restorer = {
  resource: () => ({ kind: 'shellHost' }),
  async restore({ subject }, { set, copy, tools, signal, accepts }) {
    await refuseElsewhere(subject, accepts, tools, signal)
    const servers = tools.desired.pools.find(({ fqdn }) => sameSubject(fqdn, subject))?.servers ?? []
    if (servers.length === 0) throw refused(subject, 'Desired state names no server of the pool.')
    for (const server of servers) await refuseRunning(subject, server, tools, signal)
    const done = await importFile('user-data', { set, copy, tools, signal })
    return { message: `${done} It takes effect, and is counted, when the services of the pool were started together.` }
  },
}

/** Right before: while its users work on the partner, what they write there is newer than any set. */
async function refuseElsewhere(
  pool: Subject,
  accepts: RestoreContext['accepts'],
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const partner = partnerOf(pool, tools)
  if (partner === null) return
  const seen = await lookWhoServes(pool, tools, signal)
  if (seen.by === 'itself') return
  if (seen.by === 'partner' ? accepts('pool-not-active', seen.state) : accepts('serving-pool-unseen')) return
  const why = seen.by === 'partner' ? `it is ${seen.state}, and ${partner} serves its users` : seen.why
  throw new Problem('pool-failed-over', {
    subject: pool,
    message: `${pool} is not seen to be Active: ${why}. Nothing was imported.`,
    hint: 'Fail the pool back (Invoke-CsPoolFailback): that brings newer data than any set has.',
  })
}

async function refuseRunning(pool: Subject, server: Subject, tools: Tools, signal: AbortSignal): Promise<void> {
  const seen = await lookAtServices(server, tools, signal).catch((thrown: unknown) => {
    const { code, message } = toProblem(thrown)
    if (code !== 'shell-call-failed' && code !== 'answer-unreadable') throw thrown
    throw refused(pool, `Whether services of ${server} run was not seen: ${message}.`)
  })
  const running = seen.filter((one) => !isStopped(one)).map(({ name, status }) => `${name} is ${status}`)
  if (running.length > 0) throw refused(pool, `Services of ${server} are not stopped: ${running.join(', ')}.`)
}

function refused(subject: Subject, why: string): Problem {
  return new Problem('front-ends-not-stopped', {
    subject,
    message: `${why} Nothing was imported.`,
    hint: 'Stop the services of all Front Ends of the pool, then let the step run again: user data that are imported into a running pool are overwritten.',
  })
}
