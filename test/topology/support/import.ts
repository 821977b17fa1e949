import { load, type Loaded } from '../../../src/desired/load.ts'
import { interpret } from '../../../src/topology/interpret.ts'
import { readTopology } from '../../../src/topology/read.ts'
import type { WrittenResource } from '../../../src/topology/resource.ts'
import { toResources } from '../../../src/topology/resources.ts'
import { fileNameOf, yamlOf } from '../../../src/topology/written.ts'

interface Imported {
  resources: WrittenResource[]
  warnings: string[]
  dangling: number
  /** The spec of a resource. Throws where there is none. */
  spec(kind: WrittenResource['kind'], name?: string): Record<string, unknown>
  names(kind: WrittenResource['kind']): string[]
  /** What `holdfast validate` makes of it. */
  loaded(): Loaded
}

/** The whole way of a document, as `holdfast import` goes it. */
export async function imported(document: string | Uint8Array): Promise<Imported> {
  const { topology, warnings } = interpret(await readTopology(Buffer.from(document as string)))
  const written = toResources(topology)
  const { resources } = written
  return {
    resources,
    warnings: [...warnings, ...written.warnings].map(({ message }) => message),
    dangling: topology.dangling,
    spec: (kind, name) => {
      const found = resources.find((one) => one.kind === kind && (name === undefined || one.metadata.name === name))
      if (!found) throw new Error(`no ${kind} ${name ?? ''}`)
      return found.spec
    },
    names: (kind) => resources.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name),
    loaded: () =>
      load(
        'test',
        resources.map((one) => ({ path: fileNameOf(one), text: yamlOf(one) })),
      ),
  }
}
