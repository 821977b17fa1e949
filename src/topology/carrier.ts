import { Problem } from '../base/problem.ts'
import { oneLine } from './text.ts'
import { createXmlReader, type Element, type XmlListener, type XmlReader } from './xml.ts'
import { matters, namespaces } from './vocabulary.ts'

/** The three documents that hold a topology (topology format, section 1). */
export type Carrier = 'published' | 'builder-file' | 'configuration-export'

export interface CarrierReader {
  write(text: string): void
  /** The one topology of the document. Throws a Problem where there is none, or more than one. */
  end(): { carrier: Carrier; root: Element }
}

/** Reads the text of a document piece by piece, recognises its carrier, and keeps only what is below its topology. */
export function createCarrierReader(): CarrierReader {
  const seen: Seen = { carrier: null, topologies: 0, userData: false }
  const reader = createXmlReader(listenerOf(seen))
  const start = createStart(reader)
  return {
    write: (text) => start.write(text),
    end: () => {
      start.end()
      const [root] = reader.end()
      if (seen.carrier && root && seen.topologies === 1) return { carrier: seen.carrier, root }
      throw refusal(seen)
    },
  }
}

interface Seen {
  carrier: Carrier | null
  topologies: number
  userData: boolean
}

function listenerOf(seen: Seen): XmlListener {
  const begins = (element: Element, parents: readonly Element[]): boolean => {
    if (parents.length === 0) seen.carrier = carrierOf(element)
    if (seen.carrier === 'configuration-export' && isUserData(element)) seen.userData = true
    const isTopology =
      seen.carrier === 'builder-file' ? isPartialTopology(element, parents) : isTopologyElement(element)
    if (isTopology) seen.topologies++
    return isTopology
  }
  const keeps = (element: Element, parent: Element): boolean => {
    if (isTopologyElement(element)) seen.topologies++
    return matters(element, parent)
  }
  return { begins, keeps }
}

function carrierOf({ name, namespace, line }: Element): Carrier {
  if (name === 'Topology' && namespace === namespaces.topology) return 'published'
  if (name === 'TopologyBuilder' && namespace === namespaces.builder) return 'builder-file'
  if (name === 'DocItemSet') return 'configuration-export'
  const shown = namespace === '' ? 'without a namespace' : `of the namespace ${oneLine(namespace.slice(0, 120))}`
  throw new Problem('topology-not-found', {
    message: `The root element (line ${line}) is ${name.slice(0, 80)} ${shown}: that is not a topology document.`,
    hint: 'Accepted are the output of Get-CsTopology -AsXml, a .tbxml file of Topology Builder, and the ZIP file of Export-CsConfiguration.',
  })
}

function isTopologyElement({ name, namespace }: Element): boolean {
  return name === 'Topology' && namespace === namespaces.topology
}

/** Only the new topology of a Topology Builder file; the original one beside it is not what its author wants. */
function isPartialTopology({ name, namespace }: Element, parents: readonly Element[]): boolean {
  const parent = parents.at(-1)
  return (
    name === 'PartialTopology' &&
    namespace === namespaces.writable &&
    parents.length === 2 &&
    parent?.name === 'NewTopology' &&
    parent.namespace === namespaces.builder
  )
}

function isUserData({ name, attributes }: Element): boolean {
  return name === 'HomedResource' || (name === 'DocItem' && /^urn:(lcd|hcd):/i.test(attributes['Name'] ?? ''))
}

function refusal({ topologies, userData }: Seen): Problem {
  if (topologies > 1)
    return new Problem('topology-ambiguous', {
      message: 'The document contains more than one topology, and nothing says which one is meant.',
      hint: 'Export it again with Export-CsConfiguration or Get-CsTopology -AsXml.',
    })
  if (userData)
    return new Problem('topology-user-data', {
      message: 'This is an export of user data (Export-CsUserData). It does not contain a topology.',
      hint: 'Use the file that Export-CsConfiguration -FileName <file> writes.',
    })
  return new Problem('topology-not-found', {
    message: 'The document does not contain a topology.',
    hint: 'Accepted are the output of Get-CsTopology -AsXml, a .tbxml file of Topology Builder, and the ZIP file of Export-CsConfiguration.',
  })
}

/** Passes text on to the reader from the first `<`, and says so where something else is there (section 9, trap 1). */
function createStart(reader: XmlReader): { write(text: string): void; end(): void } {
  let started = false
  const write = (text: string): void => {
    const rest = started ? text : text.replace(/^[\s\uFEFF]+/, '')
    if (rest === '') return
    if (!started && !rest.startsWith('<')) throw notXml('The file does not begin with <, so it is not XML')
    started = true
    reader.write(rest)
  }
  const end = (): void => {
    if (!started) throw notXml('The file is empty')
  }
  return { write, end }
}

function notXml(message: string): Problem {
  return new Problem('topology-not-xml', {
    message: `${message}. Without .ToString() PowerShell writes a listing of properties in place of the XML.`,
    hint: 'Write it again: (Get-CsTopology -AsXml).ToString() | Out-File topology.xml -Encoding utf8',
  })
}
