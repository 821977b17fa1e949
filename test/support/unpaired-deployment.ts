/** A deployment with one of each kind of server and nothing that stands in for another: what is lost comes back from a set. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type CentralStore = 'se01-rtc' | 'sql01-rtc'

/**
 * Writes its desired state, as a folder of YAML. `centralStore`: where the Central Management store is: on the Standard
 * Edition server se01, or on sql01, the Back End of pool01.
 */
export function writeUnpairedDeployment(folder: string, centralStore: CentralStore): void {
  mkdirSync(folder, { recursive: true })
  const all = [deployment(centralStore), ...backup, ...stores, ...fileStores, ...pools]
  writeFileSync(join(folder, 'all.yaml'), all.map((one) => `${JSON.stringify(one, null, 1)}\n`).join('---\n'))
}

const fqdn = (name: string): string => `${name}.contoso.com`

function resource(kind: string, name: string, spec: object): object {
  return { apiVersion: 'holdfast/v1', kind, metadata: { name }, spec }
}

function deployment(centralManagementStore: string): object {
  const what = ['active-directory', 'certificates', 'gateways', 'network', 'exchange', 'media']
  return resource('Deployment', 'contoso', {
    ...{
      product: 'skype-for-business-2015',
      domain: 'contoso.com',
      sipDomains: ['contoso.com'],
      centralManagementStore,
    },
    flagging: { grace: '1m' },
    keptElsewhere: what.map((one) => ({ what: one, where: 'safe', responsible: 'them', checkedOn: '2026-11-02' })),
  })
}

const backup = [
  resource('BackupLocation', 'backup01', {
    ...{ host: fqdn('backup01'), share: String.raw`\\backup01.contoso.com\LyncBackup`, minimumFree: '1MiB' },
  }),
  resource('BackupPolicy', 'nightly', {
    ...{ location: 'backup01', include: 'all', schedule: { cron: '0 2 * * *', timeZone: 'UTC' } },
  }),
]

const stores = [
  resource('SqlStore', 'se01-rtc', { host: fqdn('se01'), instance: 'rtc', version: '2014' }),
  resource('SqlStore', 'se02-rtc', { host: fqdn('se02'), instance: 'rtc', version: '2012' }),
  resource('SqlStore', 'sql01-rtc', { host: fqdn('sql01'), instance: 'rtc', version: '2014' }),
  resource('SqlStore', 'sql02', { host: fqdn('sql02'), version: '2014' }),
  resource('SqlStore', 'sql03-chat', { host: fqdn('sql03'), instance: 'chat', version: '2014' }),
]

const fileStores = ['fs01', 'se01', 'se02'].map((server) =>
  resource('FileStore', `${server}-lyncshare`, { path: String.raw`\\${fqdn(server)}\LyncShare` }),
)

function pool(name: string, type: string, more: object): object {
  return resource('Pool', fqdn(name), { site: 'Berlin', type, ...more })
}

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
