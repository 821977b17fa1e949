import { Problem } from '../../base/problem.ts'

/** Lines of UTF-8 text without their ends. Throws `shell-protocol` for a line of more than `limit` bytes or no UTF-8. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<string> {
  let open: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      checkLength(length + end - start, limit)
      yield decode(Buffer.concat([...open, chunk.subarray(start, end)]))
      open = []
      length = 0
      start = end + 1
    }
    length += chunk.length - start
    checkLength(length, limit)
    if (start < chunk.length) open.push(chunk.subarray(start))
  }
  if (length > 0) yield decode(Buffer.concat(open))
}

const lineFeed = 0x0a

function checkLength(length: number, limit: number): void {
  if (length > limit) throw broken(`A line is longer than ${limit} bytes.`)
}

/** A byte order mark, which some engines put first, is dropped. */
function decode(line: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line).replace(/\r$/, '')
  } catch (thrown) {
    throw broken('A line is not UTF-8.', thrown)
  }
}

/** The shell host does not keep to docs/shell-protocol.md. */
export function broken(message: string, cause?: unknown): Problem {
  return new Problem('shell-protocol', {
    message: `The shell host does not speak the protocol: ${message}`,
    hint: 'Start the command of `shell` in holdfast.yaml by hand: its first line must be the hello. Profiles and banners write there too.',
    ...(cause === undefined ? {} : { cause }),
  })
}
