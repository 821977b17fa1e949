/** An element of an XML document; its children by `step`: local name, what identifies it, and its number where that repeats. */
export interface DocumentElement {
  attributes: ReadonlyMap<string, string>
  text: string
  children: ReadonlyMap<string, DocumentElement>
}

export interface DocumentDifference {
  /** Steps of the nearest identified element, from the root: a policy, a setting, a machine. */
  subject: string
  /** The steps below it, then `@attribute`; empty: the object itself. */
  name: string
  change: 'added' | 'removed' | 'changed'
  /** Neither is there for what may be a secret, nor where a whole element came or went. */
  from?: string
  to?: string
}

const nothing: DocumentElement = { attributes: new Map(), text: '', children: new Map() }
const longestValue = 500

const secretWords = /passw|pwd|passphrase|secret|credential|token|certificate|signature|cipher|hash|salt|key$/i
const secretPin = /(^@?p|P)in$|PIN/

/** What differs between two documents, in the order of their paths. An element that came or went is one difference. */
export function compareDocuments(a: DocumentElement, b: DocumentElement): DocumentDifference[] {
  return compareElements([], a, b)
}

function compareElements(path: readonly string[], a: DocumentElement, b: DocumentElement): DocumentDifference[] {
  const values = keysOf(a.attributes, b.attributes).flatMap((key) =>
    compareValues([...path, `@${key}`], a.attributes.get(key), b.attributes.get(key)),
  )
  const text = a.text === b.text ? [] : compareValues(path, a.text, b.text)
  const children = keysOf(a.children, b.children).flatMap((step) => {
    const [before, after] = [a.children.get(step), b.children.get(step)]
    const there = [...path, step]
    if (before && after) return compareElements(there, before, after)
    return [cameOrWent(there, before, after)]
  })
  return [...values, ...text, ...children]
}

/** A value of its own, such as `<Port>5061</Port>`, is told; more than that is only named. */
function cameOrWent(
  path: readonly string[],
  before: DocumentElement | undefined,
  after: DocumentElement | undefined,
): DocumentDifference {
  const { attributes, children, text } = before ?? after ?? nothing
  const change = before ? 'removed' : 'added'
  if (attributes.size > 0 || children.size > 0 || text === '') return { ...place(path), change }
  return told(path, change, before?.text, after?.text)
}

function compareValues(
  path: readonly string[],
  from: string | undefined,
  to: string | undefined,
): DocumentDifference[] {
  if (from === to) return []
  return [told(path, from === undefined ? 'added' : to === undefined ? 'removed' : 'changed', from, to)]
}

function told(
  path: readonly string[],
  change: DocumentDifference['change'],
  from: string | undefined,
  to: string | undefined,
): DocumentDifference {
  const silent = isSecretName(path) || [from, to].some((value) => value !== undefined && isSecretValue(value))
  return {
    ...place(path),
    change,
    ...(silent || from === undefined ? {} : { from: short(from) }),
    ...(silent || to === undefined ? {} : { to: short(to) }),
  }
}

function place(path: readonly string[]): { subject: string; name: string } {
  const end = path.findLastIndex((step) => step.endsWith(']')) + 1 || 1
  return { subject: path.slice(0, end).join('/'), name: path.slice(end).join('/') }
}

function short(value: string): string {
  return value.length <= longestValue ? value : `${value.slice(0, longestValue)}...`
}

/** Of any element around a value, what identifies it, or its attribute. Rather one too many than a password in a terminal. */
function isSecretName(path: readonly string[]): boolean {
  return path.some((step) => step.split(/[[\]# ]/).some((name) => secretWords.test(name) || secretPin.test(name)))
}

/** A certificate, a key or anything else in base 64, or a URL with a password in it. */
function isSecretValue(value: string): boolean {
  return /-----BEGIN|:\/\/[^/\s@]+:[^/\s@]+@|passw(or)?d\s*=|pwd\s*=/i.test(value) || /[A-Za-z0-9+/]{40}/.test(value)
}

function keysOf(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort()
}
