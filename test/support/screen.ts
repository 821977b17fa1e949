/** What a terminal shows after this output: of its escapes those that erase lines and move the cursor up and left. */
export function screenOf(output: string): string[] {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  const parts = output.matchAll(/\u001b\[(\??[\d;]*)([A-Za-z])|\n|\r|[^\u001b\n\r]+/g)
  for (const [text, numbers, command] of parts) {
    const count = Number(numbers === '' || numbers === undefined ? 1 : numbers)
    if (command === 'A') row = Math.max(0, row - count)
    else if (command === 'G') column = 0
    else if (command === 'K') lines[row] = ''
    else if (command === 'J') lines.length = row + 1
    else if (command !== undefined) continue
    else if (text === '\r') column = 0
    else if (text === '\n') [row, column] = [row + 1, 0]
    else {
      lines[row] = (lines[row] ?? '').slice(0, column).padEnd(column) + text
      column += text.length
    }
    lines[row] ??= ''
  }
  return lines
}
