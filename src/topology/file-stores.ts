import { uncPath } from '../base/fields.ts'
import { consumersOf } from './consumers.ts'
import type { Service, TopologyDocument } from './document.ts'
import type { Member } from './members.ts'
import { slug, uniqueNames, type Names } from './names.ts'
import { isRole } from './roles.ts'
import type { TopologyFileStore } from './topology.ts'
import type { Warning } from './warning.ts'

export interface FileStores {
  stores: TopologyFileStore[]
  nameOf(store: Service | null): string | null
}

interface Share {
  host: string
  share: string
  path: string
  services: Service[]
}

/** The file stores of a topology, each share once (topology format, section 6, and 10.2, 10.5, 10.6). */
export function findFileStores(
  document: TopologyDocument,
  pools: readonly Member[],
  domains: readonly string[],
  names: Names,
  warnings: Warning[],
): FileStores {
  const shares = findShares(document, names, warnings)
  const consumers = consumersOf(document)
  const old = new Set(pools.filter(({ type }) => type === 'unsupported').flatMap(({ services }) => services))
  const kept = shares.filter(({ path, host, services }) => {
    const users = services.flatMap((service) => consumers.get(service) ?? [])
    if (users.length === 0) warnings.push(unused(path))
    else if (users.every((user) => old.has(user))) {
      warnings.push(onlyUnsupported(path))
      return false
    }
    if (domains.some((domain) => domain.toLowerCase() === host.toLowerCase())) warnings.push(dfs(path))
    return true
  })
  const unique = uniqueNames(
    kept.map(({ host, share }) => ({
      short: slug(`${host.split('.')[0] ?? ''} ${share}`),
      long: slug(`${host} ${share}`),
    })),
  )
  const nameOfService = new Map(
    kept.flatMap(({ services }, i) => services.map((one) => [one, unique[i] ?? ''] as const)),
  )
  const stores = kept.map(({ path, services }, index) => ({
    name: unique[index] ?? '',
    path,
    serviceFolders: foldersOf(services.flatMap((service) => consumers.get(service) ?? [])),
  }))
  return {
    stores: stores.sort((a, b) => (a.name < b.name ? -1 : 1)),
    nameOf: (store) => (store && nameOfService.get(store)) ?? null,
  }
}

function findShares(document: TopologyDocument, names: Names, warnings: Warning[]): Share[] {
  const shares = new Map<string, Share>()
  for (const service of document.services.filter((candidate) => isRole(candidate, 'FileStore'))) {
    const cluster = service.cluster ?? service.sqlInstance?.cluster
    const host = cluster ? names.host(cluster.fqdn) : null
    if (host === null) continue
    const share = (service.share ?? '')
      .trim()
      .replaceAll('/', '\\')
      .replace(/^\\+|\\+$/g, '')
    const path = `\\\\${host}\\${share}`
    if (!uncPath.safeParse(path).success) {
      warnings.push(unusable(service, path))
      continue
    }
    const known = shares.get(path.toLowerCase()) ?? { host, share, path, services: [] }
    known.services.push(service)
    shares.set(path.toLowerCase(), known)
  }
  return [...shares.values()]
}

/** Sorted by number, so that another order in the document makes no other file. */
function foldersOf(consumers: readonly Service[]): string[] {
  const folders = new Set(
    consumers.flatMap(({ folder }) => (folder !== null && /^\d+-[A-Za-z]+-\d+$/.test(folder) ? folder : [])),
  )
  return [...folders].sort(new Intl.Collator('en', { numeric: true }).compare)
}

function unused(path: string): Warning {
  return {
    code: 'import-unused',
    message: `The file store ${path} is unused: no service depends on it. It was imported and will be backed up; remove it where it is a leftover.`,
  }
}

function onlyUnsupported(path: string): Warning {
  return {
    code: 'import-unsupported',
    message: `The file store ${path} serves only unsupported pools, so it did not become a resource.`,
  }
}

function dfs(path: string): Warning {
  return {
    code: 'import-dfs-namespace',
    message: `${path} is in a DFS namespace: the document does not say which server holds it.`,
  }
}

function unusable(service: Service, path: string): Warning {
  return {
    code: 'import-name-unusable',
    message: `The file store ${service.id} has the path ${path.slice(0, 300)}, which cannot be used, so it was left out.`,
  }
}
