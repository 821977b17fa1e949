import type { Item, ItemKind } from '../words.ts'
import { isSameRow, remaining, waysThrough } from './order.ts'
import type { Row } from './row.ts'

/**
 * Bytes a second that a restore can be trusted to move: a third of a gigabit link for copies and SQL Server, and far
 * less for cmdlets that write row by row. Rough on purpose; what a step took before replaces it.
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

/** What the figures rest on, in words. `known`: of how many of the rows it was measured what they take. */
export function estimateBasis(rows: readonly Row[], known: number): string {
  return known === 0 ? 'rule of thumb' : `rule of thumb; ${known} of ${rows.length} steps as they took before`
}

/**
 * A rule of thumb in seconds: the allowances along the longest chain of rows that wait for each other, and the time to
 * move the bytes of their items. Of several ways through the forks, the slowest; where they are too many to go through,
 * all rows count, as if no fork ended any. `measuredOf`: what a row took before, in seconds; null: it was not run yet.
 */
export function estimateSeconds(
  rows: readonly Row[],
  bytesOf: (item: Item) => number,
  measuredOf: (row: Row) => number | null = () => null,
): number {
  const secondsOf = (row: Row): number => rowSeconds(row, bytesOf, measuredOf)
  const forks = rows.filter(({ branches }) => branches).length
  if (forks > mostForks) return longest(rows, secondsOf)
  return Math.max(0, ...waysThrough(rows).map((way) => longest(remaining(rows, way), secondsOf)))
}

/** What one row takes, in seconds; the same arguments. */
export function rowSeconds(row: Row, bytesOf: (item: Item) => number, measuredOf: (row: Row) => number | null): number {
  return measuredOf(row) ?? ruleOfThumb(row, bytesOf)
}

function ruleOfThumb({ restores, minutes }: Row, bytesOf: (item: Item) => number): number {
  const moving = restores.reduce((sum, item) => sum + bytesOf(item) / (bytesPerSecond[item.kind] ?? copied), 0)
  return minutes * 60 + moving
}

/** Each fork doubles the ways: of more, not each is gone through. */
export const mostForks = 8

function longest(rows: readonly Row[], secondsOf: (row: Row) => number): number {
  const ends: { row: Row; seconds: number }[] = []
  for (const row of rows) {
    const before = ends.filter((end) => row.needs.some((need) => isSameRow(need, end.row)))
    ends.push({ row, seconds: Math.max(0, ...before.map(({ seconds }) => seconds)) + secondsOf(row) })
  }
  return Math.round(Math.max(0, ...ends.map(({ seconds }) => seconds)))
}
