import type { SaxesParser } from 'saxes'
import { xmlText } from '../drivers/files/xml-text.ts'
import type { EntryCheck } from '../drivers/files/zip.ts'

/** An entry on its way into a parser; `refuse`: it is read no further, for this reason. The first reason counts. */
export type XmlEntry = EntryCheck & { refuse(problem: string): void }

/** Feeds an entry to the parser, in any encoding. `end` gets why it could not be read, or null, and says what that means. */
export function xmlEntry(
  parser: SaxesParser<{ xmlns: true }>,
  end: (problem: string | null) => string | null,
): XmlEntry {
  const text = xmlText()
  let problem: string | null = null
  const refuse = (reason: string): void => {
    problem ??= reason
  }
  parser.on('error', (error) => {
    refuse(error.message)
  })
  const feed = (next: () => string): void => {
    if (problem !== null) return
    try {
      const part = next()
      if (part !== '') parser.write(part)
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown
      refuse('its encoding is broken')
    }
  }
  return {
    refuse,
    write: (chunk) => {
      feed(() => text.write(chunk))
    },
    end() {
      feed(() => text.end())
      if (problem === null) parser.close()
      return end(problem)
    },
  }
}
