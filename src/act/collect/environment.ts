import { environmentOf } from '../../domain/environment.ts'
import type { Observed } from '../../domain/observation.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { payloadPath } from '../../sets/payload-path.ts'
import type { ManifestEntry } from '../../sets/manifest.ts'
import { collected, type Collector } from './collector.ts'

/**
 * What must be the same at restore time, as it is now, and the desired state of the revision, so that the set explains
 * itself without Git. What no probe could find out is `null` and fails nothing.
 */
export const environment: Collector = {
  resource: () => null,

  async collect(item, { set, tools, signal }) {
    const before = tools.observed()
    await tools.look('due', signal)
    const folder = payloadPath(item)
    const documents = {
      'environment.json': environmentOf(tools.desired, withConfigurationOf(before, tools.observed())),
      'desired-state.json': tools.desired,
    }
    const files: ManifestEntry[] = []
    for (const [name, document] of Object.entries(documents)) {
      const path = `${folder}/${name}`
      const { bytes, sha256 } = await writeDurably(
        await set.local(path),
        `${JSON.stringify(document, null, 2)}\n`,
        signal,
      )
      files.push({ path, bytes, sha256 })
    }
    return collected(item, folder, files)
  },
}

/**
 * What was published before any export of this run began: a change in the middle of the run then counts as not backed up
 * yet, whichever the export holds.
 */
function withConfigurationOf(before: Observed, { facts, sets }: Observed): Observed {
  const { publishedTopology, replication } = before.facts
  return { facts: { ...facts, publishedTopology, replication }, sets }
}
