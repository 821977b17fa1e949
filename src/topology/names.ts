import { fqdn } from '../base/fields.ts'
import { oneLine } from './text.ts'
import type { Warning } from './warning.ts'

/** Turns names of a document into names that desired state accepts. Each doubt is reported once. */
export interface Names {
  /** The fully qualified name of a host or pool in its own spelling; null for what can be none. */
  host(name: string): string | null
}

export function createNames(domain: string, warnings: Warning[]): Names {
  const told = new Set<string>()
  const tellOnce = (warning: Warning): void => {
    if (!told.has(warning.message)) warnings.push(warning)
    told.add(warning.message)
  }
  return {
    host: (name) => {
      const bare = name.trim().replace(/\.+$/, '')
      const full = bare === '' || bare.includes('.') ? bare : `${bare}.${domain}`
      if (!isHostName(full)) {
        tellOnce(unusable(oneLine(name)))
        return null
      }
      if (full !== bare) tellOnce(completed(bare, full))
      return full
    },
  }
}

export function isHostName(name: string): boolean {
  return fqdn.safeParse(name).success
}

function completed(bare: string, full: string): Warning {
  return {
    code: 'import-short-name',
    message: `${bare} is a short name in the document; it was completed to ${full}. Check it.`,
  }
}

function unusable(name: string): Warning {
  return {
    code: 'import-name-unusable',
    message: `"${name.slice(0, 120)}" is not the name of a host, so what is on it was left out.`,
  }
}

/** Each name once, without regard to case, in the spelling that comes first. */
export function distinctNames(names: readonly string[]): string[] {
  const seen = new Set<string>()
  return names.filter((name) => {
    const folded = name.toLowerCase()
    return !seen.has(folded) && seen.add(folded)
  })
}

/** Lower case letters, digits and dashes; may be empty. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/**
 * A name for each thing that is unique among all of them: the short form, the long form where two share the short one,
 * a number where even that is not enough.
 */
export function uniqueNames(things: readonly { short: string; long: string }[]): string[] {
  const shorts = Map.groupBy(things, ({ short }) => short)
  const uses = new Map<string, number>()
  const taken = new Set<string>()
  return things.map(({ short, long }) => {
    const base = (shorts.get(short)?.length === 1 ? short : long).slice(0, 100) || 'store'
    let number = uses.get(base) ?? 1
    while (taken.has(numbered(base, number))) number++
    uses.set(base, number)
    taken.add(numbered(base, number))
    return numbered(base, number)
  })
}

function numbered(base: string, number: number): string {
  return number === 1 ? base : `${base}-${number}`
}
