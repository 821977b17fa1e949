import type { Judgement } from '../judgement.ts'
import type { Resources } from '../resources.ts'

/** A named rule across the resources of one revision. */
export type Rule = (resources: Resources) => Judgement[]
