import type { ItemKind } from '../../domain/words.ts'
import { xmlText } from '../../drivers/files/xml-text.ts'
import type { EntryCheck } from '../../drivers/files/zip.ts'

/**
 * What an export holds of each kind of thing: a test of the name of an element and its attributes. The names are known
 * from public scripts and from the nouns of the cmdlets only, so `elements` counts all of them beside: what a version
 * renamed is there under another name.
 */
const named: Partial<Record<ItemKind, Record<string, (element: string, attributes: string) => boolean>>> = {
  'user-data': {
    documents: (element) => element === 'DocItem',
    users: (element, attributes) => element === 'DocItem' && /\bName\s*=\s*["']urn:lcd:/i.test(attributes),
    conferenceDirectories: (element) => element === 'ConferenceDirectory',
  },
  'response-groups': { workflows: (element) => element === 'Workflow' },
  'persistent-chat': {
    rooms: (element) => element === 'Room',
    messages: (element) => element === 'Message',
  },
}

const nameIn = /\bName\s*=\s*["']([^"']*)/
const openingTag = /<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)([^<>]*)>/g
/** No tag is as long: what would grow beyond it is no XML. */
const longestTag = 64 * 1024

/** Counts the elements of the XML documents of an export as they stream by, in any encoding. */
export function countElements(kind: ItemKind): {
  inspect(name: string): EntryCheck | null
  counts(): Record<string, number>
  /** The name that the last element with one has; null: none has. */
  last(): string | null
} {
  const tests = Object.entries(named[kind] ?? {})
  const found = new Map([['elements', 0], ...tests.map(([what]): [string, number] => [what, 0])])
  const add = (what: string): unknown => found.set(what, (found.get(what) ?? 0) + 1)
  let documents = 0
  let last: string | null = null

  function inspect(name: string): EntryCheck | null {
    if (!name.toLowerCase().endsWith('.xml')) return null
    documents++
    let rest = ''
    const decoded = xmlText()
    let isBroken = false
    const count = (next: () => string): void => {
      if (isBroken) return
      let text = rest
      try {
        text += next()
      } catch (thrown) {
        if (!(thrown instanceof TypeError)) throw thrown
        isBroken = true // who checks whether it is well-formed says so
      }
      for (const [, element = '', attributes = ''] of text.matchAll(openingTag)) {
        add('elements')
        last = nameIn.exec(attributes)?.[1] ?? last
        for (const [what, test] of tests) if (test(element, attributes)) add(what)
      }
      const open = text.lastIndexOf('<')
      rest = open > text.lastIndexOf('>') && text.length - open < longestTag ? text.slice(open) : ''
    }
    return {
      write: (chunk) => {
        count(() => decoded.write(chunk))
      },
      end() {
        count(() => decoded.end())
        return null
      },
    }
  }
  return { inspect, counts: () => (documents === 0 ? {} : Object.fromEntries(found)), last: () => last }
}
