/** By which heartbeats on the shares this store knows its own: a copy of the store does not know those written since. */
import type { WrittenBeats } from '../sets/heartbeat.ts'
import { build, type Database } from './database.ts'

export function openHeartbeats(database: Database): WrittenBeats {
  return {
    has(location, beat) {
      const row = database.first(build.selectFrom('heartbeat').selectAll().where('location', '=', location))
      return row !== undefined && (row.beat === beat || row.before === beat)
    },
    add(location, beat, before) {
      database.durably(() => {
        database.run(
          build
            .insertInto('heartbeat')
            .values({ location, beat, before })
            .onConflict((conflict) => conflict.column('location').doUpdateSet({ beat, before })),
        )
      })
    },
  }
}
