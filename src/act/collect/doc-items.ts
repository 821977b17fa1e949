import type { EntryCheck } from '../../drivers/files/zip.ts'

const opening = /<(?:[\w.-]+:)?DocItem[\s/>]/g
/** Longer than any match: what a chunk may have cut. */
const overlap = 80

/**
 * Counts the `DocItem` elements of an export as it streams by, to be compared with the newest ok copy: an emptied pool
 * gives a whole file with none. The name stands in public scripts only; where a version writes another, the count is 0
 * each time and decides nothing.
 */
export function countDocItems(): EntryCheck & { readonly count: number } {
  let count = 0
  let rest = ''
  return {
    get count() {
      return count
    },
    write(chunk) {
      const text = rest + chunk.toString('latin1')
      let end = 0
      for (const match of text.matchAll(opening)) {
        count += 1
        end = match.index + match[0].length
      }
      rest = text.slice(Math.max(end, text.length - overlap))
    },
    end: () => null,
  }
}
