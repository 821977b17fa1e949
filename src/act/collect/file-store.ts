import { Problem } from '../../base/problem.ts'
import { liveStoreSkip } from '../../domain/live-store.ts'
import { lostMount } from '../../domain/mount-point.ts'
import type { Item } from '../../domain/words.ts'
import type { CopiedTree } from '../../drivers/files/copy.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { mountPointOf } from '../../drivers/files/mount-point.ts'
import { copyTreeWhileMoving } from '../../drivers/files/moving.ts'
import { escapeNames } from '../../sets/escape.ts'
import { formatListing } from '../../sets/listing.ts'
import { listingPath, payloadPath } from '../../sets/payload-path.ts'
import type { Tools } from '../handler.ts'
import { collected, type Collector } from './collector.ts'

/**
 * A copy of the share while it is in use (Backing up file stores), with a listing of what was where and what was left
 * out. Whatever could not be read fails the item: half a file store is not a recovery point.
 */
export const fileStore: Collector = {
  resource: (item) => ({ kind: 'share', subject: item.subject }),

  async collect(item, { set, tools, attempt, signal }) {
    const at = tools.drivers.clock.now()
    const suffix = attempt === 1 ? '' : `.${attempt}`
    const [path, listing] = [`${payloadPath(item)}${suffix}`, `${listingPath(item)}${suffix}`]
    const options = { skip: liveStoreSkip, escape: escapeNames, signal }
    const [from, to] = [tools.drivers.localPath(item.subject), await set.local(path)]
    const tree = await copyTreeWhileMoving(from, to, options, tools.drivers.clock)
    refuseFaults(item, tree)
    if (tree.files.length === 0) await refuseUnmounted(item, from, tools)
    const { bytes, sha256 } = await writeDurably(
      await set.local(listing),
      formatListing(item.subject, at, tree),
      signal,
    )
    const files = tree.files.map((file) => ({ path: `${path}/${file.path}`, bytes: file.bytes, sha256: file.sha256 }))
    const counts = { files: tree.files.length }
    return collected(item, path, [...files, { path: listing, bytes, sha256 }], { counts })
  },
}

function refuseFaults(item: Item, { faults }: CopiedTree): void {
  const [first] = faults
  if (!first) return
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  throw new Problem('file-store-unreadable', {
    subject: item.subject,
    message: `${first.name} could not be read: ${first.system}${more}.`,
    hint: 'Give the account of the daemon read access to the whole tree, and close what holds the file.',
  })
}

/** The folder below a mount that is gone is empty, and so would the copy be. */
async function refuseUnmounted(item: Item, folder: string, { observed }: Pick<Tools, 'observed'>): Promise<void> {
  const mount = lostMount(item.subject, await mountPointOf(folder), observed().facts.environmentRecord)
  if (mount === null) return
  throw new Problem('file-store-unreadable', {
    subject: item.subject,
    message: `Nothing is mounted at ${mount}, where the share was at its last backup.`,
    hint: 'Mount the share again, then ask for a new run.',
  })
}
