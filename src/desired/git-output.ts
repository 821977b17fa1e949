/** Reads what Git prints for programs. */
import { scrub } from '../base/log.ts'
import { oneLine } from '../base/text.ts'
import { timeOf } from '../base/time.ts'
import type { Commit } from '../domain/commit.ts'

export interface TreeEntry {
  object: string
  /** Bytes. */
  size: number
  /** From the root of the repository, with `/`. */
  path: string
}

/** Output of `ls-tree -r -z -l` -> the plain files in it. */
export function readListing(output: string): TreeEntry[] {
  return output.split('\0').flatMap((line) => {
    const match = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(line)
    return match ? [{ object: match[1] ?? '', size: Number(match[2]), path: match[3] ?? '' }] : []
  })
}

/** Author, subject and time of a commit, for `--format`. */
export const aboutFormat = '%an%x00%s%x00%ct'

/** Output of `show` in that format. Anybody may have written the texts: they become one bounded line each. */
export function readAbout(output: string): Commit {
  const [author = '', subject = '', seconds = ''] = output.split('\0')
  const at = /^\d{1,11}\s*$/.test(seconds) ? timeOf(Number(seconds) * 1000) : null
  return { author: oneLine(scrub(author), 100), subject: oneLine(scrub(subject), 200), at }
}

/** Output of `cat-file --batch` -> object -> its text. */
export function readBatch(output: Buffer): Map<string, string> {
  const texts = new Map<string, string>()
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\n', at)
    const [object = '', kind, size] = output.toString('latin1', at, end < 0 ? output.length : end).split(' ')
    if (end < 0 || kind !== 'blob' || size === undefined)
      throw new Error(`git cat-file answered ${object} ${kind ?? ''}`)
    const start = end + 1
    texts.set(object, output.toString('utf8', start, start + Number(size)))
    at = start + Number(size) + 1
  }
  return texts
}
