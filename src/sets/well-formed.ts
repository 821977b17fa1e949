import { TextDecoder } from 'node:util'
import { SaxesParser } from 'saxes'
import type { EntryCheck } from '../drivers/files/zip.ts'

/** Whether an entry is well-formed XML: UTF-8, or UTF-16 by its byte order mark. */
export function wellFormed(): EntryCheck {
  const parser = new SaxesParser({ xmlns: true })
  let problem: string | null = null
  let decoder: TextDecoder | null = null
  let pending = Buffer.alloc(0)
  parser.on('error', (error) => {
    problem ??= error.message
  })
  const feed = (text: string): void => {
    if (problem === null && text !== '') parser.write(text)
  }
  return {
    write(chunk) {
      let bytes = chunk
      if (!decoder) {
        pending = Buffer.concat([pending, chunk])
        if (pending.length < 2) return
        decoder = decoderFor(pending)
        bytes = pending
      }
      feed(decode(decoder, bytes, () => (problem ??= 'its encoding is broken')))
    },
    end() {
      if (decoder) feed(decode(decoder, null, () => (problem ??= 'its encoding is broken')))
      // What it says of the encoding inside does not matter any more.
      if (problem === null) parser.close()
      return problem === null ? null : `not well-formed XML: ${problem}`
    },
  }
}

function decoderFor(start: Buffer): TextDecoder {
  const mark = start.readUInt16BE(0)
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding, { fatal: true })
}

function decode(decoder: TextDecoder, bytes: Buffer | null, onBroken: () => void): string {
  try {
    return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
  } catch {
    onBroken()
    return ''
  }
}
