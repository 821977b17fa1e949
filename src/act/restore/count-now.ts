import { posix } from 'node:path'
import { Problem, toProblem } from '../../base/problem.ts'
import type { ItemOutcome } from '../../domain/backup-set.ts'
import type { Item } from '../../domain/words.ts'
import { payloadPath } from '../../sets/payload-path.ts'
import { countContent, exportOf } from '../collect/export-content.ts'
import { refuseErrors } from '../collect/export-errors.ts'
import type { Tools } from '../handler.ts'
import type { RestoreContext, Restored } from './restorer.ts'

export type Counts = Readonly<Record<string, number>>

/** What is there now of an item, counted as a backup counts it: in an export that nobody keeps. */
export async function countNow(item: Item, { drivers }: Tools, signal: AbortSignal): Promise<Counts> {
  const { call, parameters, makes } = exportOf(item)
  const file = posix.basename(payloadPath(item))
  await using scratch = await drivers.shell.scratch()
  const asked = { ...parameters(item.subject), FileName: scratch.path(file) }
  refuseErrors(item, await drivers.shell.call(call, asked, signal))
  return (await countContent(item, await scratch.here(file, signal), makes, signal)).counts
}

/** The same before an import: a store that was made anew may have nothing to export. */
export async function countBefore(item: Item, tools: Tools, signal: AbortSignal): Promise<Counts> {
  try {
    return await countNow(item, tools, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    if (nothingToExport.has(toProblem(thrown).code)) return {}
    throw thrown
  }
}

const nothingToExport: ReadonlySet<string> = new Set([
  'shell-call-failed',
  'shell-no-output',
  'export-reported-errors',
  'export-damaged',
])

/** Whether all that the set counted is there, and more of something than there was before. */
export function hasCome({ counts }: ItemOutcome, before: Counts, now: Counts): boolean {
  const compared = compare(counts, now)
  return compared.every(({ now, then }) => now >= then) && compared.some(({ what, now }) => now > (before[what] ?? 0))
}

/**
 * "Plausibility by counts against the manifest": no query proves an import (domain reference, section 8.5). Throws Problem
 * `import-came-short` where less of anything is there than the set counted, and nobody accepted that; more is told.
 */
export async function proveByCount({
  copy,
  tools,
  accepts,
  signal,
}: Pick<RestoreContext, 'copy' | 'tools' | 'accepts' | 'signal'>): Promise<Restored> {
  const counts = await countNow(copy, tools, signal)
  const compared = compare(copy.counts, counts)
  const short = compared.filter(({ now, then }) => now < then)
  if (short.length > 0 && !accepts('import-came-short'))
    throw new Problem('import-came-short', {
      subject: copy.subject,
      message: `Less is there than the set holds: ${short.map(told).join(', ')}.`,
      hint: 'Look at what is there with the cmdlets of the runbook. User data come only where all Front Ends were stopped and started together. Where people took the rest away since: accept: [import-came-short] in the Recovery.',
    })
  const message = compared.length === 0 ? 'Nothing in its export can be counted.' : `${compared.map(told).join(', ')}.`
  return { message, counts }
}

interface Compared {
  what: string
  now: number
  then: number
}

/** What both count; how many files an export is made of says nothing. */
export function compare(then: Counts = {}, now: Counts): Compared[] {
  return Object.entries(then).flatMap(([what, number]) => {
    const seen = now[what]
    return what === 'entries' || seen === undefined ? [] : [{ what, now: seen, then: number }]
  })
}

/** For a person. */
export function told({ what, now, then }: Compared): string {
  return `${what}: ${now} (${then} in the set)`
}
