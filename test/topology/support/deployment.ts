/** Builds topology documents from a description, in all carriers, as the vendor's tools write them. */
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { node, plain, write, type Node, type Style } from './xml.ts'

interface SiteParts {
  id: number
  name: string
  remote: boolean
}
interface ClusterParts {
  kind: 'cluster'
  site: SiteParts
  number: number
  fqdn: string
  setup: boolean
  machines: readonly string[]
}
interface SqlParts {
  kind: 'sql'
  cluster: ClusterParts
  name: string
  primary: string | null
}
interface ServiceParts {
  id: number
  role: string
  site: SiteParts
  instance: number
  version: string
  on: ClusterParts | SqlParts
  uses: (readonly [ServiceParts, string])[]
  owners: readonly string[]
  typed: Node | null
  missing: boolean
}

interface ServiceOptions {
  uses?: readonly (ServiceParts | readonly [ServiceParts, string])[]
  version?: number | string
  owners?: readonly string[]
  share?: string
  active?: boolean
  /** Leaves the service out of the document, though others refer to it. */
  missing?: boolean
}

export class DeploymentBuilder {
  readonly sites: SiteParts[] = []
  readonly clusters: ClusterParts[] = []
  readonly sqlInstances: SqlParts[] = []
  readonly services: ServiceParts[] = []
  domain = 'contoso.com'
  sipDomains = ['contoso.com']
  signature = '11111111-2222-3333-4444-555555555555'
  version: number | string = 6

  site(name: string, remote = false): SiteParts {
    const site = { id: this.sites.length + 1, name, remote }
    this.sites.push(site)
    return site
  }

  host(fqdn: string, options: { machines?: readonly string[]; setup?: boolean; site?: SiteParts } = {}): ClusterParts {
    const site = options.site ?? this.sites[0] ?? this.site('Berlin')
    const cluster: ClusterParts = {
      kind: 'cluster',
      site,
      number: this.clusters.length + 1,
      fqdn,
      setup: options.setup ?? false,
      machines: options.machines ?? [fqdn],
    }
    this.clusters.push(cluster)
    return cluster
  }

  sql(cluster: ClusterParts, name = 'rtc', primary: string | null = null): SqlParts {
    const sql: SqlParts = { kind: 'sql', cluster, name, primary }
    this.sqlInstances.push(sql)
    return sql
  }

  service(role: string, on: ClusterParts | SqlParts, options: ServiceOptions = {}): ServiceParts {
    const site = on.kind === 'sql' ? on.cluster.site : on.site
    const service: ServiceParts = {
      id: this.services.length + 1,
      role,
      site,
      instance: this.services.filter((other) => other.role === role && other.site === site).length + 1,
      version: String(options.version ?? this.version),
      on,
      uses: (options.uses ?? []).map((use) => ('role' in use ? [use, 'Default'] : use)),
      owners: options.owners ?? [],
      typed: typedPart(options),
      missing: options.missing ?? false,
    }
    this.services.push(service)
    return service
  }

  share(host: ClusterParts, share: string, options: ServiceOptions = {}): ServiceParts {
    return this.service('FileStore', host, { ...options, share })
  }

  published(style: Style = plain): string {
    return write(this.topology(), style)
  }

  topology(): Node {
    return node('T', 'Topology', { Signature: this.signature }, [
      this.domains(),
      node(
        'T',
        'Sites',
        {},
        this.sites.map((site) =>
          node('T', site.remote ? 'RemoteSite' : 'CentralSite', { SiteId: site.id }, [
            node('T', 'Name', {}, [], site.name),
            node('T', 'Location', { City: site.name }),
          ]),
        ),
      ),
      node('T', 'Clusters', {}, this.clusters.map(publishedCluster)),
      node(
        'T',
        'SqlInstances',
        {},
        this.sqlInstances.map((sql) =>
          node('T', 'SqlInstance', { AlwaysOnPrimaryNodeFqdn: sql.primary }, [sqlId(sql)]),
        ),
      ),
      node('T', 'Services', {}, this.services.filter(({ missing }) => !missing).map(publishedService)),
    ])
  }

  builderFile(options: { published?: boolean; original?: boolean } = {}, style: Style = plain): string {
    const central = this.sites.filter(({ remote }) => !remote)
    const remote = this.sites.filter((site) => site.remote)
    const partial = node(
      'W',
      'PartialTopology',
      { IsPublished: options.published ?? false, Signature: this.signature },
      [
        this.domains(),
        node(
          'W',
          'CentralSites',
          {},
          central.map((site, index) =>
            this.builderSite(
              site,
              'CentralSite',
              index === 0 ? remote.map((branch) => this.builderSite(branch, 'RemoteSite')) : [],
            ),
          ),
        ),
        node(
          'W',
          'Services',
          {},
          this.services
            .filter(({ missing }) => !missing)
            .map((service) => builderService(service, options.original ?? false)),
        ),
      ],
    )
    const root = node(
      'B',
      'TopologyBuilder',
      { IsFreeFromChanges: true, FileName: 'C:\\Users\\somebody\\draft.tbxml' },
      [
        node('B', 'OriginalTopology', {}, [node('W', 'PartialTopology', { IsPublished: true })]),
        node('B', 'NewTopology', {}, [partial]),
      ],
    )
    return `<?xml version="1.0" encoding="utf-8"?>\r\n${write(root, style)}`
  }

  configuration(style: Style = plain, topologies: readonly Node[] = [this.topology()]): string {
    const others = node('S', 'AnchoredXml', {}, [
      node('S', 'Dictionary', {}, [node('T', 'ServiceId', { SiteId: 9, RoleName: 'FileStore', Instance: 9 })]),
    ])
    const item = (payload: Node, name: string): Node =>
      node('none', 'DocItem', { Name: name }, [node('none', 'Data', {}, [payload])])
    return write(
      node('none', 'DocItemSet', {}, [
        item(others, 'urn:schema:other'),
        ...topologies.map((topology) =>
          item(
            node('S', 'AnchoredXml', { SchemaWriteVersion: 1 }, [
              node('S', 'Dictionary', { Count: 1 }, [node('S', 'Item', {}, [node('S', 'Value', {}, [topology])])]),
            ]),
            'urn:schema:topology',
          ),
        ),
      ]),
      style,
    )
  }

  private domains(): Node {
    return node(
      'T',
      'InternalDomains',
      { AllowAllDomains: false, DefaultDomain: this.domain },
      this.sipDomains.map((name) =>
        node('T', 'InternalDomain', { Name: name, Authoritative: false, AllowSubDomains: false }),
      ),
    )
  }

  private builderSite(site: SiteParts, name: string, branches: readonly Node[] = []): Node {
    const clusters = this.clusters.filter((cluster) => cluster.site === site)
    return node('W', name, { SiteId: site.id }, [
      node('T', 'Name', {}, [], site.name),
      node('T', 'Location'),
      node(
        'W',
        'Clusters',
        {},
        clusters.map((cluster) =>
          node(
            'W',
            'Cluster',
            {
              IsSingleMachineOnly: cluster.machines.length === 1,
              UniqueId: `c${cluster.number}`,
              RequiresReplication: cluster.setup,
              RequiresSetup: cluster.setup,
              Fqdn: cluster.fqdn,
            },
            [
              node(
                'W',
                'Machines',
                {},
                cluster.machines.map((machine) =>
                  node('W', 'Machine', { Fqdn: machine === cluster.fqdn ? null : machine }),
                ),
              ),
              node(
                'W',
                'SqlInstances',
                {},
                this.sqlInstances
                  .filter((sql) => sql.cluster === cluster)
                  .map((sql) =>
                    node('W', 'SqlInstance', {
                      UniqueId: sqlUniqueId(sql),
                      Name: sql.name,
                      AlwaysOnPrimaryNodeFqdn: sql.primary,
                    }),
                  ),
              ),
            ],
          ),
        ),
      ),
      node('W', 'RemoteSites', {}, branches),
    ])
  }
}

function typedPart({ share, active }: ServiceOptions): Node | null {
  if (share !== undefined) return node('R', 'FileStoreService', { ShareName: share })
  return active === undefined ? null : node('R', 'CentralMgmtService', { IsActive: active })
}

function publishedCluster(cluster: ClusterParts): Node {
  const { setup, fqdn, machines } = cluster
  return node('T', 'Cluster', { RequiresReplication: setup, RequiresSetup: setup, Fqdn: fqdn }, [
    clusterId(cluster),
    ...machines.map((machine, index) =>
      node('T', 'Machine', { OrdinalInCluster: index + 1, Fqdn: machine, FaultDomain: machine }, [
        node('T', 'NetInterface', { InterfaceSide: 'Primary', InterfaceNumber: 1, IPAddress: '0.0.0.0' }),
      ]),
    ),
  ])
}

function clusterId({ site, number }: ClusterParts): Node {
  return node('T', 'ClusterId', { SiteId: site.id, Number: number })
}

function sqlId({ name, cluster }: SqlParts): Node {
  return node('T', 'SqlInstanceId', { Name: name }, [clusterId(cluster)])
}

function serviceId({ site, role, instance }: ServiceParts): Node {
  return node('T', 'ServiceId', { SiteId: site.id, RoleName: role, Instance: instance })
}

function publishedService(service: ServiceParts): Node {
  return node('T', 'Service', { RoleVersion: 1, ServiceVersion: service.version, Type: typeOf(service) }, [
    serviceId(service),
    node(
      'T',
      'DependsOn',
      {},
      service.uses.map(([used, usage]) => node('T', 'Dependency', { Usage: usage }, [serviceId(used)])),
    ),
    node('T', 'InstalledOn', {}, [service.on.kind === 'sql' ? sqlId(service.on) : clusterId(service.on)]),
    ...roleParts(service),
  ])
}

function builderService(service: ServiceParts, original: boolean): Node {
  const { id, role, version, on, site, instance } = service
  return node(
    'W',
    'Service',
    {
      UniqueId: `S${id}`,
      RoleName: role,
      RoleVersion: 1,
      InstalledOn: on.kind === 'sql' ? sqlUniqueId(on) : `C${on.number}`,
      ServiceVersion: version,
      Type: typeOf(service),
      originalSiteId: original ? site.id : null,
      ORIGINALINSTANCE: original ? instance : null,
    },
    [
      node(
        'W',
        'DependsOn',
        {},
        service.uses.map(([used, usage]) => node('W', 'Dependency', { ServiceUniqueId: `s${used.id}`, Usage: usage })),
      ),
      ...roleParts(service),
    ],
  )
}

function roleParts({ owners, typed }: ServiceParts): Node[] {
  const ports = owners.map((owner) =>
    node('R', 'Port', { Owner: owner, Usage: 'SipServer', Port: 5071, Protocol: 'Mtls' }),
  )
  return [node('R', 'Ports', {}, ports), ...(typed ? [typed] : [])]
}

function typeOf({ typed }: ServiceParts): string | null {
  return typed && `Microsoft.Rtc.Management.Deploy.Internal.ServiceRoles.${typed.name}`
}

function sqlUniqueId({ cluster, name }: SqlParts): string {
  return `q${cluster.number}-${name}`
}

/** A ZIP file of named contents, as Export-CsConfiguration writes one. */
export function zipOf(files: Record<string, string | Uint8Array>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content as string), name)
  zip.end()
  return buffer(zip.outputStream)
}
