import { SaxesParser } from 'saxes'
import { xmlText } from '../drivers/files/xml-text.ts'
import type { EntryCheck } from '../drivers/files/zip.ts'

/** Whether an entry is well-formed XML, in any encoding. */
export function wellFormed(): EntryCheck {
  const parser = new SaxesParser({ xmlns: true })
  let problem: string | null = null
  const text = xmlText()
  parser.on('error', (error) => {
    problem ??= error.message
  })
  const feed = (next: () => string): void => {
    if (problem !== null) return
    try {
      const part = next()
      if (part !== '') parser.write(part)
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown
      problem = 'its encoding is broken'
    }
  }
  return {
    write: (chunk) => {
      feed(() => text.write(chunk))
    },
    end() {
      feed(() => text.end())
      if (problem === null) parser.close()
      return problem === null ? null : `not well-formed XML: ${problem}`
    },
  }
}
