/**
 * Text from outside on one line without control characters, so that it can be part of a message or a file. U+FFFD, which
 * no file of desired state may hold, becomes a question mark.
 */
export function oneLine(text: string): string {
  return text
    .replaceAll('\uFFFD', '?')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
}
