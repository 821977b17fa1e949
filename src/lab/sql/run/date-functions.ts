import { convert } from '../convert.ts'
import { EngineError } from '../errors.ts'
import { bare, datetime, int, isMoment, momentOf, numberOf, type SqlType, type Value } from '../values.ts'
import type { Definition } from './functions.ts'

const units: Record<string, number> = {
  millisecond: 1,
  ms: 1,
  second: 1000,
  ss: 1000,
  s: 1000,
  minute: 60_000,
  mi: 60_000,
  n: 60_000,
  hour: 3_600_000,
  hh: 3_600_000,
  day: 86_400_000,
  dd: 86_400_000,
  d: 86_400_000,
  week: 604_800_000,
  wk: 604_800_000,
  ww: 604_800_000,
}
const monthParts: Record<string, number> = {
  month: 1,
  mm: 1,
  m: 1,
  quarter: 3,
  qq: 3,
  q: 3,
  year: 12,
  yy: 12,
  yyyy: 12,
}

/** DATEDIFF counts the boundaries that are crossed, not the time in between. */
function difference(part: string, from: number, to: number): number {
  const unit = units[part]
  // Weeks begin on Sunday; the epoch was a Thursday.
  const shift = unit === units['week'] ? 4 * 86_400_000 : 0
  if (unit !== undefined) return Math.floor((to + shift) / unit) - Math.floor((from + shift) / unit)
  const months = monthParts[part]
  if (months === undefined) throw unknownPart(part, 'datediff')
  return Math.floor(monthOf(to) / months) - Math.floor(monthOf(from) / months)
}

function monthOf(moment: number): number {
  const date = new Date(moment)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function added(part: string, count: number, to: number): number {
  const unit = units[part]
  if (unit !== undefined) return to + Math.trunc(count) * unit
  const months = monthParts[part]
  if (months === undefined) throw unknownPart(part, 'dateadd')
  const date = new Date(to)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + Math.trunc(count) * months)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, last))
  return date.getTime()
}

function partOf(part: string, moment: number): number {
  const date = new Date(moment)
  const found: Record<string, number> = {
    year: date.getUTCFullYear(),
    yy: date.getUTCFullYear(),
    yyyy: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    mm: date.getUTCMonth() + 1,
    m: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    dd: date.getUTCDate(),
    d: date.getUTCDate(),
    hour: date.getUTCHours(),
    hh: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    mi: date.getUTCMinutes(),
    n: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    ss: date.getUTCSeconds(),
    s: date.getUTCSeconds(),
    weekday: date.getUTCDay() + 1,
    dw: date.getUTCDay() + 1,
  }
  return found[part] ?? fail(part)
}

function fail(part: string): never {
  throw unknownPart(part, 'datepart')
}

function unknownPart(part: string, name: string): EngineError {
  return new EngineError(155, `'${part}' is not a recognized ${name} option.`, { severity: 15 })
}

const wordOf = (value: Value | undefined): string => String(bare(value ?? null)).toLowerCase()
const moment = (value: Value | undefined): number => momentOf(value ?? null)

export const dateFunctions: Record<string, Definition> = {
  datediff: {
    least: 3,
    most: 3,
    type: int,
    run: ([part, from, to]) => convert(difference(wordOf(part), moment(from), moment(to)), int),
  },
  datediff_big: {
    least: 3,
    most: 3,
    type: { kind: 'bigint' },
    run: ([part, from, to]) => BigInt(difference(wordOf(part), moment(from), moment(to))),
  },
  dateadd: {
    least: 3,
    most: 3,
    type: (types: readonly SqlType[]) => (types[2] && isMoment(types[2]) ? types[2] : datetime),
    run: ([part, count, to]) => new Date(added(wordOf(part), numberOf(count ?? 0), moment(to))),
  },
  datepart: { least: 2, most: 2, type: int, run: ([part, of]) => partOf(wordOf(part), moment(of)) },
}
