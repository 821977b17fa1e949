import { statfsSync } from 'node:fs'
import { Problem } from '../../base/problem.ts'
import { formatSize } from '../../base/units.ts'

/**
 * Whether `bytes` more leave `keepFree` bytes on the volume of a folder. A volume that does not say how much is free has
 * room: writing to it shows the truth.
 */
export function hasRoom(folder: string | Buffer, keepFree: number, bytes: number): boolean {
  const free = freeBytes(folder)
  return free === null || free - bytes >= keepFree
}

/** The volume of a folder: free bytes; null where it does not say. */
export function freeBytes(folder: string | Buffer): number | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder)
    return blocks === 0 ? null : bavail * bsize
  } catch {
    return null
  }
}

/** `path` is what was not written, or not further. */
export function noRoom(path: string, keepFree: number): Problem {
  return new Problem('location-full', {
    subject: path,
    message:
      keepFree === 0
        ? `There is no room for ${path}.`
        : `Writing ${path} would leave less than ${formatSize(keepFree)} free, the minimumFree of the location.`,
    hint: 'Make room on the share; what was complete is untouched, and the next run starts over.',
  })
}

/** The same, of what is written by somebody else and whose size is known before. */
export function tooLarge(subject: string, needed: number, free: number, keepFree: number): Problem {
  const kept = keepFree === 0 ? '' : `, and ${formatSize(keepFree)} of it are to stay so (minimumFree of the location)`
  return new Problem('location-full', {
    subject,
    message: `The backup takes about ${formatSize(needed)}. The share has ${formatSize(free)} free${kept}. It was not begun.`,
    hint: 'Make room on the share, or move the policy to a larger location; what was complete is untouched.',
  })
}
