import type { ClusterId, Service, ServiceId, Topology } from './topology.ts'

const namespace = 'urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008'
const rolesNamespace = 'urn:schema:Microsoft.Rtc.Management.Deploy.ServiceRoles.2008'

/** Roles whose services carry an element of their own -> its name. */
const elementOf: Record<string, string> = {
  Registrar: 'RegistrarService',
  FileStore: 'FileStoreService',
  CentralMgmt: 'CentralMgmtService',
}
/** Schema version of the role, not of the product; 1 for all others. */
const roleVersionOf: Record<string, number> = { UserServices: 2, Registrar: 2, EdgeServer: 2 }

/** The topology as `Get-CsTopology -AsXml` prints it: no declaration, two spaces, the same text for the same topology. */
export function topologyDocument(topology: Topology): string {
  const [defaultDomain = ''] = topology.sipDomains
  const lines = [
    `<Topology xmlns="${namespace}" Signature="${topology.signature}">`,
    `  <InternalDomains AllowAllDomains="false" DefaultDomain="${text(defaultDomain)}">`,
    ...topology.sipDomains.map(
      (name) => `    <InternalDomain Name="${text(name)}" Authoritative="false" AllowSubDomains="false" />`,
    ),
    '  </InternalDomains>',
    '  <Sites>',
    ...topology.sites.flatMap(siteLines),
    '  </Sites>',
    '  <Clusters>',
    ...topology.clusters.flatMap(clusterLines),
    '  </Clusters>',
    '  <SqlInstances>',
    ...topology.sqlInstances.flatMap(({ name, cluster, primaryNode }) => [
      `    <SqlInstance${primaryNode === null ? '' : ` AlwaysOnPrimaryNodeFqdn="${text(primaryNode)}"`}>`,
      `      <SqlInstanceId Name="${text(name)}">`,
      `        ${clusterId(cluster)}`,
      '      </SqlInstanceId>',
      '    </SqlInstance>',
    ]),
    '  </SqlInstances>',
    '  <Services>',
    ...topology.services.flatMap(serviceLines),
    '  </Services>',
    '</Topology>',
  ]
  return `${lines.join('\n')}\n`
}

function siteLines({ id, name, branch }: Topology['sites'][number]): string[] {
  const element = branch ? 'RemoteSite' : 'CentralSite'
  return [
    `    <${element} SiteId="${id}">`,
    `      <Name>${text(name)}</Name>`,
    '      <Location />',
    `    </${element}>`,
  ]
}

function clusterLines({ site, number, fqdn, setup, machines }: Topology['clusters'][number]): string[] {
  const single = machines.length === 1 && machines[0]?.toLowerCase() === fqdn.toLowerCase()
  return [
    `    <Cluster RequiresReplication="${setup}" RequiresSetup="${setup}" Fqdn="${text(fqdn)}">`,
    `      ${clusterId({ site, number })}`,
    ...machines.flatMap((machine, index) => {
      const fault = single ? machine : `FaultDomain${index + 1}`
      const upgrade = single ? machine : `UpgradeDomain${index + 1}`
      const domains = setup ? ` FaultDomain="${text(fault)}" UpgradeDomain="${text(upgrade)}"` : ''
      return [
        `      <Machine OrdinalInCluster="${index + 1}" Fqdn="${text(machine)}"${domains}>`,
        '        <NetInterface InterfaceSide="Primary" InterfaceNumber="1" IPAddress="0.0.0.0" />',
        '      </Machine>',
      ]
    }),
    '    </Cluster>',
  ]
}

function serviceLines(service: Service): string[] {
  const { role, generation, dependsOn, installedOn, ports, attributes } = service
  const element = elementOf[role]
  const type = element === undefined ? '' : ` Type="Microsoft.Rtc.Management.Deploy.Internal.ServiceRoles.${element}"`
  const values = Object.entries(attributes).map(([name, value]) => ` ${name}="${text(value)}"`)
  return [
    `    <Service RoleVersion="${roleVersionOf[role] ?? 1}" ServiceVersion="${generation}"${type}>`,
    `      ${serviceId(service)}`,
    ...(dependsOn.length === 0
      ? ['      <DependsOn />']
      : ['      <DependsOn>', ...dependsOn.flatMap(dependencyLines), '      </DependsOn>']),
    '      <InstalledOn>',
    ...(installedOn.sqlInstance === null
      ? [`        ${clusterId(installedOn.cluster)}`]
      : [
          `        <SqlInstanceId Name="${text(installedOn.sqlInstance)}">`,
          `          ${clusterId(installedOn.cluster)}`,
          '        </SqlInstanceId>',
        ]),
    '      </InstalledOn>',
    ...(ports.length === 0
      ? [`      <Ports xmlns="${rolesNamespace}" />`]
      : [`      <Ports xmlns="${rolesNamespace}">`, ...ports.map(portLine), '      </Ports>']),
    ...(element === undefined ? [] : [`      <${element} xmlns="${rolesNamespace}"${values.join('')} />`]),
    '    </Service>',
  ]
}

function dependencyLines(dependency: ServiceId & { usage: string }): string[] {
  return [
    `        <Dependency Usage="${text(dependency.usage)}">`,
    `          ${serviceId(dependency)}`,
    '        </Dependency>',
  ]
}

function portLine({ owner, port }: Service['ports'][number]): string {
  return `        <Port Owner="${text(owner)}" Usage="SipServer" InterfaceSide="Primary" InterfaceNumber="1" Port="${port}" Protocol="Mtls" UrlPath="/" AuthorizesRequests="true" />`
}

function clusterId({ site, number }: ClusterId): string {
  return `<ClusterId SiteId="${site}" Number="${number}" />`
}

function serviceId({ site, role, instance }: ServiceId): string {
  return `<ServiceId SiteId="${site}" RoleName="${text(role)}" Instance="${instance}" />`
}

/** Text for an element or an attribute. */
export function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
