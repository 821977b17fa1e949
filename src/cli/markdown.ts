import { withoutControls } from './table.ts'

/** A Markdown table; the empty text when there are no rows. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return [header, header.map(() => '---'), ...rows.map((row) => row.map(escapeMarkdown))].map(line).join('')
}

/** Text from outside as it is: nothing in it becomes markup, a link, a mention or a new cell. */
export function escapeMarkdown(text: string): string {
  return withoutControls(text)
    .replaceAll(/[\\`*_[\]<>|~#!]/g, String.raw`\$&`)
    .replaceAll('@', '&#64;')
}
