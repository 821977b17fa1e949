import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import { formatDuration } from '../../base/units.ts'
import { deadline } from '../deadline.ts'
import type { SqlConnections } from './connections.ts'

/** The header of a backup on a slow share takes minutes. */
const patienceSeconds = 30 * 60

/** Connections for questions: what is not answered within half an hour is cancelled, and `sql-timeout` thrown. */
export function answering(connections: SqlConnections, subject: string, clock: Clock): SqlConnections {
  return {
    ...connections,
    async query(statement, values, options) {
      using limit = deadline(clock, patienceSeconds * 1000, () => late(subject), options.signal)
      return await connections.query(statement, values, { ...options, signal: limit.signal })
    },
  }
}

function late(subject: string): Problem {
  return new Problem('sql-timeout', {
    subject,
    message: `The instance did not answer a question within ${formatDuration(patienceSeconds)}.`,
    hint: 'Look at the load of the instance, and in sys.dm_exec_requests at what it waits for.',
  })
}
