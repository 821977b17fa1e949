import { uncServer } from '../base/fields.ts'
import { resource, type WrittenResource } from './resource.ts'
import type { Topology } from './topology.ts'
import type { Warning } from './warning.ts'

/** What no document says, as working resources for a person to check (topology format, 10.12). */
export function propose(topology: Topology): { proposals: WrittenResource[]; warnings: Warning[] } {
  const name = freeName(topology)
  const host = `${name}.${topology.domain}`
  const share = `\\\\${host}\\LyncBackup`
  const location = resource('BackupLocation', name, { host, share, minimumFree: '1GiB' })
  const policy = resource('BackupPolicy', 'nightly', {
    location: name,
    include: 'all',
    schedule: { cron: '0 2 * * *', timeZone: 'UTC' },
    verification: { onCreate: 'checksum', everyDays: 7 },
    retention: { daily: 14, weekly: 8, monthly: 12, minimumVerified: 2, enforce: false },
  })
  return {
    proposals: [location, policy],
    warnings: [
      proposed(
        `BackupLocation ${name} (${share}) is a proposal: name a machine that belongs to no pool and holds no store.`,
      ),
      proposed(
        'BackupPolicy nightly is a proposal: everything, every night at two (UTC), nothing deleted. Check its times and retention.',
      ),
    ],
  }
}

export function isProposal({ kind }: Pick<WrittenResource, 'kind'>): boolean {
  return kind === 'BackupLocation' || kind === 'BackupPolicy'
}

/** A backup host may be no host of the topology, so the number goes up until the name is free. */
function freeName({ domain, pools, sqlStores, fileStores, hosts }: Topology): string {
  const taken = new Set(
    [
      ...hosts,
      ...pools.flatMap(({ fqdn, servers }) => [fqdn, ...servers]),
      ...sqlStores.flatMap(({ host, highAvailability: mode }) => [
        host,
        ...(mode.kind === 'availability-group' ? mode.replicas : []),
      ]),
      ...fileStores.map(({ path }) => uncServer(path)),
    ].map((name) => name.toLowerCase()),
  )
  for (let number = 1; ; number++) {
    const name = `backup${String(number).padStart(2, '0')}`
    if (!taken.has(`${name}.${domain}`.toLowerCase())) return name
  }
}

function proposed(message: string): Warning {
  return { code: 'import-proposal', message }
}
