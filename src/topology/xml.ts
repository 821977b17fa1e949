import { SaxesParser, type SaxesTagNS } from 'saxes'
import { Problem } from '../base/problem.ts'
import { oneLine } from './text.ts'

/** An element of the part of a document that is kept. Names are local names. */
export interface Element {
  readonly name: string
  readonly namespace: string
  /** Only attributes without a prefix, by their exact name. */
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  /** Text directly in the element, trimmed. */
  text: string
  /** Line of its start tag, from 1. */
  readonly line: number
}

export interface XmlListener {
  /** Called for every element outside what is kept; true: keep it, as the root of a tree. */
  begins(element: Element, parents: readonly Element[]): boolean
  /** Called for every element inside a kept tree; false: leave it out with all that it holds. */
  keeps(element: Element, parent: Element): boolean
}

export interface XmlReader {
  write(text: string): void
  /** The kept trees. Throws where the document is cut. */
  end(): Element[]
}

/** Far above any real document, low enough that a hostile one is refused while it is small. */
const xmlLimits = {
  depth: 200,
  attributes: 500,
  keptElements: 600_000,
  /** Characters of an attribute or a text that is kept. */
  textLength: 65_536,
  /** Characters before the root element, where a DOCTYPE would be. */
  prolog: 1_048_576,
  /** Characters between two tags: the parser holds them all. */
  betweenTags: 16_777_216,
}

/**
 * Reads XML piece by piece and keeps only the trees that the listener wants. Refuses a DOCTYPE, and whatever exceeds
 * the limits, with a Problem.
 */
export function createXmlReader(listener: XmlListener): XmlReader {
  const parser = new SaxesParser({ xmlns: true })
  const open: Element[] = []
  const trees: Element[] = []
  let kept: Element[] = []
  let skipped = 0
  let count = 0
  let attributes = 0
  let sinceTag = 0
  let prolog: string | null = ''

  parser.on('error', (error) => {
    throw malformed(error.message, parser.line)
  })
  parser.on('doctype', () => {
    throw doctypeRefused(parser.line)
  })
  parser.on('opentagstart', () => (attributes = 0))
  parser.on('attribute', ({ value }) => {
    if (++attributes > xmlLimits.attributes) throw tooLarge('an element with too many attributes', parser.line)
    if (value.length > xmlLimits.textLength) throw tooLarge('an attribute that is too long', parser.line)
  })
  parser.on('opentag', (tag) => {
    sinceTag = 0
    prolog = null
    if (open.length >= xmlLimits.depth) throw tooLarge('elements nested too deeply', parser.line)
    const element = elementOf(tag, parser.line)
    enter(element)
    open.push(element)
  })
  const enter = (element: Element): void => {
    const parent = kept.at(-1)
    if (skipped > 0) skipped++
    else if (parent === undefined) {
      if (!listener.begins(element, open)) return
      trees.push(element)
      keep(element)
    } else if (listener.keeps(element, parent)) {
      parent.children.push(element)
      keep(element)
    } else skipped = 1
  }
  const keep = (element: Element): void => {
    if (++count > xmlLimits.keptElements) throw tooLarge('too many elements', parser.line)
    kept.push(element)
  }
  const addText = (text: string): void => {
    const element = kept.at(-1)
    if (element === undefined || skipped > 0) return
    if (element.text.length + text.length > xmlLimits.textLength) throw tooLarge('a text that is too long', parser.line)
    element.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    sinceTag = 0
    open.pop()
    if (skipped > 0) {
      skipped--
      return
    }
    const element = kept.pop()
    if (element) element.text = element.text.trim()
  })
  const bound = (text: string): void => {
    sinceTag += text.length
    if (sinceTag > xmlLimits.betweenTags) throw tooLarge('too much text between two tags', parser.line)
    if (prolog === null) return
    prolog += text
    if (prolog.length <= xmlLimits.prolog) return
    throw /<!DOCTYPE/i.test(prolog) ? doctypeRefused(1) : tooLarge('no element at its beginning', parser.line)
  }
  return {
    write: (text) => {
      parser.write(text)
      bound(text)
    },
    end: () => {
      parser.close()
      kept = []
      return trees
    },
  }
}

function elementOf(tag: SaxesTagNS, line: number): Element {
  const attributes: Record<string, string> = {}
  for (const { prefix, local, value } of Object.values(tag.attributes))
    if (prefix === '' && local !== '__proto__') attributes[local] = value
  return { name: tag.local, namespace: tag.uri, attributes, children: [], text: '', line }
}

/** The value of an attribute: by its exact name, else by its name without regard to case. */
export function attribute(element: Element, name: string): string | null {
  const exact = Object.hasOwn(element.attributes, name) ? element.attributes[name] : undefined
  if (exact !== undefined) return exact
  const folded = name.toLowerCase()
  return Object.entries(element.attributes).find(([candidate]) => candidate.toLowerCase() === folded)?.[1] ?? null
}

export function childrenOf(element: Element, name: string): Element[] {
  return element.children.filter((child) => child.name === name)
}

export function childOf(element: Element, name: string): Element | null {
  return element.children.find((child) => child.name === name) ?? null
}

/** All elements at the end of a path of names below `element`. */
export function at(element: Element, ...path: string[]): Element[] {
  return path.reduce((elements, name) => elements.flatMap((each) => childrenOf(each, name)), [element])
}

function malformed(message: string, line: number): Problem {
  return new Problem('topology-not-xml', {
    message: `The document is not well-formed XML: line ${line}: ${oneLine(message.replace(/^\d+:\d+:\s*/, '').slice(0, 200))}`,
    hint: 'Write it again: (Get-CsTopology -AsXml).ToString() | Out-File topology.xml -Encoding utf8',
  })
}

function doctypeRefused(line: number): Problem {
  return new Problem('topology-doctype', {
    message: `The document has a DOCTYPE (line ${line}). No topology document has one, and it can be used to attack its reader.`,
    hint: 'Use a document that comes straight from Get-CsTopology, Topology Builder or Export-CsConfiguration.',
  })
}

/** The refusal of a document that no deployment could have produced. */
export function tooLarge(what: string, line: number | null = null): Problem {
  return new Problem('topology-too-large', {
    message: `The document has ${what}${line === null ? '' : ` (line ${line})`}: no topology looks like that.`,
    hint: 'Use a document that comes straight from Get-CsTopology, Topology Builder or Export-CsConfiguration.',
  })
}
