import { instant } from '../base/fields.ts'
import { Problem } from '../base/problem.ts'
import { addSeconds, type Time } from '../base/time.ts'
import { parseDuration } from '../base/units.ts'

/** How a time may be written, for help and errors. */
export const timeForms = '2026-07-29T02:00:00Z, 2026-07-29 (UTC), or 24h for so long ago'

const longestAgo = 100 * 365 * 86_400

/** A time on the command line: an instant with its zone, a day in UTC, or how long ago. Throws Problem `usage`. */
export function timeOption(option: string, text: string, now: Time): Time {
  const ago = parseDuration(text)
  if (ago !== null && ago <= longestAgo) return addSeconds(now, -ago)
  const read = instant.safeParse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (read.success) return read.data
  throw new Problem('usage', { message: `${option} ${text} is not a time.`, hint: `Write it like ${timeForms}.` })
}
