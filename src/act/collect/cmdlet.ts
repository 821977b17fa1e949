import { posix } from 'node:path'
import { Problem } from '../../base/problem.ts'
import type { ItemOutcome } from '../../domain/backup-set.ts'
import { doubtContent } from '../../domain/suspect.ts'
import { writeDurably } from '../../drivers/files/durable.ts'
import { payloadPath } from '../../sets/payload-path.ts'
import { collected, type Collected, type Collector } from './collector.ts'
import { countContent, exportOf } from './export-content.ts'
import { complaintOf } from './export-errors.ts'

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
