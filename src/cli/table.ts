import { createRequire } from 'node:module'
import { obeyed } from '../base/text.ts'

const gap = 2
const indent = '    '

/**
 * A table for people in `width` columns: the widest columns give way first, and their cells go on in the next line. No
 * word is cut, so that the name of a set, a path or a subject can be copied: where the words of all columns do not fit
 * side by side, the last ones go below. Trailing space is left out. No rows: the empty text.
 */
export function table(header: readonly string[], cells: readonly (readonly string[])[], width = 80): string {
  if (cells.length === 0) return ''
  const rows = [header, ...cells].map((row) => header.map((_, column) => withoutControls(row[column] ?? '')))
  const widest = header.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))))
  const longestWord = header.map((_, column) => Math.max(...rows.map((row) => longestOf(row[column] ?? ''))))
  const count = sideBySide(longestWord, width)
  const widths = fit(widest.slice(0, count), longestWord, width - gap * (count - 1))
  return rows
    .flatMap((row) => [...linesOf(row, widths), ...row.slice(count).flatMap((cell) => below(cell, width))])
    .join('')
}

/** What comes from outside may hold control characters and marks that turn the direction of writing; a terminal would obey them. */
export function withoutControls(text: string): string {
  return text.replaceAll(obeyed, ' ').replaceAll(/\s+/g, ' ').trim()
}

/** Text in lines of `width`; what is longer than a line, such as a path, stays whole, so that it can be copied. */
export function paragraph(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of withoutControls(text).split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** How many columns fit with their longest words; one at least. */
function sideBySide(longestWord: readonly number[], width: number): number {
  let count = longestWord.length
  while (count > 1 && sum(longestWord.slice(0, count)) + gap * (count - 1) > width) count--
  return count
}

/** Takes from the widest column that can be broken between words until all fit. */
function fit(widest: readonly number[], longestWord: readonly number[], room: number): number[] {
  const widths = [...widest]
  for (let over = sum(widths) - room; over > 0; over--) {
    const breakable = widths.map((width, column) => (width > (longestWord[column] ?? 0) ? width : 0))
    const most = Math.max(...breakable)
    if (most === 0) break
    widths[breakable.indexOf(most)] = most - 1
  }
  return widths
}

function longestOf(cell: string): number {
  return Math.max(...cell.split(' ').map((word) => widthOf(word)))
}

function linesOf(row: readonly string[], widths: readonly number[]): string[] {
  const cells = widths.map((width, column) => paragraph(row[column] ?? '', width))
  const height = Math.max(...cells.map((cell) => cell.length))
  return Array.from({ length: height }, (_, line) => {
    const parts = cells.map((cell, column) => pad(cell[line] ?? '', widths[column] ?? 0))
    return `${parts.join(' '.repeat(gap)).trimEnd()}\n`
  })
}

function below(cell: string, width: number): string[] {
  return cell === '' ? [] : paragraph(cell, width - indent.length).map((line) => `${indent}${line}\n`)
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** Columns that a text takes on a terminal. Of plain text that is its length, and the package takes long to load. */
function widthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : (stringWidth ??= loadWidths())(text)
}

let stringWidth: ((text: string) => number) | null = null

function loadWidths(): (text: string) => number {
  return (createRequire(import.meta.url)('string-width') as { default: (text: string) => number }).default
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
