import { posix } from 'node:path'
import { Problem } from '../../base/problem.ts'
import type { ItemOutcome } from '../../domain/backup-set.ts'
import { doubtContent } from '../../domain/suspect.ts'
import type { Item } from '../../domain/words.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { checkZip, type EntryCheck } from '../../drivers/files/zip.ts'
import { itemCalls, type ItemCall } from '../../drivers/shell/item-calls.ts'
import { inspectXml, isZip } from '../../sets/content.ts'
import { payloadPath } from '../../sets/payload-path.ts'
import { collected, type Collected, type Collector } from './collector.ts'
import { countElements } from './count-elements.ts'
import { complaintOf } from './export-errors.ts'

function exportOf({ kind, subject }: Item): ItemCall {
  const call: ItemCall | null = itemCalls[kind]
  if (call === null || call.makes === 'answer')
    throw new Problem('unexpected', { subject, message: `No cmdlet exports an item of kind ${kind}.` })
  return call
}

/** An export to a fresh scratch folder of the shell host, then copied: the vendor's way, and no file is ever there before. */
export const cmdletExport: Collector = {
  resource: () => ({ kind: 'shellHost' }),

  async collect(item, { set, tools, signal }) {
    const { call, parameters, makes } = exportOf(item)
    const path = payloadPath(item)
    const file = posix.basename(path)
    await using scratch = await tools.drivers.shell.scratch()
    const parametersOfCall = { ...parameters(item.subject), FileName: scratch.path(file) }
    const complaint = await complaintOf(item, tools.drivers.shell.call(call, parametersOfCall, signal))
    const take = async (): Promise<Collected> => {
      const target = await set.local(path)
      const written = await writeDurably(target, await scratch.open(file), signal)
      if (written.bytes === 0)
        throw new Problem('export-empty', {
          subject: item.subject,
          message: `The export ${file} is empty.`,
          hint: emptyHint,
        })
      const { counts, last } = await countContent(item, target, makes, signal)
      const whole = collected(item, path, [{ path, bytes: written.bytes, sha256: written.sha256 }], { counts })
      return complaint === null ? whole : { ...whole, outcome: stopped(whole.outcome, complaint, last) }
    }
    // What it complained of says more than that its file is of no use.
    return await take().catch((thrown: unknown) => {
      signal.throwIfAborted()
      throw complaint ?? thrown
    })
  },
}

/** It stopped midway: what it wrote is kept beside the older good copy. */
function stopped(outcome: ItemOutcome, { code, message }: Problem, last: string | null): ItemOutcome {
  const where = last === null ? '' : ` The last object in the file is ${last}.`
  return doubtContent(outcome, code, `${message}${where}`)
}

const emptyHint = 'Run the same cmdlet in the Management Shell under the account of the daemon and look at its output.'

interface Content {
  counts: Record<string, number>
  /** The last object in it, by its name. */
  last: string | null
}

/**
 * Reads the whole of it, as a verification at level `content` does; what can be counted in it distinguishes an emptied
 * pool from a full one.
 */
async function countContent(item: Item, file: string, makes: ItemCall['makes'], signal: AbortSignal): Promise<Content> {
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
