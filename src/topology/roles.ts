/** What the roles of a topology mean for backup (topology format, sections 5 and 6). Compared without case. */
import type { Product, StoreRole } from '../domain/model.ts'
import type { Service } from './document.ts'

export type StoreKind = StoreRole | 'application' | 'centralManagement' | 'file'

const storeKinds: Readonly<Record<string, StoreKind>> = {
  userstore: 'user',
  applicationstore: 'application',
  archivingstore: 'archiving',
  monitoringstore: 'monitoring',
  centralmgmtstore: 'centralManagement',
  filestore: 'file',
}

const withoutStore = new Set([
  'userservices',
  'registrar',
  'applicationserver',
  'centralmgmt',
  'webservices',
  'confservices',
  'mediationserver',
  'edgeserver',
  'managementservices',
  'wacservice',
  'externalserver',
  'pstngateway',
  'archivingserver',
  'monitoringserver',
  'provisionservices',
  'provisionstore',
  'backupserver',
  'videogateway',
  'videointeropserver',
])

/** What a store service holds; null for every other service. */
export function storeKindOf({ role }: Pick<Service, 'role'>): StoreKind | null {
  const folded = role.toLowerCase()
  if (!folded.startsWith('persistentchat')) return storeKinds[folded] ?? null
  if (folded.includes('compliance')) return 'compliance'
  return folded.endsWith('store') ? 'persistentChat' : null
}

export function isRole({ role }: Pick<Service, 'role'>, name: string): boolean {
  return role.toLowerCase() === name.toLowerCase()
}

/** A Persistent Chat server, as opposed to its stores. The exact names of the roles are not known. */
export function isPersistentChatServer(service: Pick<Service, 'role'>): boolean {
  return service.role.toLowerCase().startsWith('persistentchat') && storeKindOf(service) === null
}

export function isKnownRole(service: Pick<Service, 'role'>): boolean {
  return (
    withoutStore.has(service.role.toLowerCase()) || storeKindOf(service) !== null || isPersistentChatServer(service)
  )
}

/** Lync Server 2010 and older: no export of user data exists for them (section 9, trap 10). */
export const lastUnsupported = 5

const productOfVersion: Readonly<Record<number, Product>> = {
  6: 'lync-server-2013',
  7: 'skype-for-business-2015',
  8: 'skype-for-business-2019',
}
export const newestVersion = 8
export const newestProduct: Product = 'skype-for-business-2019'

/** The product of a `ServiceVersion`; a newer number counts as the newest known one. Null for unsupported ones. */
export function productOfVersionNumber(version: number): Product | null {
  return version > newestVersion ? newestProduct : (productOfVersion[version] ?? null)
}

/** Owners of ports that are applications worth naming; `testbot` runs everywhere and holds nothing. */
const applications: Readonly<Record<string, string>> = {
  rgs: 'response-group',
  cps: 'call-park',
  caa: 'conferencing-attendant',
  cas: 'conferencing-announcement',
  pdp: 'bandwidth-policy',
}

/** The applications of a pool, each once, in a fixed order; what is not known is left out. */
export function applicationsOf(services: readonly Service[]): string[] {
  const owners = new Set(services.flatMap((service) => service.applications.map((owner) => owner.toLowerCase())))
  return Object.entries(applications).flatMap(([owner, name]) => (owners.has(owner) ? [name] : []))
}
