import type { ProbedFact } from '../domain/cadence.ts'
import type { Facts } from '../domain/facts.ts'
import type { Desired } from '../domain/model.ts'
import type { PublishedTopology } from '../domain/published.ts'
import type { Subject } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import type { WrittenBeats } from '../sets/heartbeat.ts'

/** What a look may use. */
export interface ProbeTools {
  readonly desired: Desired
  readonly drivers: Drivers
  /** The owner id of this daemon. */
  readonly owner: string
  /** The heartbeats of our store; null: that of another is not told apart. */
  readonly written: WrittenBeats | null
}

/** How one kind of fact is seen; `domain/cadence` says how often. */
export interface Probe<F extends ProbedFact> {
  /** Where the fact comes from, as evidence names it. */
  readonly source: string
  readonly deadlineSeconds: number
  /**
   * How many subjects are looked at side by side. Probes of the shell take turns with each other too, since one session
   * answers all of them; `shell-first`: before those that wait, for what concerns many servers at once.
   */
  readonly atOnce: number | 'shell' | 'shell-first'
  /** `topology`: as published, as far as it is known. */
  subjects(desired: Desired, topology: PublishedTopology | null): readonly Subject[]
  /** One look; whatever it throws makes the fact unknown. `before`: what was seen last, perhaps by a former process. */
  look(subject: Subject, tools: ProbeTools, signal: AbortSignal, before: Facts[F] | null): Promise<Facts[F]>
  /** The part of the value that `since` counts from; without it, all of it. */
  essence?: (value: Facts[F]) => unknown
}
