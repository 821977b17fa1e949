import type { Desired } from '../desired/load.ts'
import type { ServiceId } from './topology.ts'

interface FolderName extends ServiceId {
  name: string
}

/** `1-WebServices-2` -> its parts; the folders of a file store are named after the services that use it. */
function parseFolder(name: string): FolderName | null {
  const match = /^(\d{1,6})-([A-Za-z]+)-(\d{1,6})$/.exec(name)
  return match ? { name, site: Number(match[1]), role: match[2] ?? '', instance: Number(match[3]) } : null
}

function foldersOf(store: { serviceFolders: readonly string[] } | null): FolderName[] {
  return (store?.serviceFolders ?? []).map(parseFolder).filter((folder) => folder !== null)
}

/** Site names in the order of the pools -> their numbers; the folders of the file stores have the first word. */
export function numberSites(desired: Desired): Map<string, number> {
  const numbers = new Map<string, number>()
  const taken = (id: number): boolean => [...numbers.values()].includes(id)
  for (const pool of desired.pools) {
    if (numbers.has(pool.site)) continue
    const written = foldersOf(pool.fileStore).find(({ site }) => !taken(site))?.site
    let id = written ?? 1
    while (taken(id)) id++
    numbers.set(pool.site, id)
  }
  if (numbers.size === 0) numbers.set('Site', 1)
  return numbers
}

/** Gives out service numbers: per site and role, from 1, except where a file store's folders tell another one. */
export function serviceNumbers(
  desired: Desired,
): (site: number, role: string, store: { serviceFolders: readonly string[] } | null) => ServiceId {
  const written = new Set(desired.fileStores.flatMap(foldersOf).map(key))
  const given = new Set<string>()
  return (site, role, store) => {
    const own = foldersOf(store).find(
      (folder) => folder.site === site && folder.role === role && !given.has(key(folder)),
    )
    let id: ServiceId = { site, role, instance: own?.instance ?? 1 }
    if (!own) while (given.has(key(id)) || written.has(key(id))) id = { ...id, instance: id.instance + 1 }
    given.add(key(id))
    return id
  }
}

function key({ site, role, instance }: ServiceId): string {
  return `${site}-${role}-${instance}`
}
