/** Writes XML in whatever style a test wants: namespaces switched on the child or by prefix, with or without noise. */
const base = 'urn:schema:Microsoft.Rtc.Management.'
export const uris = {
  T: `${base}Deploy.Topology.2008`,
  B: `${base}Deploy.TopologyBuilder.2008`,
  W: `${base}Deploy.WritableTopology.2008`,
  R: `${base}Deploy.ServiceRoles.2008`,
  S: `${base}ScopeFramework.2008`,
  none: '',
} as const
export type Space = keyof typeof uris

export interface Node {
  space: Space
  name: string
  attributes: Record<string, string>
  children: Node[]
  text: string
}

export function node(
  space: Space,
  name: string,
  attributes: Record<string, string | number | boolean | null> = {},
  children: readonly Node[] = [],
  text = '',
): Node {
  const told = Object.entries(attributes).filter((entry) => entry[1] !== null)
  return {
    space,
    name,
    attributes: Object.fromEntries(told.map(([key, value]) => [key, String(value)])),
    children: [...children],
    text,
  }
}

export interface Style {
  prefixes: boolean
  /** Numbers from 0 to 1 that decide orders; none: the order of the nodes. */
  order: (() => number) | null
  /** Unknown attributes, elements, comments and processing instructions everywhere. */
  noise: boolean
}

export const plain: Style = { prefixes: false, order: null, noise: false }

export function write(root: Node, style: Style = plain): string {
  return element(root, null, style)
}

/** Lists whose order means something to a person: servers are imported in the order of the document. */
const ordered = new Set(['Sites', 'CentralSites'])

function element(one: Node, parent: Space | null, style: Style): string {
  const name = style.prefixes && one.space !== 'none' ? `${one.space.toLowerCase()}:${one.name}` : one.name
  const attributes = Object.entries(one.attributes)
  if (style.noise && one.name !== 'Key') attributes.push(['Zz', 'of a later version'], ['Enabled', 'maybe'])
  const keepOrder = ordered.has(one.name) || one.children.some((child) => child.name === 'Machine')
  const children = keepOrder ? one.children : shuffled(one.children, style)
  const inner = children
    .map((child) => element(child, one.space, style))
    .join(style.noise ? '\n  <!-- <Topology/> -->\n' : '')
  const noise =
    style.noise && one.text === ''
      ? '<?later version="9"?><Later xmlns="urn:of:a:later:version"><Service Fqdn="x"/></Later>'
      : ''
  const start = `<${name}${namespaceOf(one, parent, style)}${shuffled(attributes, style)
    .map(([key, value]) => ` ${key}="${escape(value)}"`)
    .join('')}`
  return inner === '' && noise === '' && one.text === ''
    ? `${start} />`
    : `${start}>${escape(one.text)}${inner}${noise}</${name}>`
}

function namespaceOf(one: Node, parent: Space | null, style: Style): string {
  if (style.prefixes) {
    if (parent !== null) return ''
    return (['T', 'B', 'W', 'R', 'S'] as const)
      .map((space) => ` xmlns:${space.toLowerCase()}="${uris[space]}"`)
      .join('')
  }
  return one.space === parent ? '' : ` xmlns="${uris[one.space]}"`
}

function shuffled<T>(things: readonly T[], { order }: Style): readonly T[] {
  if (!order) return things
  return things
    .map((thing) => ({ thing, at: order() }))
    .sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing)
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
