import { Problem } from '../../base/problem.ts'
import type { Item } from '../../domain/words.ts'
import { checkZip, type EntryCheck } from '../../drivers/files/zip.ts'
import { itemCalls, type ItemCall } from '../../drivers/shell/item-calls.ts'
import { inspectXml, isZip } from '../../sets/content.ts'
import { countElements } from './count-elements.ts'

/** The call that writes the item to a file. */
export function exportOf({ kind, subject }: Item): ItemCall {
  const call: ItemCall | null = itemCalls[kind]
  if (call === null || call.makes === 'answer')
    throw new Problem('unexpected', { subject, message: `No cmdlet exports an item of kind ${kind}.` })
  return call
}

interface Content {
  counts: Record<string, number>
  /** The last object in it, by its name. */
  last: string | null
}

/**
 * Reads the whole of it, as a verification at level `content` does; what can be counted in it distinguishes an emptied
 * pool from a full one.
 */
export async function countContent(
  item: Item,
  file: string,
  makes: ItemCall['makes'],
  signal: AbortSignal,
): Promise<Content> {
  if (makes === 'file' && !(await isZip(file))) return { counts: {}, last: null }
  const elements = countElements(item.kind)
  const inspect = (name: string): EntryCheck | null => both(inspectXml(name), elements.inspect(name))
  const { entries, problem } = await checkZip(file, { signal, inspect })
  if (problem !== null || entries.length === 0)
    throw new Problem('export-damaged', {
      subject: item.subject,
      message: `The export is not a complete ZIP file: ${problem ?? 'it has no entries'}.`,
      hint: 'The cmdlet was interrupted, or the disk of the shell host is full. Look at its scratch folder and ask for a new run.',
    })
  return { counts: { entries: entries.length, ...elements.counts() }, last: elements.last() }
}

function both(one: EntryCheck | null, other: EntryCheck | null): EntryCheck | null {
  if (!one || !other) return one ?? other
  return {
    write(chunk) {
      one.write(chunk)
      other.write(chunk)
    },
    end: () => one.end() ?? other.end(),
  }
}
