/** By which heartbeats on the shares this store knows its own: a copy of the store does not know those written since. */
import type { WrittenBeats } from '../sets/heartbeat.ts'
import type { Database } from './database.ts'
import type { HeartbeatRow } from './schema.ts'
import { sql, upsert } from './statement.ts'

export function openHeartbeats(database: Database): WrittenBeats {
  return {
    has(location, beat) {
      const row = database.first(sql<HeartbeatRow>`SELECT * FROM heartbeat WHERE location = ${location}`)
      return row !== undefined && (row.beat === beat || row.before === beat)
    },
    add(location, beat, before) {
      database.durably(() => {
        database.run(upsert('heartbeat', ['location'], { location, beat, before }))
      })
    },
  }
}
