/** One message of the shell host. */
export type Message = Record<string, unknown>

/** The message in a line of its output, behind the record separator; null: what else was printed. */
export function messageIn(line: string): Message | null {
  const at = line.lastIndexOf('\u001e')
  return at === -1 ? null : (JSON.parse(line.slice(at + 1)) as Message)
}
