/** A deployment with one of each kind of server and nothing that stands in for another: what is lost comes back from a set. */
import { fqdn, pool, resource, writeSmallDeployment, type CentralStore } from './small-deployment.ts'

/**
 * Writes its desired state, as a folder of YAML. `centralStore`: where the Central Management store is: on the Standard
 * Edition server se01, or on sql01, the Back End of pool01.
 */
export function writeUnpairedDeployment(folder: string, centralStore: CentralStore): void {
  writeSmallDeployment(folder, centralStore, [...stores, ...pools])
}

const stores = [
  resource('SqlStore', 'se01-rtc', { host: fqdn('se01'), instance: 'rtc', version: '2014' }),
  resource('SqlStore', 'se02-rtc', { host: fqdn('se02'), instance: 'rtc', version: '2012' }),
  resource('SqlStore', 'sql01-rtc', { host: fqdn('sql01'), instance: 'rtc', version: '2014' }),
  resource('SqlStore', 'sql02', { host: fqdn('sql02'), version: '2014' }),
  resource('SqlStore', 'sql03-chat', { host: fqdn('sql03'), instance: 'chat', version: '2014' }),
]

const applications = ['response-group']

const pools = [
  pool('se01', 'standard-edition', { userStore: 'se01-rtc', fileStore: 'se01-lyncshare', applications }),
  pool('se02', 'standard-edition', {
    ...{ product: 'lync-server-2013', userStore: 'se02-rtc', fileStore: 'se02-lyncshare', applications },
  }),
  pool('pool01', 'front-end', {
    ...{ servers: ['fe01', 'fe02', 'fe03'].map(fqdn), applications, fileStore: 'fs01-lyncshare' },
    ...{ userStore: 'sql01-rtc', archiving: 'sql02', monitoring: 'sql02' },
  }),
  pool('chat', 'persistent-chat', {
    ...{
      servers: [fqdn('chat01')],
      persistentChat: 'sql03-chat',
      compliance: 'sql03-chat',
      fileStore: 'fs01-lyncshare',
    },
  }),
  pool('dir', 'director', { servers: [fqdn('dir01')], monitoring: 'sql02', fileStore: 'fs01-lyncshare' }),
  pool('med', 'mediation', { servers: [fqdn('med01')] }),
  pool('edge', 'edge', { servers: ['edge01', 'edge02'].map(fqdn) }),
]
