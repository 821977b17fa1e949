import { replaceFile, type LabPaths } from './paths.ts'
import { topologyDocument } from './topology-document.ts'
import type { World } from './world.ts'

/** Keeps the copy for people (and for `holdfast import`) as the Central Management store publishes it. */
export function writeTopology(paths: LabPaths, world: World): void {
  replaceFile(paths.topology, topologyDocument(world.topology))
}
