import type { Time } from '../base/time.ts'
import { uncPath, type BackupSet, type SetSummary } from '../domain/backup-set.ts'
import { incompleteCopies, newestCopies, usableCopies } from '../domain/recovery-point.ts'
import { itemKey } from '../domain/subject.ts'
import type { Item, SetId } from '../domain/words.ts'

/** `current/<policy>` and this: where the newest usable copy of each item is, for who restores by hand. */
export const copyListEnding = '.copies.csv'

const header = ['Kind', 'Subject', 'Taken', 'Missing', 'Path', 'Set']
/** Windows PowerShell and spreadsheets read a table as UTF-8 only with this in front. */
const mark = '\ufeff'

/** The list as a table: CSV, every field in quotes, lines as Windows has them. `sets`: where the copies are. */
export function copyList(
  items: readonly Item[],
  sets: { known: readonly BackupSet[]; summaries: readonly SetSummary[] },
  now: Time,
): string {
  const copies = newestCopies(sets.summaries, now)
  const incomplete = incompleteCopies(sets.summaries, copies, now)
  const usable = usableCopies(copies, incomplete)
  const setOf = new Map(sets.known.map((set) => [set.id, set]))
  const rows = items.map((item) => {
    const key = itemKey(item)
    const set = setOf.get(usable.get(key)?.id ?? '')
    if (!set) return [item.kind, item.subject, '', 'no usable copy', '', '']
    const missing = incomplete.get(key)?.missing
    const path = set.items.find((one) => itemKey(one) === key)?.path ?? ''
    const lacks = missing ? `${missing.count} ${missing.count === 1 ? 'file' : 'files'}` : ''
    return [item.kind, item.subject, set.startedAt, lacks, uncPath(set, path), set.id]
  })
  return `${mark}${[header, ...rows].map((fields) => `${fields.map(quoted).join(',')}\r\n`).join('')}`
}

/** Set -> rows that name it, as far as a text is such a list: on a share there may be anything. */
export function countCopies(text: string): Record<SetId, number> {
  const rows = new Map<string, number>()
  for (const line of text.split('\r\n').slice(1)) {
    const set = /,"([^"]*)"$/.exec(line)?.[1]
    if (set !== undefined) rows.set(set, (rows.get(set) ?? 0) + 1)
  }
  return Object.fromEntries(rows)
}

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`
}
