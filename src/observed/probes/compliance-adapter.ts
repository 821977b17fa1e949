import type { Desired, Pool, SqlStore } from '../../domain/model.ts'
import { distinct, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import { objectsOf, requiredText, textIn, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

/**
 * `mgccomp` is a queue and no item of a set: without an adapter nothing is saved there, and with one what it has not taken
 * out yet is lost with the database (domain reference, section 6.14). So it is told which of the two it is.
 */
export const complianceAdapterProbe: Probe<'complianceAdapter'> = {
  source: 'Get-CsPersistentChatComplianceConfiguration',
  deadlineSeconds: 120,
  atOnce: 'shell',
  subjects: (desired) => distinct(queues(desired).map(({ database }) => database)),
  async look(subject, { desired, drivers }, signal) {
    const queue = queues(desired).find(({ database }) => sameSubject(database, subject))
    if (!queue) throw new Error(`${subject} is no longer part of the desired state`)
    const answer = await drivers.probeShell.call('compliance-settings', {}, signal)
    return { adapter: readAdapter(objectsOf(answer), queue.pool) }
  },
}

function queues({ pools }: Desired): { pool: Pool; database: Subject }[] {
  return pools.flatMap((pool) => {
    const store: SqlStore | undefined = pool.stores.compliance
    return store === undefined ? [] : [{ pool, database: sqlSubject(store, 'mgccomp') }]
  })
}

/**
 * "If you do not specify an adapter type Persistent Chat will not save compliance data"
 * (Set-CsPersistentChatComplianceConfiguration). The settings of the pool come before those of its site and the global ones.
 * Throws Problem `answer-unreadable` for settings without an identity.
 */
export function readAdapter(answers: readonly Answer[], { fqdn, site }: Pick<Pool, 'fqdn' | 'site'>): string | null {
  const scopes = [`PersistentChatServer:${fqdn}`, `Site:${site}`, 'Global']
  const settings = answers.map((answer) => ({ of: requiredText(answer, 'Identity').replace(/^service:/i, ''), answer }))
  const [own] = scopes.flatMap((scope) => settings.filter(({ of }) => sameSubject(of, scope)))
  return own === undefined ? null : textIn(own.answer, 'AdapterType')
}
