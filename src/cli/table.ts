import stringWidth from 'string-width'

const gap = 2
const narrowest = 8

/**
 * A table for people in at most `width` columns: the widest columns give way first, and their cells go on in the next
 * line. Trailing space is left out. No rows: the empty text.
 */
export function table(header: readonly string[], cells: readonly (readonly string[])[], width = 80): string {
  if (cells.length === 0) return ''
  const rows = cells.map((row) => row.map(withoutControls))
  const natural = header.map((title, column) =>
    rows.reduce((widest, row) => Math.max(widest, stringWidth(row[column] ?? '')), stringWidth(title)),
  )
  const words = header.map((title, column) => longestWord([title, ...rows.map((row) => row[column] ?? '')]))
  const widths = fit(natural, words, width - gap * (header.length - 1))
  return [header, ...rows].flatMap((row) => linesOf(row, widths)).join('')
}

/** What comes from outside may hold control characters; a terminal would obey them. */
export function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim()
}

/** Takes from the widest column until all fit: first where a line can be broken between words, only then within them. */
function fit(natural: readonly number[], words: readonly number[], room: number): number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const breakable = widths.map((width, column) => (width > (words[column] ?? 0) ? width : 0))
    const from = breakable.some((width) => width > 0) ? breakable : widths
    const widest = Math.max(...from)
    if (from === widths && widest <= narrowest) break
    widths[from.indexOf(widest)] = widest - 1
    over--
  }
  return widths
}

function longestWord(cells: readonly string[]): number {
  let longest = 0
  for (const cell of cells) for (const word of cell.split(/\s+/)) longest = Math.max(longest, stringWidth(word))
  return longest
}

function linesOf(row: readonly string[], widths: readonly number[]): string[] {
  const cells = widths.map((width, column) => wrap(row[column] ?? '', width))
  const height = Math.max(...cells.map((cell) => cell.length))
  return Array.from({ length: height }, (_, line) => {
    const parts = cells.map((cell, column) => pad(cell[line] ?? '', widths[column] ?? 0))
    return `${parts.join(' '.repeat(gap)).trimEnd()}\n`
  })
}

/** Breaks at spaces; a word that is longer than a line is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (stringWidth(longer) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = cut(word, width)
    line = pieces.pop() ?? ''
    lines.push(...pieces)
  }
  return [...lines, line]
}

/** Text in lines of `width`; what is longer than a line, such as a path, stays whole, so that it can be copied. */
export function paragraph(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of withoutControls(text).split(/\s+/)) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

function cut(word: string, width: number): string[] {
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && stringWidth(piece + character) > width) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...pieces, piece]
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)))
}
