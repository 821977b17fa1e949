import type { Random } from '../base/random.ts'
import { addSeconds, type Time } from '../base/time.ts'

const pattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-[a-z2-7]{4}$/
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** `20260729T020000Z-k3xq`: the time of `now`, or where that is not later than `newest`, one second after it. */
export function folderName(now: Time, newest: string | null, random: Random): string {
  const before = newest === null ? null : timeOfFolder(newest)
  const time = before !== null && stampOf(now) <= stampOf(before) ? addSeconds(before, 1) : now
  const characters = [...random.bytes(4)].map((byte) => alphabet.charAt(byte % 32))
  return `${stampOf(time)}-${characters.join('')}`
}

/** The time in a folder's name; null when it is not the name of a set. */
export function timeOfFolder(name: string): Time | null {
  const match = pattern.exec(name)
  if (!match) return null
  const [, year, month, day, hour, minute, second] = match
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  // Read back: no 31st of February. And the last year has no second after it.
  return new Date(time).getUTCDate() === Number(day) && year !== '9999' ? time : null
}

function stampOf(time: Time): string {
  return `${time.slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
