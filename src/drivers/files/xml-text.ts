import { TextDecoder } from 'node:util'

/** Enough for a byte order mark and the declaration, which names the encoding. */
const longestDeclaration = 128

/** The text of an XML document as its bytes stream by. Throws TypeError where they are not of its encoding. */
export interface XmlText {
  write(chunk: Buffer): string
  end(): string
}

/** UTF-8 unless a byte order mark, the first character or the declaration says otherwise (XML 1.0, appendix F). */
export function xmlText(): XmlText {
  let decoder: TextDecoder | null = null
  let pending = Buffer.alloc(0)
  return {
    write(chunk) {
      if (decoder) return decoder.decode(chunk, { stream: true })
      pending = Buffer.concat([pending, chunk])
      if (pending.length < longestDeclaration) return ''
      decoder = decoderFor(pending)
      return decoder.decode(pending, { stream: true })
    },
    end: () => (decoder ? decoder.decode() : decoderFor(pending).decode(pending)),
  }
}

function decoderFor(start: Buffer): TextDecoder {
  const first = start.length < 2 ? 0 : start.readUInt16BE(0)
  const encoding =
    first === 0xfffe || first === 0x3c00
      ? 'utf-16le'
      : first === 0xfeff || first === 0x003c
        ? 'utf-16be'
        : declared(start)
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch {
    return new TextDecoder('utf-8', { fatal: true }) // an encoding that nobody knows
  }
}

function declared(start: Buffer): string {
  const declaration = start.toString('latin1', 0, longestDeclaration)
  const named = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding=["']([\w.-]+)/.exec(declaration)?.[1] ?? 'utf-8'
  return /^(utf-16|ucs-2|iso-10646)/i.test(named) ? 'utf-8' : named // its bytes say that it is not
}
