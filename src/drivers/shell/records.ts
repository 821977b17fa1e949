import { Problem } from '../../base/problem.ts'

/** A message of the shell host, or a piece of what anything else printed between two of them. */
export type Heard = { message: string } | { noise: string }

/**
 * Takes messages out of what comes from a shell host: a record separator, a text in UTF-8, a line feed (RFC 7464). All
 * else is noise, in whatever code page; a message that the end cuts off is none. Throws `shell-protocol` for a message of
 * more than `limit` bytes, or in no UTF-8.
 */
export async function* recordsOf(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Heard> {
  const decoder = new TextDecoder()
  let open: Buffer[] | null = null
  let length = 0
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const found = chunk.indexOf(open === null ? recordSeparator : lineFeed, start)
      const end = found === -1 ? chunk.length : found
      const piece = chunk.subarray(start, end)
      start = end + 1
      if (open === null) {
        if (piece.length > 0) yield { noise: decoder.decode(piece, { stream: true }) }
        if (found !== -1) open = []
        continue
      }
      length += piece.length
      if (length > limit) throw broken(`A message is longer than ${limit} bytes.`)
      open.push(piece)
      if (found === -1) continue
      const message = decode(Buffer.concat(open))
      open = null
      length = 0
      yield { message }
    }
  }
}

const recordSeparator = 0x1e
const lineFeed = 0x0a

function decode(text: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text)
  } catch (thrown) {
    throw broken('A message is not UTF-8.', thrown)
  }
}

/** The shell host does not keep to docs/shell-protocol.md. */
export function broken(message: string, cause?: unknown): Problem {
  return new Problem('shell-protocol', {
    message: `The shell host does not speak the protocol: ${message}`,
    hint: 'Use holdfast.ps1 and calls.json of this version of Holdfast on that machine, both in one folder.',
    ...(cause === undefined ? {} : { cause }),
  })
}
