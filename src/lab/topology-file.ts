import type { Bench } from './break.ts'
import { guidOf } from './chance.ts'
import { replaceFile, type LabPaths } from './paths.ts'
import { topologyDocument } from './topology-document.ts'
import type { Topology } from './topology.ts'
import type { World } from './world.ts'

/** Keeps the copy for people (and for `holdfast import`) as the Central Management store publishes it. */
export function writeTopology(paths: LabPaths, world: World): void {
  replaceFile(paths.topology, topologyDocument(world.topology))
}

/** Somebody publishes the topology with a change; returns what `unpublish` needs. */
export function publish({ world, paths }: Bench, change: (topology: Topology) => void): unknown {
  const before = structuredClone(world.topology)
  change(world.topology)
  if (JSON.stringify(world.topology) === JSON.stringify(before)) return before
  world.topology.signature = guidOf(`${before.signature} ${JSON.stringify(world.topology)}`)
  writeTopology(paths, world)
  return before
}

export function unpublish({ world, paths }: Bench, before: unknown): void {
  world.topology = before as Topology
  writeTopology(paths, world)
}
