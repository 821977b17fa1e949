import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import type { Facts } from '../domain/facts.ts'
import type { Desired } from '../domain/model.ts'
import type { Observation } from '../domain/words.ts'
import type { Loaded } from './load.ts'

/** The Git repository as a source of desired state. Reports itself as an observation, like any probe. */
export interface Source extends AsyncDisposable {
  /** Desired state of the newest valid revision; null when none was ever read. Survives an unreachable Git. */
  lastGood(): Desired | null
  fact(): Observation<Facts['source']>
  /** Fetches and reads the head now. Never rejects: what went wrong stands in `fact()`. */
  refresh(signal?: AbortSignal): Promise<void>
  /** Any commit or name of one (`main`, `HEAD~1`, a short hash), as desired state. Throws Problem `revision-unknown`. */
  at(revision: string): Promise<Loaded & { revision: string }>
  /** Starts to watch a local repository, or to fetch a remote one by interval with jitter, and calls `wake` after each change of `fact()`. */
  watch(wake: () => void): void
}

/**
 * Opens the mirror (a bare repository in `<state>.mirror`), cloning it when missing. `lastGood`: the revision last
 * applied, so that a restart under an invalid head or without Git goes on where it was.
 */
export function openSource(_config: Config, _lastGood: string | null, _clock: Clock, _log: Log): Promise<Source> {
  throw new Error('not built yet')
}
