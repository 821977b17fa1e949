import { SaxesParser } from 'saxes'
import type { EntryCheck } from '../drivers/files/zip.ts'
import { xmlEntry } from './xml-entry.ts'

/** Whether an entry is well-formed XML, in any encoding. */
export function wellFormed(): EntryCheck {
  const said = (problem: string | null): string | null => (problem === null ? null : `not well-formed XML: ${problem}`)
  return xmlEntry(new SaxesParser({ xmlns: true }), said)
}
