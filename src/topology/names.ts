import { fqdn } from '../base/fields.ts'
import { oneLine } from './text.ts'
import type { Warning } from './warning.ts'

/** Turns names of a document into names that desired state accepts. Each doubt is told once. */
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
    message: `"${name.slice(0, 120)}" is no name of a host, so what stands on it was left out.`,
  }
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
  const taken = new Set<string>()
  return things.map(({ short, long }) => {
    const base = (shorts.get(short)?.length === 1 ? short : long).slice(0, 100) || 'store'
    let name = base
    for (let number = 2; taken.has(name); number++) name = `${base}-${number}`
    taken.add(name)
    return name
  })
}
