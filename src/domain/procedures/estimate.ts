import type { Item, ItemKind } from '../words.ts'
import { isSameRow, remaining, waysThrough } from './order.ts'
import type { Row } from './row.ts'

/**
 * Bytes a second that a restore can be trusted to move: a third of a gigabit link for copies and SQL Server, and far
 * less for cmdlets that write row by row. Rough on purpose; real durations replace them once there are any.
 */
const copied = 40_000_000
const imported = 1_000_000
const bytesPerSecond: Readonly<Partial<Record<ItemKind, number>>> = {
  'sql-database': copied,
  'file-store': copied,
  configuration: imported,
  'location-information': imported,
  'user-data': imported,
  'response-groups': imported,
  'persistent-chat': imported,
}

/** What the figures rest on, in words; measured durations will replace it. */
export const estimateBasis = 'rule of thumb'

/**
 * A rule of thumb in seconds: the allowances along the longest chain of rows that wait for each other, and the time to
 * move the bytes of their items. Of several ways through the forks, the slowest; where they are too many to go through,
 * all rows count, as if no fork ended any.
 */
export function estimateSeconds(rows: readonly Row[], bytesOf: (item: Item) => number): number {
  const forks = rows.filter(({ branches }) => branches).length
  if (forks > mostForks) return longest(rows, bytesOf)
  return Math.max(0, ...waysThrough(rows).map((way) => longest(remaining(rows, way), bytesOf)))
}

/** Each fork doubles the ways. */
const mostForks = 8

function longest(rows: readonly Row[], bytesOf: (item: Item) => number): number {
  const ends: { row: Row; seconds: number }[] = []
  for (const row of rows) {
    const before = ends.filter((end) => row.needs.some((need) => isSameRow(need, end.row)))
    const moving = row.restores.reduce((sum, item) => sum + bytesOf(item) / (bytesPerSecond[item.kind] ?? copied), 0)
    ends.push({ row, seconds: Math.max(0, ...before.map(({ seconds }) => seconds)) + row.minutes * 60 + moving })
  }
  return Math.round(Math.max(0, ...ends.map(({ seconds }) => seconds)))
}
