import { statfsSync } from 'node:fs'
import { Problem } from '../../base/problem.ts'
import { formatSize } from '../../base/units.ts'

/**
 * Whether `bytes` more leave `keepFree` bytes on the volume of a folder. A volume that does not say how much is free has
 * room: writing to it shows the truth.
 */
export function hasRoom(folder: string, keepFree: number, bytes: number): boolean {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder)
    return blocks === 0 || bavail * bsize - bytes >= keepFree
  } catch {
    return true
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
