import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export const root = join(import.meta.dirname, '..', '..')

/** Path from the root of the checkout -> text that belongs there. */
export type Generated = Map<string, string>

/** What every file in `generators/` makes: each exports `generate(): Map<path, text>`. */
export async function generateAll(): Promise<Generated> {
  const folder = join(import.meta.dirname, 'generators')
  const all: Generated = new Map()
  for (const name of readdirSync(folder).sort()) {
    const module = (await import(pathToFileURL(join(folder, name)).href)) as { generate(): Generated }
    for (const [path, text] of module.generate()) {
      if (all.has(path)) throw new Error(`${path} is made by two generators`)
      all.set(path, text)
    }
  }
  return all
}
