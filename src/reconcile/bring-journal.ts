import type { BroughtJournal } from '../act/handler.ts'
import { readHead } from '../sets/journal-head.ts'
import { readSegments } from '../sets/journal-segments.ts'
import type { Store } from '../store/store.ts'

/**
 * Brings the journal that a share kept for a former state store into ours, up to the first entry that is missing or
 * damaged; what comes after that, up to the head on the share, is lost, and the journal says so. `root`: the share as this
 * machine reaches it. Null where our store is not new, or the share has nothing that can be read. Rejects where it cannot be listed.
 */
export async function bringJournal(
  location: string,
  root: string,
  store: Pick<Store, 'formerJournal'>,
  kept: <T>(write: () => T) => Promise<T>,
): Promise<BroughtJournal | null> {
  const head = await readHead(root)
  const former = head?.chain == null ? null : await kept(() => store.formerJournal())
  if (former === null || head?.chain == null) return null
  for await (const { entries, isWhole } of readSegments(root, head.chain))
    if (!(await kept(() => former.add(entries))) || !isWhole) break
  return kept(() => former.finish(head, location))
}
