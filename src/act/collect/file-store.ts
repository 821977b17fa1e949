import { Problem } from '../../base/problem.ts'
import { liveStoreSkip } from '../../domain/live-store.ts'
import { countNotTaken } from '../../domain/not-taken.ts'
import { lostMount } from '../../domain/mount-point.ts'
import type { Item } from '../../domain/words.ts'
import type { CopiedEntry, CopiedTree } from '../../drivers/files/copy.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { mountPointOf } from '../../drivers/files/mount-point.ts'
import { copyTreeWhileMoving } from '../../drivers/files/moving.ts'
import { inChunks, sortedLines } from '../../drivers/files/sorted-lines.ts'
import { escapeNames } from '../../sets/escape.ts'
import { filesOfListing, listingHead, listingLine } from '../../sets/listing.ts'
import { listingPath, payloadPath } from '../../sets/payload-path.ts'
import type { Tools } from '../handler.ts'
import type { Collector } from './collector.ts'

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
    const [from, to] = [tools.drivers.localPath(item.subject), await set.local(path)]
    const listingFile = await set.local(listing)
    await using lines = sortedLines(`${listingFile}.sorting`)
    const left = countNotTaken()
    const take = (entry: CopiedEntry): Promise<void> => {
      if (entry.type === 'skipped') left.add(entry.reason, entry.name)
      return lines.add(entry.name, listingLine(entry))
    }
    const options = { skip: liveStoreSkip, escape: escapeNames, take, keepFree: set.keepFree, signal }
    const tree = await copyTreeWhileMoving(from, to, options, tools.drivers.clock)
    refuseFaults(item, tree)
    if (tree.files === 0) await refuseUnmounted(item, from, tools)
    const written = await writeDurably(listingFile, inChunks(lines, listingHead(item.subject, at)), signal)
    const { kind, subject } = item
    const [bytes, counts] = [tree.bytes + written.bytes, { files: tree.files }]
    const notTaken = left.all()
    return {
      outcome: { kind, subject, path, outcome: 'ok', bytes, counts, ...(notTaken && { notTaken }) },
      files: filesOfListing(listingFile, path, { path: listing, ...written }),
    }
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
