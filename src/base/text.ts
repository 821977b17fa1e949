/** Characters that a terminal or a reader would obey: controls, line ends, and changes of the direction of writing. */
export const obeyed = / ?[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+ ?/gu

/** Text from outside as one line of at most `length` characters; what is left out shows as an ellipsis. */
export function oneLine(text: string, length: number): string {
  const line = text.replaceAll(obeyed, ' ').trim()
  const characters = line.length > length ? Array.from(line) : []
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : line
}

/** For `sort`: by code units, the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
