import type {
  BackupLocation,
  BackupPolicy,
  Deployment,
  Desired,
  FileStore,
  KeptElsewhere,
  Pool,
  Schedule,
  SqlStore,
  Suspension,
} from '../../src/domain/model.ts'

/** Parts of a desired state with sensible values for what a test does not care about. */
export function sqlStore(host: string, instance = 'rtc', more: Partial<SqlStore> = {}): SqlStore {
  const name = `${host.split('.')[0] ?? host}-${instance === '' ? 'default' : instance}`
  return { name, host, instance, port: null, version: null, highAvailability: { kind: 'none' }, ...more }
}

export function fileStore(path: string, more: Partial<FileStore> = {}): FileStore {
  return { name: path.replaceAll('\\', '-'), path, serviceFolders: [], exclude: [], ...more }
}

export function pool(fqdn: string, type: Pool['type'], more: Partial<Pool> = {}): Pool {
  return {
    fqdn,
    site: 'Seattle',
    type,
    product: 'lync-server-2013',
    servers: [fqdn],
    applications: [],
    stores: {},
    fileStore: null,
    pairedWith: null,
    ...more,
  }
}

export function location(name = 'main', more: Partial<BackupLocation> = {}): BackupLocation {
  return {
    name,
    host: 'backup01.contoso.com',
    share: '\\\\backup01.contoso.com\\LyncBackup',
    minimumFree: 0,
    copies: [],
    ...more,
  }
}

export function schedule(cron: string, timeZone = 'UTC', more: Partial<Schedule> = {}): Schedule {
  return { cron, timeZone, windowSeconds: null, jitterSeconds: 0, catchUp: true, ...more }
}

export function policy(name = 'nightly', more: Partial<BackupPolicy> = {}): BackupPolicy {
  return {
    name,
    location: location(),
    include: null,
    persistentChat: 'sql',
    schedule: schedule('0 2 * * *'),
    recoveryPointObjectiveSeconds: null,
    afterConfigurationChange: false,
    verification: { onCreate: 'structure', everyDays: null, restoreTest: null },
    retention: {
      keepLast: 0,
      daily: 0,
      weekly: 0,
      monthly: 0,
      yearly: 0,
      keepWithinSeconds: 0,
      minimumVerified: 0,
      enforce: false,
    },
    ...more,
  }
}

export function keptElsewhere(what: KeptElsewhere['what'], checkedOn = '2026-03-01'): KeptElsewhere {
  return { what, where: 'the safe', responsible: 'Directory team', checkedOn }
}

const deployment: Deployment = {
  name: 'contoso',
  product: 'lync-server-2013',
  domain: 'contoso.com',
  sipDomains: ['contoso.com'],
  centralManagementStore: null,
  graceSeconds: 900,
  keptElsewhere: [],
}

/** A deployment with one Standard Edition pool, one location and one nightly policy, unless told otherwise. */
export function desiredState(more: Partial<Desired> = {}): Desired {
  return {
    revision: '1111111111111111111111111111111111111111',
    deployment,
    pools: [pool('se01.contoso.com', 'standard-edition')],
    sqlStores: [],
    fileStores: [],
    locations: [location()],
    policies: [policy()],
    recoveries: [],
    userRecoveries: [],
    holds: [],
    suspensions: [],
    ...more,
  }
}

/** Of nothing, for one day of the tests' time (2026-03-10), unless told otherwise. */
export function suspension(more: Partial<Suspension> = {}): Suspension {
  return {
    ...{ name: 'storage-move', subjects: [], actions: [], findings: [] },
    ...{ reason: 'the share moves', until: '2026-03-11T00:00:00.000Z', ...more },
  }
}
