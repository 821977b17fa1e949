/** What a service element says in the same words in all carriers. */
import type { Service } from './document.ts'
import { at, attribute, childOf, type Element } from './xml.ts'

type Common = Pick<Service, 'version' | 'applications' | 'externalNames' | 'share' | 'active'>

export function commonParts(service: Element): Common {
  const fileStore = childOf(service, 'FileStoreService')
  const centralMgmt = childOf(service, 'CentralMgmtService')
  const active = centralMgmt && attribute(centralMgmt, 'IsActive')
  const ports = at(service, 'Ports', 'Port')
  const owners = ports.map((port) => attribute(port, 'Owner') ?? '').filter((owner) => application.test(owner))
  return {
    version: numberOf(attribute(service, 'ServiceVersion')),
    applications: owners.map((owner) => owner.replace(application, '')),
    externalNames: [
      ...at(service, 'WebService', 'ExternalSettings').map((settings) => attribute(settings, 'Host')),
      ...ports.filter(isExternal).map((port) => attribute(port, 'ConfiguredFqdn')),
    ].flatMap((name) => filled(name) ?? []),
    share: fileStore && attribute(fileStore, 'ShareName'),
    active: active === null ? null : isTrue(active),
  }
}

const application = /^urn:application:/i

function isExternal(port: Element): boolean {
  return attribute(port, 'InterfaceSide')?.toLowerCase() === 'external'
}

export function isTrue(text: string | null): boolean {
  return text !== null && /^\s*(true|1)\s*$/i.test(text)
}

export function booleanOf(text: string | null): boolean | null {
  return text === null ? null : isTrue(text)
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : null
}

/** The domains of a topology: the default one, and all of them. */
export function domainsOf(topology: Element): { defaultDomain: string | null; sipDomains: string[] } {
  const [domains] = at(topology, 'InternalDomains')
  const names = at(topology, 'InternalDomains', 'InternalDomain').map((domain) => attribute(domain, 'Name') ?? '')
  return {
    defaultDomain: domains ? filled(attribute(domains, 'DefaultDomain')) : null,
    sipDomains: names.filter((name) => name !== ''),
  }
}

/** The names of a cluster's machines; a machine without one has that of its cluster (topology format, section 3). */
export function machineNames(machines: readonly Element[], cluster: string): string[] {
  return machines.map((machine) => filled(attribute(machine, 'Fqdn')) ?? cluster)
}

/** An attribute that says something. */
export function filled(text: string | null): string | null {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? null : trimmed
}

/** The folder of a service in its file store; null where an id is missing. */
export function folderOf(site: string | null, role: string, instance: string | null): string | null {
  return site !== null && instance !== null && /^\d+$/.test(site) && /^\d+$/.test(instance)
    ? `${site}-${role}-${instance}`
    : null
}
