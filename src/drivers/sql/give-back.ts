import type { Clock } from '../../base/clock.ts'
import { Problem, toProblem } from '../../base/problem.ts'
import { deadline } from '../deadline.ts'
import type { SqlConnections } from './connections.ts'
import { text } from './rows.ts'

interface Tools {
  connections: SqlConnections
  clock: Clock
}

const patienceMilliseconds = 120_000
const lookEveryMilliseconds = 2_000

/**
 * MULTI_USER, also after an abort: it has a deadline of its own. Tried again while the instance does not answer or somebody
 * sits in the one place of SINGLE_USER. A database that is not ONLINE cannot take it; the next restore begins anew there.
 * Throws `sql-single-user`, which names what went wrong before (`after`), too.
 */
export async function giveBack(
  { connections, clock }: Tools,
  database: string,
  subject: string,
  after: Problem | null,
): Promise<void> {
  using limit = deadline(clock, patienceMilliseconds, () => late(subject))
  const { signal } = limit
  let last: Problem | null = null
  for (;;)
    try {
      const [row] = await connections.query('userAccess', { database }, { signal })
      if (!row || text(row, 'state') !== 'ONLINE' || text(row, 'access') === 'MULTI_USER') return
      await connections.query('giveBack', { database }, { signal })
    } catch (thrown) {
      if (signal.aborted) throw notGivenBack(database, subject, last ?? late(subject), after)
      last = toProblem(thrown, subject)
      await clock.sleep(lookEveryMilliseconds, signal).catch(() => {})
    }
}

function late(subject: string): Problem {
  return new Problem('sql-timeout', { subject, message: 'The instance did not answer.' })
}

function notGivenBack(database: string, subject: string, cause: Problem, after: Problem | null): Problem {
  const before = after === null ? '' : ` Before that: ${after.message}`
  return new Problem('sql-single-user', {
    subject,
    message: `The database could not be given back to its users: ${cause.message}${before}`,
    hint: `On the instance: ALTER DATABASE [${database.replaceAll(']', ']]')}] SET MULTI_USER. sys.dm_exec_sessions names who sits in it.`,
    cause: after ?? cause,
  })
}
