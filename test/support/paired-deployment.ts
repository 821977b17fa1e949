/**
 * A deployment with two pairs: Standard Edition servers se02 and se03, Front End pools pool01 and pool02, each with a store and a
 * file store of its own; only the former have Response Groups. The Central Management store is on se01, which is in no pair; the Edge pool leads to se02.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes its desired state, as a folder of YAML. */
export function writePairedDeployment(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'all.yaml'),
    [deployment, ...backup, ...stores, ...fileStores, ...pools]
      .map((one) => `${JSON.stringify(one, null, 1)}\n`)
      .join('---\n'),
  )
}

const fqdn = (name: string): string => `${name}.contoso.com`

function resource(kind: string, name: string, spec: object): object {
  return { apiVersion: 'holdfast/v1', kind, metadata: { name }, spec }
}

const elsewhere = ['active-directory', 'certificates', 'gateways', 'network', 'exchange', 'media']
const deployment = resource('Deployment', 'contoso', {
  ...{ product: 'skype-for-business-2015', domain: 'contoso.com', sipDomains: ['contoso.com'] },
  centralManagementStore: 'se01-rtc',
  flagging: { grace: '1m' },
  keptElsewhere: elsewhere.map((what) => ({
    what,
    where: 'the safe in Munich',
    responsible: 'server team',
    checkedOn: '2026-11-02',
  })),
})

const backup = [
  resource('BackupLocation', 'backup01', {
    ...{ host: fqdn('backup01'), share: String.raw`\\backup01.contoso.com\LyncBackup`, minimumFree: '1MiB' },
  }),
  resource('BackupPolicy', 'nightly', {
    ...{ location: 'backup01', include: 'all', schedule: { cron: '0 2 * * *', timeZone: 'UTC' } },
  }),
]

const stores = ['se01', 'se02', 'se03', 'sql01', 'sql11'].map((host) =>
  resource('SqlStore', `${host}-rtc`, { host: fqdn(host), instance: 'rtc', version: '2014' }),
)

const fileStores = ['se01', 'se02', 'se03', 'fs01', 'fs11'].map((server) =>
  resource('FileStore', `${server}-lyncshare`, { path: String.raw`\\${fqdn(server)}\LyncShare` }),
)

function pool(name: string, site: string, type: string, more: object): object {
  return resource('Pool', fqdn(name), { site, type, ...more })
}

const applications = ['response-group']

function standard(name: string, site: string, more: object = {}): object {
  const own = { userStore: `${name}-rtc`, fileStore: `${name}-lyncshare` }
  return pool(name, site, 'standard-edition', { ...own, ...more })
}

function frontEnds(name: string, site: string, machines: string[], sql: string, files: string, other: string): object {
  const used = { userStore: `${sql}-rtc`, fileStore: `${files}-lyncshare`, pairedWith: fqdn(other) }
  return pool(name, site, 'front-end', { servers: machines.map(fqdn), ...used })
}

const pools = [
  standard('se02', 'Berlin', { applications, pairedWith: fqdn('se03') }),
  standard('se03', 'Munich', { applications, pairedWith: fqdn('se02') }),
  frontEnds('pool01', 'Berlin', ['fe01', 'fe02'], 'sql01', 'fs01', 'pool02'),
  frontEnds('pool02', 'Munich', ['fe11', 'fe12'], 'sql11', 'fs11', 'pool01'),
  standard('se01', 'Munich'),
  pool('edge', 'Munich', 'edge', { servers: [fqdn('edge01')] }),
]
