import { join } from 'node:path'
import { Problem, toProblem } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import type { BackupSet, ItemOutcome } from '../domain/backup-set.ts'
import type { ProvedItem } from '../domain/restore-proofs.ts'
import { whileMoving } from '../drivers/files/moving.ts'
import { checkSet } from '../sets/check.ts'
import { readListing, type ListingReading } from '../sets/listing-reading.ts'
import { putStoreBack } from '../sets/put-store-back.ts'
import type { Tools } from './handler.ts'
import { nothingProved, type RestoreCheck } from './restore-check.ts'
import { inScratchFolder } from './scratch-folder.ts'

/** What the place of the test can do wrong: it says nothing of the set. */
const ofScratch: ReadonlySet<ProblemCode> = new Set([
  'file-no-space',
  'file-stalled',
  'share-unreachable',
  'path-not-mapped',
  'scratch-in-use',
])

/**
 * Restores each file store of the set into a scratch folder, as a restore in earnest would, one after the other; each file is
 * proved against the manifest before it has its name. Where one does not come back, a check of the files says whether the set
 * is at fault.
 */
export async function checkFileStores(
  set: BackupSet,
  files: string,
  tools: Tools,
  signal: AbortSignal,
): Promise<RestoreCheck> {
  const found = nothingProved()
  for (const item of set.items.filter(holdsFiles)) {
    try {
      found.proved.push(
        await tools.limit({ kind: 'share', subject: files }, signal, () => bringBack(item, set, files, tools, signal)),
      )
      found.checked++
    } catch (thrown) {
      signal.throwIfAborted()
      const failure = toProblem(thrown, item.subject)
      if (!ofScratch.has(failure.code)) {
        const { problems, damaged } = await checkSet(set, 'checksum', signal)
        if (problems.length > 0) return { ...found, checked: found.checked + 1, problems, damaged }
      }
      found.failures.push(failure)
    }
  }
  return found
}

function holdsFiles({ kind, outcome }: ItemOutcome): boolean {
  return kind === 'file-store' && (outcome === 'ok' || outcome === 'suspect' || outcome === 'damaged')
}

function bringBack(
  item: ItemOutcome,
  set: BackupSet,
  files: string,
  tools: Tools,
  signal: AbortSignal,
): Promise<ProvedItem> {
  const { clock } = tools.drivers
  return inScratchFolder(files, tools, async (folder) => {
    const begun = clock.monotonic()
    const { back, there, failed } = await whileMoving(folder, signal, clock, async (stop, steps) => {
      const listing = removable(await readListing(set, item))
      return putStoreBack(listing, join(set.path, item.path), folder, {
        ...{ signal: stop, steps, onPercent: () => {} },
        expectOurs: () => Promise.resolve(), // a folder of this test alone
      })
    })
    if (failed.count > 0)
      throw new Problem('file-store-not-restored', {
        subject: item.subject,
        message: `${failed.count} of its files did not come back in a restore test: ${failed.names.join('; ')}.`,
        hint: `Look at the folder for restore tests, ${files}.`,
      })
    return { kind: item.kind, bytes: back.bytes + there.bytes, seconds: (clock.monotonic() - begun) / 1000 }
  })
}

/** Nothing of a test is kept, so nothing in it is made read-only. */
function removable(listing: ListingReading): ListingReading {
  return {
    ...listing,
    async *entries() {
      for await (const entry of listing.entries())
        yield entry.type === 'skipped' ? entry : { ...entry, readOnly: false }
    },
  }
}
