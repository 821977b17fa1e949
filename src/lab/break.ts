import type { LabPaths } from './paths.ts'
import type { World } from './world.ts'

/** What a break works on: the facts, and the files of the lab. */
export interface Bench {
  world: World
  readonly paths: LabPaths
}

/** One thing that happens in life, and how it is put right. */
export interface Break {
  kind: string
  /** The first one is the default. */
  details: readonly string[]
  /** One sentence for a person. */
  does: string
  subjects: (bench: Bench) => string[]
  /** Further subjects that cannot be listed. */
  accepts?: (bench: Bench, subject: string) => boolean
  /** Further details that cannot be listed. */
  takes?: (detail: string) => boolean
  /** Details that hold by a mount, which ends with the lab. */
  mounts?: readonly string[]
  /** Changes the facts; what it returns goes to `repair` (and through the state file). */
  apply: (bench: Bench, subject: string, detail: string) => unknown
  repair: (bench: Bench, subject: string, before: unknown, detail: string) => void
}
