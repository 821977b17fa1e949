/** A deployment in which each Back End has something that stands in for it: a pair, mirrors, a group, a failover cluster. */
import { fqdn, pool, resource, writeSmallDeployment, type CentralStore } from './small-deployment.ts'

/**
 * Writes its desired state, as a folder of YAML. `centralStore`: where the Central Management store is: on se01, whose pair
 * is se02, or on sql01, the mirrored Back End of pool01.
 */
export function writeRedundantDeployment(folder: string, centralStore: CentralStore): void {
  writeSmallDeployment(folder, centralStore, [...stores, ...pools])
}

const store = (name: string, host: string, more: object): object =>
  resource('SqlStore', name, { host: fqdn(host), version: '2014', ...more })

const stores = [
  store('se01-rtc', 'se01', { instance: 'rtc' }),
  store('se02-rtc', 'se02', { instance: 'rtc' }),
  store('sql01-rtc', 'sql01', { instance: 'rtc', highAvailability: { mirror: { partner: fqdn('sql02') } } }),
  store('sql03-archive', 'sql03', { instance: 'archive', highAvailability: { mirror: { partner: fqdn('sql04') } } }),
  store('sqlag-monitor', 'sqlag', {
    ...{ instance: '' },
    highAvailability: { 'availability-group': { listener: fqdn('sqlag'), replicas: ['sql05', 'sql06'].map(fqdn) } },
  }),
  store('sqlcl-chat', 'sqlcl', {
    ...{ instance: 'chat', highAvailability: { 'failover-cluster': { nodes: ['sql07', 'sql08'].map(fqdn) } } },
  }),
]

const pools = [
  pool('se01', 'standard-edition', { userStore: 'se01-rtc', fileStore: 'se01-lyncshare', pairedWith: fqdn('se02') }),
  pool('se02', 'standard-edition', { userStore: 'se02-rtc', fileStore: 'se02-lyncshare', pairedWith: fqdn('se01') }),
  pool('pool01', 'front-end', {
    ...{ servers: ['fe01', 'fe02', 'fe03'].map(fqdn), fileStore: 'fs01-lyncshare' },
    ...{ userStore: 'sql01-rtc', archiving: 'sql03-archive', monitoring: 'sqlag-monitor' },
  }),
  pool('chat', 'persistent-chat', {
    ...{ servers: [fqdn('chat01')], fileStore: 'fs01-lyncshare' },
    ...{ persistentChat: 'sqlcl-chat', compliance: 'sqlcl-chat' },
  }),
]
