import { SaxesParser } from 'saxes'
import type { DocumentElement } from '../domain/document-differences.ts'
import type { EntryCheck } from '../drivers/files/zip.ts'
import { xmlEntry } from './xml-entry.ts'

/** Ten times what the largest deployment publishes; a tree of that size fits into memory. */
const mostElements = 1_000_000
const mostBytes = 256 * 1024 ** 2
/** Who walks a tree calls itself for each level. */
const mostLevels = 500

/** What tells elements of one name apart; the first that an element has. */
const identifying = ['Identity', 'Name', 'Fqdn', 'ScopeClass', 'ElementName', 'InstanceId', 'Id', 'UniqueId', 'Key']

interface Growing {
  name: string
  /** What identifies it: of itself, or of the `Key` inside it. */
  identity: string[]
  attributes: Map<string, string>
  text: string
  children: Growing[]
}

/** Reads one XML document of an export into a tree, and gives it to `done`. */
export function readDocument(done: (root: DocumentElement) => void): EntryCheck {
  const parser = new SaxesParser({ xmlns: true })
  const root: Growing = { name: '', identity: [], attributes: new Map(), text: '', children: [] }
  const open: Growing[] = [root]
  let elements = 0
  let bytes = 0
  const entry = xmlEntry(parser, (problem) => {
    if (problem !== null) return `it cannot be compared: ${problem}`
    done(finished(root))
    return null
  })
  parser.on('opentag', ({ local, attributes }) => {
    elements += 1
    if (elements > mostElements) entry.refuse(`it has more than ${mostElements} elements`)
    if (open.length > mostLevels) entry.refuse(`its elements are nested more than ${mostLevels} levels deep`)
    const own = Object.values(attributes)
      .filter(({ name }) => name !== 'xmlns' && !name.startsWith('xmlns:'))
      .map((one): [string, string] => [one.name, one.value])
    const identity = identifying.flatMap((wanted) =>
      own.filter(([name]) => name.toLowerCase() === wanted.toLowerCase()),
    )
    const element: Growing = {
      name: local,
      identity: identity.slice(0, 1).map(([, value]) => value),
      attributes: new Map(own),
      text: '',
      children: [],
    }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  const add = (part: string): void => {
    const element = open.at(-1)
    if (element) element.text += part
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    const closed = open.pop()
    const around = open.at(-1)
    // `AnchoredXml` and its `Item` begin with a Key that says whose setting follows (topology format, section 4).
    if (closed?.name === 'Key' && around) around.identity.push(...identitiesWithin(closed))
  })
  return {
    write(chunk) {
      bytes += chunk.length
      if (bytes > mostBytes) entry.refuse(`it has more than ${mostBytes} bytes`)
      entry.write(chunk)
    },
    end: () => entry.end(),
  }
}

function identitiesWithin(key: Growing): string[] {
  return [...key.identity, ...key.children.flatMap(identitiesWithin)]
}

/** Equal steps are numbered in the order of the document. Simple values of one name are one list, whose order means nothing. */
function finished({ attributes, text, children }: Growing): DocumentElement {
  const groups = Map.groupBy(children, ({ name, identity }) =>
    identity.length === 0 ? name : `${name}[${identity.join(' ')}]`,
  )
  const steps = [...groups].flatMap(([step, all]) => {
    if (all.length > 1 && all.every((one) => one.attributes.size === 0 && one.children.length === 0))
      return [[step, listOf(all)] as const]
    return all.map((one, index) => [index === 0 ? step : `${step}#${index + 1}`, finished(one)] as const)
  })
  return { attributes, text: text.trim(), children: new Map(steps) }
}

function listOf(all: readonly Growing[]): DocumentElement {
  const values = all.map(({ text }) => text.trim()).sort()
  return { attributes: new Map(), text: values.join(', '), children: new Map() }
}
