import { z } from 'zod'
import { hosts } from '../domain/hosts.ts'
import type { Subject } from '../domain/words.ts'
import { recoverableBy, recoverableShape } from './recoverable.ts'
import type { RestoreSnapshot } from '../plan/recovery/lost-now.ts'
import { time } from './shapes.ts'

export const recoverabilityShape = z.object({ at: time, subjects: z.array(recoverableShape) })
export type RecoverabilityView = z.infer<typeof recoverabilityShape>

/**
 * `holdfast recoverability`: if it died now. `only`: this host, pool, database or file store; null: every host of the
 * topology. Null when nothing of that name can be lost.
 */
export function recoverabilityView(snapshot: RestoreSnapshot, only: Subject | null): RecoverabilityView | null {
  const subjects = only === null ? hosts(snapshot.desired).map(({ fqdn }) => fqdn) : [only]
  const recoverable = recoverableBy(snapshot)
  const rows = subjects.map((subject) => recoverable([subject])).filter((row) => row !== null)
  return only !== null && rows.length === 0 ? null : { at: snapshot.now, subjects: rows }
}
