import type { Log } from '../base/log.ts'
import type { Problem } from '../base/problem.ts'
import type { Config } from '../config/config.ts'
import type { Drivers } from '../drivers/drivers.ts'
import type { WrittenBeats } from '../sets/heartbeat.ts'
import type { Machine } from './machine.ts'

/** What the state store remembers; the caller opens it. */
export interface Remembered {
  /** Revision last applied; null before the first. */
  applied: string | null
  /** Whether any set of that location is known. */
  knows(location: string): boolean
  /** The heartbeats that it wrote; null where it could not be opened. */
  written: WrittenBeats | null
  /** Why the store could not be opened; null when it could. */
  problem: Problem | null
}

export interface Surroundings {
  config: Config
  drivers: Drivers
  machine: Machine
  remembered: Remembered
  log: Log
}
