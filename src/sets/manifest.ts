/** Manifests as `sha256sum -c` and every reader of BagIt (RFC 8493) read them. */

export interface ManifestLine {
  /** Relative to the set's folder, with `/`. */
  path: string
  /** Hexadecimal, lower case. */
  sha256: string
}

/** One file of the payload as the writer put it there. */
export interface ManifestEntry extends ManifestLine {
  bytes: number
}

/** The files of an item; may be read again and again. A million of them are never in memory together. */
export type ManifestEntries = Iterable<ManifestEntry> | AsyncIterable<ManifestEntry>

export const manifestFile = 'manifest-sha256.txt'
export const commitRecordFile = 'tagmanifest-sha256.txt'
export const recordFile = 'backup-set.json'
/** The files that the commit record names, in its order. */
export const tagFiles = ['RESTORE.md', recordFile, 'bag-info.txt', 'bagit.txt', manifestFile] as const

/** One line for each file, sorted by path. */
export function formatManifest(lines: readonly ManifestLine[]): string {
  return lines
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((line) => `${manifestLine(line)}\n`)
    .join('')
}

/** Without its line end. */
export function manifestLine({ path, sha256 }: ManifestLine): string {
  return `${sha256}  ${path}`
}

/** The path of a line that `manifestLine` made. */
export function pathOfLine(line: string): string {
  return line.slice(66)
}

/** What a line says; null: it is not a checksum and a path. The path may be any text. */
export function lineOf(line: string): ManifestLine | null {
  const match = /^([0-9a-f]{64}) [ *](.+)$/i.exec(line)
  return match && { path: match[2] ?? '', sha256: (match[1] ?? '').toLowerCase() }
}

/** The lines of a manifest, or the first thing that is wrong with it. A path that leaves the set makes it invalid. */
export function parseManifest(text: string): ManifestLine[] | { problem: string } {
  if (text !== '' && !text.endsWith('\n')) return { problem: truncated }
  const lines: ManifestLine[] = []
  const seen = new Set<string>()
  for (const [index, each] of text.split('\n').slice(0, -1).entries()) {
    const line = lineOf(each)
    const fault = faultOf(line, index + 1)
    if (!line || fault !== null) return { problem: fault ?? '' }
    if (seen.has(line.path)) return { problem: twice(index + 1) }
    seen.add(line.path)
    lines.push(line)
  }
  return lines
}

export const truncated = 'it does not end with a line end: it was truncated'

/** What is wrong with the line of this number, by itself; null: nothing. */
export function faultOf(line: ManifestLine | null, number: number): string | null {
  if (!line) return `line ${number} is not a checksum and a path`
  return isSafePath(line.path) ? null : `line ${number} names a path that is not allowed`
}

export function twice(number: number): string {
  return `line ${number} names a path a second time`
}

/** Relative, with `/`, and nothing in it that could lead out of the set. */
export function isSafePath(path: string): boolean {
  if (/[\u0000-\u001f\u007f\\:]/.test(path)) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

/** `bagit.txt`, the same in every bag. */
export const bagitText = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'

/** `bag-info.txt`. `finishedAt`: a time in UTC. */
export function bagInfoText(info: {
  id: string
  deployment: string
  finishedAt: string
  bytes: number
  files: number
  software: string
}): string {
  return [
    `Bagging-Date: ${info.finishedAt.slice(0, 10)}`,
    `Payload-Oxum: ${info.bytes}.${info.files}`,
    `External-Identifier: ${info.id}`,
    `External-Description: Backup set of ${info.deployment}, described in backup-set.json and RESTORE.md`,
    `Bag-Software-Agent: ${info.software}`,
    '',
  ].join('\n')
}
