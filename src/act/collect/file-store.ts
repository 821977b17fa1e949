import { readdir } from 'node:fs/promises'
import { Problem } from '../../base/problem.ts'
import { isMadeAnew, storeSkip } from '../../domain/live-store.ts'
import { countNotTaken, isGap, missingIn, tellNames, type NotTaken } from '../../domain/not-taken.ts'
import { doubtIncomplete } from '../../domain/suspect.ts'
import type { Item } from '../../domain/words.ts'
import type { CopiedEntry } from '../../drivers/files/copy.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { copyTreeWhileMoving } from '../../drivers/files/moving.ts'
import { fileProblem } from '../../drivers/files/problem.ts'
import { inChunks, sortedLines } from '../../drivers/files/sorted-lines.ts'
import { escapeNames } from '../../sets/escape.ts'
import { filesOfListing, listingHead, listingLine } from '../../sets/listing.ts'
import { listingPath, payloadPath } from '../../sets/payload-path.ts'
import type { Tools } from '../handler.ts'
import { lostStoreMount } from '../store-mount.ts'
import type { Collector } from './collector.ts'

/**
 * A copy of the share while it is in use (Backing up file stores), with a listing of what was where and what was left
 * out. What could not be read is named, and the rest is kept; the item fails only where nothing could be read.
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
    const take = (taken: CopiedEntry): Promise<void> => {
      const entry = forgiving(taken)
      if (entry.type === 'skipped') left.add(entry.reason, entry.name)
      return lines.add(entry.name, listingLine(entry))
    }
    const options = {
      skip: storeSkip(item.subject, tools.desired.fileStores),
      escape: escapeNames,
      take,
      keepFree: set.keepFree,
      signal,
    }
    const tree = await copyTreeWhileMoving(from, to, options, tools.drivers.clock)
    const notTaken = left.all()
    if (tree.files === 0) refuseAllRefused(item, notTaken)
    // A share that went away in the middle looks like one whose files were deleted or are refused.
    if (tree.files === 0 || notTaken !== undefined) await expectStore(item, from, tools)
    const written = await writeDurably(listingFile, inChunks(lines, listingHead(item.subject, at)), signal)
    const { kind, subject } = item
    const [bytes, counts] = [tree.bytes + written.bytes, { files: tree.files }]
    const outcome = { kind, subject, path, outcome: 'ok', bytes, counts, ...(notTaken && { notTaken }) } as const
    return {
      outcome: doubtIncomplete(outcome),
      files: filesOfListing(listingFile, path, { path: listing, ...written }),
    }
  },
}

/** What the server makes anew is no gap. */
function forgiving(entry: CopiedEntry): CopiedEntry {
  const isRemade = entry.type === 'skipped' && isGap(entry.reason) && isMadeAnew(entry.name)
  return isRemade ? { ...entry, reason: 'remade' } : entry
}

function refuseAllRefused(item: Item, notTaken: NotTaken | undefined): void {
  const missing = missingIn(notTaken)
  if (missing === null) return
  throw new Problem('file-store-unreadable', {
    subject: item.subject,
    message: `Nothing of it could be read: ${tellNames(missing)}.`,
    hint: 'Give the account of the daemon read access to the whole tree, and close what holds the files.',
  })
}

/** It is still there. */
async function expectStore(item: Item, folder: string, tools: Tools): Promise<void> {
  await readdir(folder).catch((thrown: unknown) => {
    throw fileProblem(thrown, folder, 'Listing')
  })
  await refuseUnmounted(item, folder, tools)
}

/** The folder below a mount that is gone is empty, and so would the copy be. */
async function refuseUnmounted(item: Item, folder: string, tools: Tools): Promise<void> {
  const mount = await lostStoreMount(item.subject, folder, tools)
  if (mount === null) return
  throw new Problem('file-store-unreadable', {
    subject: item.subject,
    message: `Nothing is mounted at ${mount}, where the share was at its last backup.`,
    hint: 'Mount the share again, then ask for a new run.',
  })
}
