import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Machines of each site: 43 of its five pools, five SQL Servers, two file servers. */
const machinesPerSite = 50

/**
 * Desired state of a deployment of 50 machines and five pools a site, as a folder of YAML: 20 sites are 100 pools and
 * 1,000 servers. Front End pools are mirrored and paired with the same pool of the next site. Returns the number of
 * machines; the backup server is not counted.
 */
export function writeLargeDeployment(folder: string, sites = 20, resources: readonly object[] = []): number {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, all: readonly object[]): void => {
    writeFileSync(join(folder, `${name}.yaml`), all.map((one) => `${JSON.stringify(one, null, 1)}\n`).join('---\n'))
  }
  write('deployment', [...deployment, ...resources])
  for (let site = 1; site <= sites; site++) write(`site${number(site)}`, siteResources(site, sites))
  return sites * machinesPerSite
}

const number = (value: number): string => String(value).padStart(2, '0')
const fqdn = (name: string): string => `${name}.contoso.com`

function resource(kind: string, name: string, spec: object): object {
  return { apiVersion: 'holdfast/v1', kind, metadata: { name }, spec }
}

const deployment = [
  resource('Deployment', 'contoso', {
    ...{ product: 'skype-for-business-2015', domain: 'contoso.com', sipDomains: ['contoso.com'] },
    centralManagementStore: 'be01a',
    keptElsewhere: ['active-directory', 'certificates', 'gateways', 'network', 'exchange', 'media'].map((what) => ({
      ...{ what, where: 'there', responsible: 'them', checkedOn: '2026-11-02' },
    })),
  }),
  resource('BackupLocation', 'backup01', {
    ...{ host: fqdn('backup01'), share: '\\\\backup01.contoso.com\\LyncBackup', minimumFree: '1MiB' },
  }),
  resource('BackupPolicy', 'nightly', {
    ...{ location: 'backup01', include: 'all', schedule: { cron: '0 2 * * *', timeZone: 'UTC' } },
  }),
]

function siteResources(site: number, sites: number): object[] {
  const here = number(site)
  const partner = site % 2 === 1 ? site + 1 : site - 1
  const machines = (role: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => fqdn(`${role}${here}${number(index + 1)}`))
  const pool = (role: string, type: string, count: number, more: object = {}): object =>
    resource('Pool', fqdn(`${role}${here}`), { site: `Site${here}`, type, servers: machines(role, count), ...more })
  const frontEnd = (letter: string): object[] => [
    pool(`fe${letter}`, 'front-end', 12, {
      ...{ applications: ['response-group'], userStore: `be${here}${letter}`, fileStore: `fs${here}${letter}` },
      ...{ archiving: `log${here}`, monitoring: `log${here}` },
      ...(partner <= sites ? { pairedWith: fqdn(`fe${letter}${number(partner)}`) } : {}),
    }),
    resource('SqlStore', `be${here}${letter}`, {
      ...{ host: fqdn(`sql${here}${letter}1`), instance: 'rtc', version: '2014' },
      highAvailability: { mirror: { partner: fqdn(`sql${here}${letter}2`) } },
    }),
    resource('FileStore', `fs${here}${letter}`, { path: `\\\\${fqdn(`fs${here}${letter}`)}\\LyncShare` }),
  ]
  return [
    ...frontEnd('a'),
    ...frontEnd('b'),
    pool('dir', 'director', 4, { fileStore: `fs${here}a` }),
    pool('med', 'mediation', 8),
    pool('edge', 'edge', 7),
    resource('SqlStore', `log${here}`, { host: fqdn(`sql${here}log`), version: '2016', highAvailability: 'none' }),
  ]
}
