import type { SetDifference } from './set-differences.ts'
import { foldSubject } from './subject.ts'

/** One object of a directory list, as its line holds it. */
export interface DirectoryObject {
  /** By which the list is sorted. */
  key: string
  properties: Readonly<Record<string, unknown>>
}

/** What a list of the directory is sorted by: the distinguished name, which no two objects have; else its whole line. */
export function directoryKey(properties: Readonly<Record<string, unknown>>, line: string): string {
  const identity = properties['Identity']
  return typeof identity === 'string' ? foldSubject(identity) : line
}

/**
 * What differs between two lists of one kind, each sorted by its keys, in constant memory. An object is named by its SIP
 * address, else by its name in the directory.
 */
export async function* compareDirectories(
  a: AsyncIterable<DirectoryObject>,
  b: AsyncIterable<DirectoryObject>,
): AsyncGenerator<SetDifference> {
  const [before, after] = [a[Symbol.asyncIterator](), b[Symbol.asyncIterator]()]
  try {
    let [one, other] = [await next(before), await next(after)]
    while (one || other) {
      if (one && (!other || one.key < other.key)) {
        yield came(one, 'removed')
        one = await next(before)
      } else if (other && (!one || other.key < one.key)) {
        yield came(other, 'added')
        other = await next(after)
      } else if (one && other) {
        yield* compareObjects(one, other)
        one = await next(before)
        other = await next(after)
      }
    }
  } finally {
    await before.return?.()
    await after.return?.()
  }
}

async function next(objects: AsyncIterator<DirectoryObject>): Promise<DirectoryObject | null> {
  const found = await objects.next()
  return found.done === true ? null : found.value
}

function came(object: DirectoryObject, change: 'added' | 'removed'): SetDifference {
  return { kind: 'directory-record', subject: nameOf(object), name: '', change }
}

function compareObjects(a: DirectoryObject, b: DirectoryObject): SetDifference[] {
  const names = [...new Set([...Object.keys(a.properties), ...Object.keys(b.properties)])].sort()
  const found = names.flatMap((name): SetDifference[] => {
    const [from, to] = [textOf(a.properties[name]), textOf(b.properties[name])]
    if (from === to) return []
    return [{ kind: 'directory-record', subject: nameOf(b), name, change: 'changed', from, to }]
  })
  // Where the pool is another, so is its path in the directory.
  const isMoved = found.some(({ name }) => name === 'RegistrarPool')
  return isMoved ? found.filter(({ name }) => name !== 'HomeServer') : found
}

function nameOf({ properties, key }: DirectoryObject): string {
  const address = properties['SipAddress'] ?? properties['PrimaryUri']
  if (typeof address === 'string' && address !== '') return address.replace(/^sip:/i, '')
  return typeof properties['Identity'] === 'string' ? properties['Identity'] : key
}

/** No value and the empty one say the same. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
