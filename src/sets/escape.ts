import { createHash } from 'node:crypto'

/** A name from outside: text, or bytes where it is not valid UTF-8. */
type Name = string | Uint8Array

const longestEscaped = 240
const longestKept = 200
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?:\.|$)/i
// Control characters, the two escape characters, separators, line ends, and what Windows refuses in a name.
const special = /[\u0000-\u001f\u007f-\u009f\u2028\u2029%=/\\<>:"|?*]|[. ]+$/gu
const loneSurrogate = /\p{Surrogate}/gu

/** One component of a name, so that it escapes no folder and suits every file system: docs/backup-set-format.md. */
export function escapeName(name: Name): string {
  if (typeof name !== 'string') return shorten(strictly(name), name)
  let escaped = name.replace(special, escapeText)
  if (device.test(name)) escaped = `${escapeText(name.slice(0, 1))}${escaped.slice(1)}`
  return shorten(escaped.replace(loneSurrogate, escapeText), bytesOf(name))
}

/** The names of one folder: those that differ only by case or normal form are distinguished by stricter escaping. */
export function escapeNames(names: readonly Name[]): string[] {
  const escaped = names.map(escapeName)
  const groups = Map.groupBy(escaped.keys(), (index) => fold(escaped[index] ?? ''))
  if (groups.size === names.length) return escaped
  for (const group of groups.values()) {
    if (group.length < 2) continue
    for (const index of group) {
      const bytes = bytesOf(names[index] ?? '')
      escaped[index] = shorten(strictly(bytes), bytes)
    }
  }
  return escaped
}

/** The original of an escaped name; null where it was cut, is no UTF-8, or was never escaped by this rule. */
export function unescapeName(escaped: string): string | null {
  const bytes = unescapeBytes(escaped)
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** The same as bytes, which need not be UTF-8. */
export function unescapeBytes(escaped: string): Buffer | null {
  if (/=(?![0-9A-F]{2})/.test(escaped)) return null
  const bytes = escaped.split(/(=[0-9A-F]{2})/).map((part, index) => {
    return index % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)
  })
  return Buffer.concat(bytes)
}

/** UTF-8; half a surrogate pair, which Windows allows in a name, as the three bytes that it would have by itself. */
function bytesOf(name: Name): Uint8Array {
  if (typeof name !== 'string') return name
  if (name.isWellFormed()) return Buffer.from(name)
  const parts = Array.from(name, (character) => {
    const code = character.codePointAt(0) ?? 0
    const half = code >= 0xd800 && code <= 0xdfff
    return half
      ? Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)])
      : Buffer.from(character)
  })
  return Buffer.concat(parts)
}

function escapeText(text: string): string {
  return [...bytesOf(text)].map(escapeByte).join('')
}

function escapeByte(byte: number): string {
  return `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/** Only `a-z`, `0-9`, `-`, `_` and inner dots stay, so that no two results differ by case or normal form. */
function strictly(bytes: Uint8Array): string {
  const last = bytes.length - 1
  const text = [...bytes].map((byte, index) => {
    const character = String.fromCharCode(byte)
    return /[a-z0-9_-]/.test(character) || (character === '.' && index < last) ? character : escapeByte(byte)
  })
  const plain = text.join('')
  return device.test(plain) ? `${escapeText(plain.slice(0, 1))}${plain.slice(1)}` : plain
}

function shorten(escaped: string, original: Uint8Array): string {
  if (Buffer.byteLength(escaped) <= longestEscaped) return escaped
  let kept = ''
  for (const [part] of escaped.matchAll(/=[0-9A-F]{2}|./gsu)) {
    if (Buffer.byteLength(kept + part) > longestKept) break
    kept += part
  }
  return `${kept}=~${createHash('sha256').update(original).digest('hex').slice(0, 16)}`
}

function fold(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
}
