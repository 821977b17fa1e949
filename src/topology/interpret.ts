import { Problem } from '../base/problem.ts'
import type { Product } from '../domain/model.ts'
import { findCentralManagement } from './central-management.ts'
import type { TopologyDocument } from './document.ts'
import { findFileStores } from './file-stores.ts'
import { interpretPools } from './interpret-pools.ts'
import { findPools } from './members.ts'
import { createNames, distinctNames, isHostName } from './names.ts'
import { notesOn } from './notes.ts'
import { newestProduct } from './roles.ts'
import { findSqlStores } from './sql-stores.ts'
import { fitToProducts } from './fit.ts'
import { oneLine } from './text.ts'
import type { Topology, TopologyPool } from './topology.ts'
import type { Warning } from './warning.ts'

/** What a document means in the terms of desired state. Throws Problem `topology-without-domain`. */
export function interpret(document: TopologyDocument): { topology: Topology; warnings: Warning[] } {
  const domain = domainOf(document)
  const warnings: Warning[] = notesOn(document)
  const sipDomains = sipDomainsOf(document, domain)
  const names = createNames(domain, warnings)
  const members = findPools(document, names, warnings)
  const sql = findSqlStores(document, members, names, warnings)
  const files = findFileStores(document, members, [domain, ...sipDomains], names, warnings)
  const pools = interpretPools(members, { sql, files }, names, warnings)
  const central = findCentralManagement(document, sql, warnings)
  const managing = members.findIndex(({ cluster }) => cluster === central.cluster)
  const product = pools[managing]?.product ?? mostUsed(pools) ?? newestProduct
  const topology: Topology = {
    carrier: document.carrier,
    draft: document.draft,
    firstSite: oneLine(firstSite(document)),
    domain,
    sipDomains,
    product,
    centralManagementStore: central.sqlStore,
    pools,
    sqlStores: sql.stores,
    fileStores: files.stores,
    hosts: document.clusters
      .flatMap(({ fqdn, machines }) => [fqdn, ...machines])
      .map((name) => qualified(name, domain)),
    dangling: document.dangling.length,
  }
  const fitted = fitToProducts(topology, warnings)
  return { topology: fitted, warnings: warnings.map(({ code, message }) => ({ code, message: oneLine(message) })) }
}

/** No document names the Active Directory domain: the default SIP domain is taken instead, else what most hosts share (10.12). */
function domainOf({ defaultDomain, sipDomains, clusters }: TopologyDocument): string {
  const told = [defaultDomain, ...sipDomains].find((name) => name !== null && isHostName(name.trim()))
  if (told) return told.trim()
  const suffixes = clusters.map(({ fqdn }) => fqdn.split('.').slice(1).join('.')).filter(isHostName)
  const shared = mostFrequent(suffixes.map((suffix) => suffix.toLowerCase()))
  if (shared !== null) return shared
  throw new Problem('topology-without-domain', {
    message:
      'The topology names neither a SIP domain nor a host with its domain, so it does not describe a deployment.',
    hint: 'Export it again: (Get-CsTopology -AsXml).ToString() | Out-File topology.xml -Encoding utf8',
  })
}

function sipDomainsOf({ defaultDomain, sipDomains }: TopologyDocument, domain: string): string[] {
  const [first, ...rest] = [defaultDomain ?? domain, ...sipDomains.toSorted()]
    .map((name) => name.trim())
    .filter(isHostName)
  const all = first === undefined ? [domain] : [first, ...rest]
  return distinctNames(all)
}

/** The first central site; a pseudo-site of migrated servers only where there is no other (section 9, trap 10). */
function firstSite({ sites }: TopologyDocument): string {
  const real = sites.filter(({ name }) => name.toLowerCase() !== 'backcompatsite')
  return (real.find(({ remote }) => !remote) ?? real[0] ?? sites[0])?.name ?? ''
}

function mostUsed(pools: readonly TopologyPool[]): Product | null {
  return mostFrequent(pools.flatMap(({ product }) => product ?? []))
}

/** Of two that are equally frequent the last in the alphabet: among products the newer one. */
function mostFrequent<T extends string>(values: readonly T[]): T | null {
  const counted = [...Map.groupBy(values, (value) => value)].map(([value, all]) => ({ value, count: all.length }))
  return counted.sort((a, b) => b.count - a.count || (a.value < b.value ? 1 : -1))[0]?.value ?? null
}

function qualified(name: string, domain: string): string {
  return name.includes('.') ? name : `${name}.${domain}`
}
