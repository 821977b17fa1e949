import type { Problem } from '../../base/problem.ts'
import { doubtContent } from '../../domain/suspect.ts'
import type { Item } from '../../domain/words.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { inChunks, sortedLines } from '../../drivers/files/sorted-lines.ts'
import { cmdletOf } from '../../drivers/shell/calls.ts'
import { directoryLists } from '../../drivers/shell/directory-lists.ts'
import type { ManifestEntry } from '../../sets/manifest.ts'
import { payloadPath } from '../../sets/payload-path.ts'
import { collected, type CollectContext, type Collector } from './collector.ts'
import { directoryLine } from './directory-line.ts'
import { complaintOf } from './export-errors.ts'

/**
 * What only Active Directory knows, as readable lists: a record, no restore source (domain reference, section 6.14). No
 * set must have it, so a cmdlet that is missing or refused spoils its own list alone, and the item is suspect.
 */
export const directoryRecord: Collector = {
  resource: () => ({ kind: 'shellHost' }),

  async collect(item, context) {
    const files: ManifestEntry[] = []
    const counts: Record<string, number> = {}
    const complaints = new Map<string, string>()
    for (const list of directoryLists) {
      const { file, count, complaint } = await takeList(item, list, context)
      if (file) {
        files.push(file)
        counts[list.holds] = count
      }
      if (complaint) complaints.set(cmdletOf(list.call).cmdlet, complaint.message)
    }
    const whole = collected(item, payloadPath(item), files, { counts })
    if (complaints.size === 0) return whole
    return { ...whole, outcome: doubtContent(whole.outcome, 'item-suspect', tell(complaints)) }
  },
}

/** "Members of the following groups are authorized to run the cmdlet" (cmdlet reference of each). */
const needed = 'in the Management Shell, under an account in RTCUniversalReadOnlyAdmins or above'

/** The names come first: a long message is cut. */
function tell(complaints: ReadonlyMap<string, string>): string {
  const told = [...complaints].map(([cmdlet, message]) => `${cmdlet}: ${message}`)
  return `Not all was recorded; it needs ${[...complaints.keys()].join(', ')} ${needed}. ${told.join(' ')}`
}

interface TakenList {
  /** Null: it said nothing but why not. */
  file: ManifestEntry | null
  count: number
  complaint: Problem | null
}

/** Object by object from the shell host to the file, in constant memory. What came before an error is kept. */
async function takeList(
  item: Item,
  { call, file: name }: (typeof directoryLists)[number],
  { set, tools, signal }: CollectContext,
): Promise<TakenList> {
  const path = `${payloadPath(item)}/${name}`
  const file = await set.local(path)
  await using lines = sortedLines(`${file}.sorting`)
  let count = 0
  const take = async (value: unknown): Promise<void> => {
    const { key, text } = directoryLine(call, value)
    await lines.add(key, text)
    count++
  }
  const complaint = await complaintOf(item, tools.drivers.shell.call(call, {}, signal, take))
  if (complaint !== null && count === 0) return { file: null, count, complaint }
  return { file: { path, ...(await writeDurably(file, inChunks(lines), signal)) }, count, complaint }
}
