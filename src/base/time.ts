/** RFC 3339 in UTC with `Z` and milliseconds: sorts as text and needs no mapping at the edges. */
export type Time = string

/** Milliseconds since the epoch -> `Time`. */
export function timeOf(milliseconds: number): Time {
  return new Date(milliseconds).toISOString()
}

/** `Time` -> milliseconds since the epoch. */
export function millisecondsOf(time: Time): number {
  return Date.parse(time)
}

export function addSeconds(time: Time, seconds: number): Time {
  return timeOf(millisecondsOf(time) + seconds * 1000)
}

/** Seconds from `from` to `to`; negative when `to` is earlier. */
export function secondsBetween(from: Time, to: Time): number {
  return (millisecondsOf(to) - millisecondsOf(from)) / 1000
}

/** `2026-07-29 02:00 UTC`, for people. */
export function toMinute(time: Time): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`
}
