import type { Time } from '../../base/time.ts'
import type { Desired } from '../../domain/model.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Observed } from '../../domain/observation.ts'
import type { Memory } from '../../domain/plan.ts'
import type { Classified } from '../../domain/statement.ts'
import type { Class } from '../../domain/words.ts'
import { databaseVerdicts } from './database.ts'
import { fileStoreVerdict } from './file-store.ts'
import { hostVerdict } from './host.ts'
import { sceneOf, type Scene } from './scene.ts'

/** The class of everything that can be lost, by folded subject. */
export interface Classes {
  /** Every host of the topology (`hosts`). */
  readonly hosts: ReadonlyMap<string, Classified>
  /** Every database whose loss calls for a restore, on each instance that should hold it. */
  readonly databases: ReadonlyMap<string, Classified>
  readonly fileStores: ReadonlyMap<string, Classified>
  /** What the verdicts were made from. */
  readonly scene: Scene
}

/** On these classes alone a flag may rise (design, section 6). */
const lostClasses: ReadonlySet<Class> = new Set<Class>(['absent', 'clean', 'half-built'])

export function isLost(verdict: Pick<Classified, 'class'> | undefined): boolean {
  return verdict !== undefined && lostClasses.has(verdict.class)
}

/** Classes of design section 6 by the evidence of the domain reference, section 8.5. */
export function classify(desired: Desired, observed: Observed, memory: Memory, now: Time): Classes {
  const scene = sceneOf(desired, observed, memory, now)
  const { expected } = scene
  const databases = databaseVerdicts(expected.instances.values(), scene)
  const hosts = new Map<string, Classified>()
  for (const one of expected.hosts.values()) {
    const held = one.instances.flatMap(({ restored }) => restored.flatMap(({ key }) => databases.get(key) ?? []))
    hosts.set(one.key, hostVerdict(one, held, scene))
  }
  const fileStores = [...expected.fileStores.values()].map((store) => fileStoreVerdict(store, scene))
  return {
    hosts,
    databases,
    fileStores: new Map(fileStores.map((verdict) => [foldSubject(verdict.subject), verdict])),
    scene,
  }
}
