import type { Facts } from '../domain/facts.ts'
import type { Desired } from '../domain/model.ts'
import type { Subject } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'

/** Facts that probes see; the Git source reports itself. */
export type ProbedFact = 'location' | 'sqlInstance' | 'fileStore' | 'dns' | 'tls'

/** What a look may use. */
export interface Surroundings {
  readonly desired: Desired
  readonly drivers: Drivers
  /** The owner id of this daemon. */
  readonly owner: string
}

/** How one kind of fact is seen. */
export interface Probe<F extends ProbedFact> {
  /** Where the fact comes from, as evidence names it. */
  readonly source: string
  readonly everySeconds: number
  readonly deadlineSeconds: number
  /** How many subjects are looked at side by side. */
  readonly atOnce: number
  subjects(desired: Desired): readonly Subject[]
  /** One look; whatever it throws makes the fact unknown. */
  look(subject: Subject, surroundings: Surroundings, signal: AbortSignal): Promise<Facts[F]>
  /** The part of the value that `since` counts from; without it, all of it. */
  essence?: (value: Facts[F]) => unknown
}
