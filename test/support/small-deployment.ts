/** What the small deployments of tests have in common: names, one location, one policy, three file stores. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type CentralStore = 'se01-rtc' | 'sql01-rtc'

/** Writes desired state as one file of YAML: what is common, and `own`. */
export function writeSmallDeployment(folder: string, centralStore: CentralStore, own: readonly object[]): void {
  mkdirSync(folder, { recursive: true })
  const all = [deployment(centralStore), ...backup, ...fileStores, ...own]
  writeFileSync(join(folder, 'all.yaml'), all.map((one) => `${JSON.stringify(one, null, 1)}\n`).join('---\n'))
}

export const fqdn = (name: string): string => `${name}.contoso.com`

export function resource(kind: string, name: string, spec: object): object {
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
    keptElsewhere: what.map((one) => ({
      what: one,
      where: 'the safe in Munich',
      responsible: 'server team',
      checkedOn: '2026-11-02',
    })),
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

const fileStores = ['fs01', 'se01', 'se02'].map((server) =>
  resource('FileStore', `${server}-lyncshare`, { path: String.raw`\\${fqdn(server)}\LyncShare` }),
)

export function pool(name: string, type: string, more: object): object {
  return resource('Pool', fqdn(name), { site: 'Berlin', type, ...more })
}
