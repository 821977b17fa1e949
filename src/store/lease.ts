import type { Clock } from '../base/clock.ts'
import { stateOf, thisProcess } from '../base/process.ts'
import { randomId, type Random } from '../base/random.ts'
import { addSeconds, type Time } from '../base/time.ts'
import type { Database } from './database.ts'
import type { LeaseRow } from './schema.ts'
import { assignments, sql, upsert } from './statement.ts'

/** Who may act. Held by one process at a time; that of an owner proved dead is taken over at once. */
export interface Lease {
  /** True when it is ours now. */
  take(): boolean
  /** To be called every few seconds; carries the time of the last pass. False when somebody else took the lease. */
  renew(): boolean
  release(): void
  /** Null when nobody holds it, or who held it is dead, or cannot be seen and did not renew it in time. */
  holder(): { owner: string; pid: number; since: Time; renewedAt: Time } | null
}

/** How long a lease without renewal counts where nobody can tell whether its owner lives. */
const validSeconds = 30

/** `lastPass`: when this process last made a pass, written down with each renewal. */
export function openLease(database: Database, clock: Clock, random: Random, lastPass: () => Time | null): Lease {
  const owner = randomId(random)
  const us = thisProcess()
  const read = () => database.first(sql<LeaseRow>`SELECT * FROM lease`)
  function held(): NonNullable<ReturnType<typeof read>> | null {
    const row = read()
    if (!row || row.owner === null) return null
    const { host, namespace, pid, processStart } = row
    const state = stateOf({ host, namespace, pid, start: processStart })
    if (state === 'unknown') return row.expiresAt > clock.now() ? row : null
    return state === 'alive' ? row : null
  }
  const times = () => {
    const now = clock.now()
    const passAt = lastPass()
    return { renewedAt: now, expiresAt: addSeconds(now, validSeconds), ...(passAt === null ? {} : { passAt }) }
  }
  function renew(): boolean {
    if (read()?.owner !== owner) return false // also where nothing can be written
    const change = assignments<'lease'>(times())
    return database.briefly(() => database.run(sql`UPDATE lease SET ${change} WHERE owner = ${owner}`) === 1)
  }
  return {
    take() {
      return database.durably(() => {
        const current = held()
        if (current) return current.owner === owner && renew()
        const { host, namespace, pid, start } = us
        const row = { ...times(), owner, host, namespace, pid, processStart: start, since: clock.now() }
        database.run(upsert('lease', ['id'], { id: 1, ...row }))
        return true
      })
    },
    renew,
    release() {
      const passAt = lastPass()
      const change = assignments<'lease'>({ owner: null, ...(passAt === null ? {} : { passAt }) })
      database.briefly(() => database.run(sql`UPDATE lease SET ${change} WHERE owner = ${owner}`))
    },
    holder() {
      const row = held()
      if (!row || row.owner === null) return null
      return { owner: row.owner, pid: row.pid, since: row.since, renewedAt: row.renewedAt }
    },
  }
}
