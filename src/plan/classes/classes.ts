import type { Time } from '../../base/time.ts'
import type { Desired } from '../../domain/model.ts'
import type { Memory, Observed, Verdict } from '../../domain/words.ts'

/** The class of everything that can be lost, by folded subject. */
export interface Classes {
  /** Every host of the topology (`hosts`). */
  readonly hosts: ReadonlyMap<string, Verdict>
  /** Every database whose loss calls for a restore, on each instance that should hold it. */
  readonly databases: ReadonlyMap<string, Verdict>
  readonly fileStores: ReadonlyMap<string, Verdict>
}

/** Classes of design section 6 by the evidence of the domain reference, section 8.5. */
export function classify(_desired: Desired, _observed: Observed, _memory: Memory, _now: Time): Classes {
  return { hosts: new Map(), databases: new Map(), fileStores: new Map() }
}
