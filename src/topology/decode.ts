type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be'

export interface Decoder {
  /** The text of these bytes; a character that is cut at their end comes with the next ones. */
  write(bytes: Uint8Array): string
  end(): string
}

/**
 * Bytes of a document -> text, piece by piece. Decides by byte order mark, else by a NUL in the first two bytes, else
 * UTF-8, whatever an XML declaration says (topology format, section 9, trap 1). What cannot be decoded becomes U+FFFD.
 */
export function createDecoder(): Decoder {
  let head = new Uint8Array(0)
  let decoder: InstanceType<typeof TextDecoder> | null = null
  const decode = (bytes: Uint8Array, last: boolean): string => {
    if (decoder) return decoder.decode(bytes, { stream: !last })
    head = Buffer.concat([head, bytes])
    if (head.length < 2 && !last) return ''
    decoder = new TextDecoder(encodingOf(head))
    return decoder.decode(head, { stream: !last })
  }
  return { write: (bytes) => decode(bytes, false), end: () => decode(new Uint8Array(0), true) }
}

function encodingOf([first, second]: Uint8Array): Encoding {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (second === 0 && first !== 0) return 'utf-16le'
  return first === 0 && second !== 0 ? 'utf-16be' : 'utf-8'
}
