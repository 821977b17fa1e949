/** Resources whose references were checked -> the model. */
import { instanceName } from '../domain/subject.ts'
import type {
  Acknowledgement,
  BackupLocation,
  BackupPolicy,
  Deployment,
  Desired,
  FileStore,
  HighAvailability,
  Pool,
  Recovery,
  RestoreTest,
  SqlStore,
  UserRecovery,
  Word,
} from '../domain/model.ts'
import type { Resource, Resources } from './resources.ts'
import { centralManagementStore, hostOf, serversOf } from './topology.ts'

/** Only for resources in which no rule found an error. */
export function resolve(revision: string, resources: Resources): Desired {
  const sqlStores = new Map(resources.all('SqlStore').map((store) => [key(store.name), sqlStoreOf(store)]))
  const fileStores = new Map(resources.all('FileStore').map((store) => [key(store.name), fileStore(store)]))
  const locations = new Map(resources.all('BackupLocation').map((one) => [key(one.name), location(one)]))
  const [head] = resources.all('Deployment')
  if (!head) throw new Error('resources without a Deployment were not refused')
  const parts: Parts = { resources, sqlStores, fileStores, locations }
  return {
    revision,
    deployment: deployment(head, parts),
    pools: resources.all('Pool').map((one) => pool(one, head.spec.product, parts)),
    sqlStores: [...sqlStores.values()],
    fileStores: [...fileStores.values()],
    locations: [...locations.values()],
    policies: resources.all('BackupPolicy').map((one) => policy(one, parts)),
    recoveries: resources.all('Recovery').flatMap(recovery),
    userRecoveries: resources.all('Recovery').flatMap(userRecovery),
    holds: resources.all('Hold').map(({ name, spec }) => ({ name, ...spec, until: spec.until ?? null })),
    suspensions: resources.all('Suspension').map(({ name, spec }) => ({ name, ...spec })),
  }
}

interface Parts {
  resources: Resources
  sqlStores: ReadonlyMap<string, SqlStore>
  fileStores: ReadonlyMap<string, FileStore>
  locations: ReadonlyMap<string, BackupLocation>
}

function deployment({ name, spec }: Resource<'Deployment'>, { resources, sqlStores }: Parts): Deployment {
  const { flagging, centralManagementStore: central, ...rest } = spec
  const store = central === undefined ? null : centralManagementStore(resources, central)
  return {
    name,
    ...rest,
    graceSeconds: flagging.grace,
    centralManagementStore: store === null ? null : got(sqlStores, store.name),
  }
}

export function sqlStoreOf({ name, spec }: Resource<'SqlStore'>): SqlStore {
  return {
    name,
    host: spec.host,
    instance: spec.instance,
    port: spec.port ?? null,
    version: spec.version ?? null,
    highAvailability: highAvailability(spec),
  }
}

function highAvailability({ highAvailability: mode, instance }: Resource<'SqlStore'>['spec']): HighAvailability {
  if (mode === 'none') return { kind: 'none' }
  if (mode.mirror) {
    const { partner, witness } = mode.mirror
    const [, own] = partner.split('\\')
    const there = { host: hostOf(partner), instance: own === undefined ? instance : instanceName(own) }
    return { kind: 'mirror', partner: there, witness: witness === undefined ? null : hostOf(witness) }
  }
  const group = mode['availability-group']
  if (group) return { kind: 'availability-group', ...group }
  return { kind: 'failover-cluster', nodes: mode['failover-cluster']?.nodes ?? [] }
}

function fileStore({ name, spec }: Resource<'FileStore'>): FileStore {
  return { name, ...spec }
}

function recovery({ name, spec, at }: Resource<'Recovery'>): Recovery[] {
  const { server, scenario, from, run = 'guide', finished } = spec
  if (server === undefined || scenario === undefined) return []
  const one = {
    ...{ name, file: at([]).file, server, scenario, from, run },
    accept: spec.accept.map(({ what, subject, fact, ...said }) => ({
      ...{ what, subject: subject ?? null, fact: fact ?? null },
      ...word(said),
    })),
    acknowledge: spec.acknowledge.map(({ step, subject, ...said }) => ({ ...ofStep(step, subject), ...word(said) })),
    choose: spec.choose.map(({ step, subject, branch, ...said }) => ({
      ...{ ...ofStep(step, subject), branch },
      ...word(said),
    })),
    finished: finished ? word(finished) : null,
  }
  return [one]
}

function userRecovery({ name, spec: { user, pool, from }, at }: Resource<'Recovery'>): UserRecovery[] {
  return user === undefined || pool === undefined ? [] : [{ name, file: at([]).file, user, pool, from }]
}

function ofStep(step: string, subject: string | undefined): Pick<Acknowledgement, 'step' | 'subject'> {
  return { step, subject: subject ?? null }
}

function word({ by, at, note }: { by: string; at: string; note?: string | undefined }): Word {
  return { by, at, note: note ?? null }
}

function location({ name, spec }: Resource<'BackupLocation'>): BackupLocation {
  return { name, ...spec }
}

function pool(one: Resource<'Pool'>, product: Deployment['product'], { sqlStores, fileStores }: Parts): Pool {
  const { spec } = one
  const stores = {
    user: spec.userStore,
    archiving: spec.archiving,
    monitoring: spec.monitoring,
    persistentChat: spec.persistentChat,
    compliance: spec.compliance,
  }
  return {
    fqdn: one.name,
    site: spec.site,
    type: spec.type,
    product: spec.product ?? product,
    servers: serversOf(one),
    applications: [...new Set(spec.applications)],
    stores: Object.fromEntries(
      Object.entries(stores).flatMap(([role, name]) => (name === undefined ? [] : [[role, got(sqlStores, name)]])),
    ),
    fileStore: spec.fileStore === undefined ? null : got(fileStores, spec.fileStore),
    pairedWith: spec.pairedWith ?? null,
  }
}

function policy({ name, spec }: Resource<'BackupPolicy'>, { resources, sqlStores, locations }: Parts): BackupPolicy {
  const { schedule, verification, retention } = spec
  const { keepWithin, ...counts } = retention
  return {
    name,
    location: got(locations, spec.location),
    include: spec.include === 'all' ? null : { ...spec.include, ...asWritten(spec.include, resources) },
    persistentChat: spec.persistentChat,
    schedule: {
      cron: schedule.cron,
      timeZone: schedule.timeZone,
      windowSeconds: schedule.window ?? null,
      jitterSeconds: schedule.jitter,
      catchUp: schedule.catchUp ?? schedule.window === undefined,
    },
    recoveryPointObjectiveSeconds: spec.recoveryPointObjective ?? null,
    afterConfigurationChange: spec.afterConfigurationChange,
    verification: {
      onCreate: verification.onCreate,
      everyDays: verification.everyDays ?? null,
      restoreTest: restoreTest(spec, sqlStores),
    },
    retention: { ...counts, keepWithinSeconds: keepWithin },
  }
}

function restoreTest(
  { verification }: Resource<'BackupPolicy'>['spec'],
  sqlStores: Parts['sqlStores'],
): RestoreTest | null {
  const { restoreTest: test } = verification
  if (test === undefined) return null
  const { sqlStore, folder, files = null, imports, validDays = null } = test
  const { everyDays = verification.everyDays ?? null } = test
  const databases =
    sqlStore === undefined || folder === undefined ? null : { sqlStore: got(sqlStores, sqlStore), folder }
  return { databases, files, imports, everyDays, validDays }
}

/** Names of pools and stores in the spelling of the resource itself, so that they can be compared as they are. */
function asWritten({ pools, stores }: { pools: string[]; stores: string[] }, resources: Resources) {
  return {
    pools: pools.map((name) => resources.find('Pool', name)?.name ?? name),
    stores: stores.map((name) => (resources.find('SqlStore', name) ?? resources.find('FileStore', name))?.name ?? name),
  }
}

function key(name: string): string {
  return name.toLowerCase()
}

function got<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(key(name))
  if (value === undefined) throw new Error(`a dangling reference to ${name} was not refused`)
  return value
}
