/** What the topology's resources say of each other, for rules and for resolving. */
import { uncServer } from '../base/fields.ts'
import { sameSubject, sqlSubject } from '../domain/subject.ts'
import type { Resource, Resources } from './resources.ts'

export const storeRoles = ['userStore', 'archiving', 'monitoring', 'persistentChat', 'compliance'] as const

/** Members of a pool; a Standard Edition pool that names none is its own server. */
export function serversOf(pool: Resource<'Pool'>): readonly string[] {
  return pool.spec.servers ?? (pool.spec.type === 'standard-edition' ? [pool.name] : [])
}

/** The store that `centralManagementStore` means: by name, by instance, or by the pool whose user store it is. */
export function centralManagementStore(resources: Resources, text: string): Resource<'SqlStore'> | null {
  const byName = resources.find('SqlStore', text)
  if (byName) return byName
  const instance = text.replace(/\\mssqlserver$/i, '')
  const byInstance = resources.all('SqlStore').find(({ spec }) => sameSubject(sqlSubject(spec), instance))
  if (byInstance) return byInstance
  const userStore = resources.find('Pool', text)?.spec.userStore
  return userStore === undefined ? null : resources.find('SqlStore', userStore)
}

/** Every machine that a SQL store is on, with the name it has in the topology. */
export function hostsOfStore({ spec }: Resource<'SqlStore'>): string[] {
  const mode = spec.highAvailability
  if (mode === 'none') return [spec.host]
  if (mode.mirror) return [spec.host, ...[mode.mirror.partner, mode.mirror.witness ?? ''].map(hostOf).filter(Boolean)]
  const group = mode['availability-group']
  if (group) return [spec.host, group.listener, ...group.replicas]
  return [spec.host, ...(mode['failover-cluster']?.nodes ?? [])]
}

/** Every host of the topology in the order of the files: members of pools, SQL Servers, file servers. */
export function allHosts(resources: Resources): string[] {
  return [
    ...resources.all('Pool').flatMap(serversOf),
    ...resources.all('SqlStore').flatMap(hostsOfStore),
    ...resources.all('FileStore').map(({ spec }) => uncServer(spec.path)),
  ]
}

/** `fqdn\instance` -> fqdn */
export function hostOf(sqlServer: string): string {
  return sqlServer.split('\\')[0] ?? ''
}
