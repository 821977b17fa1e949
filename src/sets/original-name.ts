import type { RawName } from '../drivers/files/walk.ts'
import { unescapeBytes } from './escape.ts'

/** What the line of a listing says of a name (docs/backup-set-format.md). */
export interface ListedName {
  name: string
  path: string
  /** Of the last component, hexadecimal, where it was not UTF-8. */
  nameBytes?: string | undefined
}

/** Each component as it was, or why there can be no such name, as the rest of a sentence about it. */
export type OriginalName = { parts: RawName[] } | { odd: string }

/**
 * The original of a listed name. Whatever the listing says, it leads to a place below the folder that it is for: no component
 * is empty, goes up, or holds a separator.
 */
export function originalName(entry: ListedName, platform: NodeJS.Platform): OriginalName {
  const names = entry.name.split('/')
  const paths = entry.path.split('/')
  const parts: RawName[] = []
  for (const [index, name] of names.entries()) {
    const bytes = index === names.length - 1 ? entry.nameBytes : undefined
    const part = originalOf(name, paths.length === names.length ? (paths[index] ?? '') : '', bytes)
    if (part === null) return { odd: 'was not UTF-8, and is too long to be known' }
    const odd = oddityOf(part, platform)
    if (odd !== null) return { odd }
    parts.push(part)
  }
  return { parts }
}

/** Only a component that shows a replacement character may have been bytes. Null: what it was is not known. */
function originalOf(name: string, escaped: string, nameBytes: string | undefined): RawName | null {
  if (nameBytes !== undefined) return Buffer.from(nameBytes, 'hex')
  if (!name.includes('\uFFFD')) return name
  const bytes = unescapeBytes(escaped)
  if (bytes?.toString() !== name) return null
  return bytes.equals(Buffer.from(name)) ? name : bytes
}

// "Naming Files, Paths, and Namespaces"; names of devices, and dots at the end, are no matter to a path in its long form.
const refusedByWindows = /[<>:"|?*\\\u0000-\u001f]/

function oddityOf(part: RawName, platform: NodeJS.Platform): string | null {
  const text = typeof part === 'string' ? part : Buffer.from(part).toString('latin1')
  if (text === '' || text === '.' || text === '..' || /[/\0]/.test(text)) return 'is not a name below the file store'
  if (typeof part !== 'string') return platform === 'win32' ? 'is not UTF-8, which Windows does not allow' : null
  if (!part.isWellFormed()) return 'has half a character, which cannot be written here'
  if (platform === 'win32' && refusedByWindows.test(part)) return 'has a character that Windows does not allow'
  return null
}
