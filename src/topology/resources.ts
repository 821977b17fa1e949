import type { HighAvailability } from '../domain/model.ts'
import { instanceName } from '../domain/subject.ts'
import { slug } from './names.ts'
import { propose } from './proposals.ts'
import { resource, type WrittenResource } from './resource.ts'
import type { Topology, TopologyFileStore, TopologyPool, TopologySqlStore } from './topology.ts'
import type { Warning } from './warning.ts'

/** Topology format, section 10: what a topology says, and working proposals, marked as such, for what it does not say. */
export function toResources(topology: Topology): { resources: WrittenResource[]; warnings: Warning[] } {
  const { proposals, warnings } = propose(topology)
  const resources = [
    deployment(topology),
    ...topology.pools.map((one) => pool(one, topology)),
    ...topology.sqlStores.map(sqlStore),
    ...topology.fileStores.map(fileStore),
    ...proposals,
  ]
  return { resources, warnings: [...assumptions(topology), ...warnings] }
}

function deployment(topology: Topology): WrittenResource {
  const { product, domain, sipDomains, centralManagementStore } = topology
  return resource('Deployment', deploymentName(topology), { product, domain, sipDomains, centralManagementStore })
}

const reserved = /^(current|con|prn|aux|nul|com\d|lpt\d)$/

function deploymentName({ firstSite }: Topology): string {
  const name = slug(firstSite).slice(0, 60)
  if (name === '') return 'deployment'
  return reserved.test(name) ? `${name}-site` : name
}

function pool(from: TopologyPool, { product: common }: Topology): WrittenResource {
  const { fqdn, site, type, product, servers, applications, stores, fileStore, pairedWith } = from
  const { user: userStore, archiving, monitoring, persistentChat, compliance } = stores
  return resource('Pool', fqdn, {
    site,
    type,
    product: product === common ? null : product,
    servers: servers.length === 0 ? null : servers,
    applications: applications.length === 0 ? null : applications,
    userStore,
    archiving,
    monitoring,
    persistentChat,
    compliance,
    fileStore,
    pairedWith,
  })
}

function sqlStore({ name, host, instance, highAvailability }: TopologySqlStore): WrittenResource {
  return resource('SqlStore', name, {
    host,
    instance: instanceName(instance) === '' ? null : instance,
    highAvailability: written(highAvailability, instance),
  })
}

/** `none`, or a map with one key (10.8). */
function written(mode: HighAvailability, instance: string): unknown {
  switch (mode.kind) {
    case 'none':
      return 'none'
    case 'mirror':
      return {
        mirror: {
          partner: partnerOf(mode.partner, instance),
          ...(mode.witness === null ? {} : { witness: mode.witness }),
        },
      }
    case 'availability-group':
      return { 'availability-group': { listener: mode.listener, replicas: mode.replicas } }
    case 'failover-cluster':
      return { 'failover-cluster': { nodes: mode.nodes } }
  }
}

/** The instance is written only where the partner's has another name. */
function partnerOf(partner: { host: string; instance: string }, instance: string): string {
  if (partner.instance.toLowerCase() === instance.toLowerCase()) return partner.host
  return `${partner.host}\\${partner.instance === '' ? 'MSSQLSERVER' : partner.instance}`
}

function fileStore({ name, path, serviceFolders }: TopologyFileStore): WrittenResource {
  return resource('FileStore', name, { path, serviceFolders: serviceFolders.length === 0 ? null : serviceFolders })
}

function assumptions({ domain }: Topology): Warning[] {
  return [
    {
      code: 'import-assumed',
      message: `No document names the Active Directory domain; ${domain}, the default SIP domain, was taken instead. Check Deployment.domain.`,
    },
  ]
}
