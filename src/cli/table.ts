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
  const widths = fit(natural, width - gap * (header.length - 1))
  return [header, ...rows].flatMap((row) => linesOf(row, widths)).join('')
}

/** What comes from outside may hold control characters; a terminal would obey them. */
export function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim()
}

/** Takes from the widest column until all fit, but leaves each wide enough to be read. */
function fit(natural: readonly number[], room: number): number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const widest = Math.max(...widths)
    if (widest <= narrowest) break
    widths[widths.indexOf(widest)] = widest - 1
    over--
  }
  return widths
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
export function wrap(text: string, width: number): string[] {
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
