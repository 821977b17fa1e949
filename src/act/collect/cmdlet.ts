import { posix } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { parseDatabase, sqlSubject } from '../../domain/subject.ts'
import type { Item } from '../../domain/words.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { checkZip } from '../../drivers/files/zip.ts'
import type { CallName } from '../../drivers/shell/host.ts'
import { payloadPath } from '../../sets/payload-path.ts'
import { collected, type Collector } from './collector.ts'
import { countElements } from './count-elements.ts'
import { refuseErrors } from './export-errors.ts'

interface Export {
  call: CallName
  parameters: Record<string, string>
  /** The documents promise a ZIP; else only that there is a file. */
  zip: boolean
}

/** The export of an item (Backing up core data and settings; Backing up Persistent Chat databases). */
function exportOf(item: Item): Export {
  switch (item.kind) {
    case 'configuration':
      return { call: 'export-configuration', parameters: {}, zip: true }
    case 'location-information':
      return { call: 'export-location-information', parameters: {}, zip: false }
    case 'user-data':
      return { call: 'export-user-data', parameters: { PoolFqdn: item.subject }, zip: true }
    case 'response-groups':
      return {
        call: 'export-response-groups',
        parameters: { Source: `service:ApplicationServer:${item.subject}` },
        zip: true,
      }
    case 'persistent-chat': {
      const database = parseDatabase(item.subject)
      if (!database) throw new Problem('unexpected', { subject: item.subject, message: 'This is not a database.' })
      return { call: 'export-persistent-chat', parameters: { DBInstance: sqlSubject(database) }, zip: true }
    }
    default:
      throw new Problem('unexpected', {
        subject: item.subject,
        message: `No cmdlet exports an item of kind ${item.kind}.`,
      })
  }
}

/** An export to a fresh scratch folder of the shell host, then copied: the vendor's way, and no file is ever there before. */
export const cmdletExport: Collector = {
  resource: () => ({ kind: 'shellHost' }),

  async collect(item, { set, tools, signal }) {
    const { call, parameters, zip } = exportOf(item)
    const path = payloadPath(item)
    const file = posix.basename(path)
    await using scratch = await tools.drivers.shell.scratch()
    refuseErrors(item, await tools.drivers.shell.call(call, { ...parameters, FileName: scratch.path(file) }, signal))
    const target = await set.local(path)
    const written = await writeDurably(target, await scratch.open(file), signal)
    if (written.bytes === 0)
      throw new Problem('export-empty', {
        subject: item.subject,
        message: `The export ${file} is empty.`,
        hint: emptyHint,
      })
    const counts = zip ? await countContent(item, target, signal) : {}
    return collected(item, path, [{ path, bytes: written.bytes, sha256: written.sha256 }], { counts })
  },
}

const emptyHint = 'Run the same cmdlet in the Management Shell under the account of the daemon and look at its output.'

/** Reads the whole ZIP file; what can be counted in it distinguishes an emptied pool from a full one. */
async function countContent(item: Item, file: string, signal: AbortSignal): Promise<Record<string, number>> {
  const elements = countElements(item.kind)
  const { entries, problem } = await checkZip(file, { signal, inspect: (name) => elements.inspect(name) })
  if (problem !== null || entries.length === 0)
    throw new Problem('export-damaged', {
      subject: item.subject,
      message: `The export is not a complete ZIP file: ${problem ?? 'it has no entries'}.`,
      hint: 'The cmdlet was interrupted, or the disk of the shell host is full. Look at its scratch folder and ask for a new run.',
    })
  return { entries: entries.length, ...elements.counts() }
}
