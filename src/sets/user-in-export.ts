import { SaxesParser } from 'saxes'
import { Problem } from '../base/problem.ts'
import type { UserContent } from '../domain/user-content.ts'
import { checkZip, type EntryCheck } from '../drivers/files/zip.ts'
import { xmlText } from '../drivers/files/xml-text.ts'

/** Far more than one user has; what would grow beyond it is no export. */
const longestItem = 64 * 1024 ** 2
const longestTag = 64 * 1024
const mostThings = 100_000

/** Element -> what it is. Names from public scripts ([field]), as those that `count-elements` counts. */
const things: Readonly<Record<string, keyof UserContent>> = { Contact: 'contacts', Conference: 'conferences' }
/** What a contact or a conference is known by: the first that it has, else all its attributes. */
const identifying = ['Buddy', 'ConferenceId', 'ConfId', 'Id', 'Uri', 'Subject']

/**
 * What an export of user data holds of one user (as `userAddress` writes it); null: it has no such user. Only the user's own
 * part is parsed, however many others there are. Throws Problem `export-damaged`.
 */
export async function userInExport(file: string, user: string, signal: AbortSignal): Promise<UserContent | null> {
  const found: Record<keyof UserContent, Set<string>> = { contacts: new Set(), conferences: new Set() }
  let items = 0
  const inspect = (name: string): EntryCheck | null =>
    name.toLowerCase().endsWith('.xml')
      ? itemsOf(user, (text) => {
          items += 1
          const problem = readItem(text, (thing, known) => found[thing].add(known))
          const things = found.contacts.size + found.conferences.size
          return problem ?? (things > mostThings ? `it holds more than ${mostThings} contacts of ${user}` : null)
        })
      : null
  const { entries, problem } = await checkZip(file, { signal, inspect })
  if (problem !== null || entries.length === 0)
    throw new Problem('export-damaged', {
      subject: file,
      message: `The export cannot be read: ${problem ?? 'it has no entries'}.`,
      hint: 'holdfast verify, with the id of its set, names everything that is wrong with it. Use an older set.',
    })
  return items > 0 ? { contacts: [...found.contacts].sort(), conferences: [...found.conferences].sort() } : null
}

/** Cuts the items of one user out of a document as it streams by; `take` says what is wrong with one, or null. */
function itemsOf(user: string, take: (item: string) => string | null): EntryCheck {
  const opening = new RegExp(
    `<(?:[\\w.-]+:)?DocItem\\b[^<>]*\\bName\\s*=\\s*(["'])urn:lcd:${inXml(user)}\\1[^<>]*>`,
    'i',
  )
  const closing = /<\/(?:[\w.-]+:)?DocItem\s*>/g
  const decoded = xmlText()
  let rest = ''
  let isInside = false
  let problem: string | null = null

  function add(next: () => string): void {
    if (problem !== null) return
    try {
      rest += next()
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown
      problem = 'its encoding is broken'
    }
    for (;;) {
      if (!isInside && !begin()) return
      if (!finish()) return
    }
  }

  /** Whether the user's item begins in what is there; if not, only what may be a part of a tag is kept. */
  function begin(): boolean {
    const start = opening.exec(rest)
    if (start) {
      rest = rest.slice(start.index)
      isInside = true
      return true
    }
    const open = rest.lastIndexOf('<')
    rest = open > rest.lastIndexOf('>') && rest.length - open < longestTag ? rest.slice(open) : ''
    return false
  }

  function finish(): boolean {
    closing.lastIndex = 0
    const tag = rest.indexOf('>') + 1
    const end = rest[tag - 2] === '/' ? tag : closing.exec(rest) ? closing.lastIndex : -1
    if (end < 0) {
      if (rest.length > longestItem) problem = `what it holds of ${user} has no end`
      return false
    }
    problem ??= take(rest.slice(0, end))
    rest = rest.slice(end)
    isInside = false
    return true
  }

  return {
    write: (chunk) => {
      add(() => decoded.write(chunk))
    },
    end() {
      add(() => decoded.end())
      return problem ?? (isInside ? `what it holds of ${user} has no end` : null)
    },
  }
}

function inXml(text: string): string {
  const plain = text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  return plain.replaceAll('&', '&amp;').replaceAll("'", "(?:'|&apos;|&#39;)")
}

/** What is wrong with the item, or null. Prefixes are those of the document around it, so names are taken without. */
function readItem(text: string, tell: (thing: keyof UserContent, known: string) => void): string | null {
  let problem: string | null = null
  const parser = new SaxesParser({ fragment: true, xmlns: false })
  parser.on('error', ({ message }) => (problem ??= message))
  parser.on('opentag', ({ name, attributes }) => {
    const local = name.replace(/^.*:/, '')
    const thing = Object.hasOwn(things, local) ? things[local] : undefined
    if (!thing) return
    const named = identifying.find((one) => Object.hasOwn(attributes, one))
    tell(thing, named === undefined ? JSON.stringify(attributes) : (attributes[named] ?? '').toLowerCase())
  })
  parser.write(text)
  parser.close()
  return problem
}
