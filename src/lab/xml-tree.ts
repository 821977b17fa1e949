import { SaxesParser } from 'saxes'

export interface XmlElement {
  /** Without its prefix. */
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  text: string
}

/** The root of a document. Throws where it is not well-formed. */
export function readXml(document: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('text', (text) => {
    const element = open.at(-1)
    if (element) element.text += text
  })
  parser.on('closetag', () => void open.pop())
  parser.write(document).close()
  return root.children[0] ?? root
}

/** Elements of this name, at any depth. */
export function elementsOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((one) => [...(one.name === name ? [one] : []), ...elementsOf(one, name)])
}

/** The first of them; an empty element where there is none. */
export function elementOf(element: XmlElement, name: string): XmlElement {
  return elementsOf(element, name)[0] ?? { name, attributes: {}, children: [], text: '' }
}
