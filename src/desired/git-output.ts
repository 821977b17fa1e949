/** Reads what Git prints for programs. */

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
