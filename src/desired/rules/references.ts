import { nearest } from '../../base/nearest.ts'
import { parseDatabase } from '../../domain/subject.ts'
import { fault, type Judgement } from '../judgement.ts'
import type { Kind, Resource, Resources } from '../resources.ts'
import { allHosts, centralManagementStore, storeRoles } from '../topology.ts'

interface Reference {
  from: Resource
  path: readonly PropertyKey[]
  name: string | undefined
  kinds: readonly Kind[]
}

/** Every name that refers to another resource leads to one. */
export function referencesLead(resources: Resources): Judgement[] {
  const dangling = [
    ...resources.all('Pool').flatMap(ofPool),
    ...resources.all('BackupPolicy').flatMap(ofPolicy),
    ...resources
      .all('Recovery')
      .map((from): Reference => ({ from, path: ['spec', 'pool'], name: from.spec.pool, kinds: ['Pool'] })),
  ].filter(({ name, kinds }) => name !== undefined && !kinds.some((kind) => resources.mentions(kind, name)))
  return [
    ...dangling.map((reference) => tell(reference, resources)),
    ...ofDeployment(resources),
    ...ofRecovery(resources),
  ]
}

function ofPool(from: Resource<'Pool'>): Reference[] {
  const { spec } = from
  return [
    ...storeRoles.map((role): Reference => ({ from, path: ['spec', role], name: spec[role], kinds: ['SqlStore'] })),
    { from, path: ['spec', 'fileStore'], name: spec.fileStore, kinds: ['FileStore'] },
    { from, path: ['spec', 'pairedWith'], name: spec.pairedWith, kinds: ['Pool'] },
  ]
}

function ofPolicy(from: Resource<'BackupPolicy'>): Reference[] {
  const { location, include, verification } = from.spec
  const { pools, stores } = include === 'all' ? { pools: [], stores: [] } : include
  const inside =
    (list: string, kinds: readonly Kind[]) =>
    (name: string, index: number): Reference => ({
      from,
      path: ['spec', 'include', list, index],
      name,
      kinds,
    })
  return [
    { from, path: ['spec', 'location'], name: location, kinds: ['BackupLocation'] },
    ...pools.map(inside('pools', ['Pool'])),
    ...stores.map(inside('stores', ['SqlStore', 'FileStore'])),
    {
      from,
      path: ['spec', 'verification', 'restoreTest', 'sqlStore'],
      name: verification.restoreTest?.sqlStore,
      kinds: ['SqlStore'],
    },
  ]
}

function tell({ from, path, name = '', kinds }: Reference, resources: Resources): Judgement {
  const names = resources
    .mentioned()
    .filter(({ kind }) => kinds.includes(kind))
    .map((mention) => mention.name)
  return fault('reference-dangling', from.at(path), {
    message: `${from.kind} ${from.name} names ${name}, but there is no ${kinds.join(' or ')} of that name.`,
    hint: hintFor(name, names, kinds.join(' or ')),
  })
}

function ofDeployment(resources: Resources): Judgement[] {
  return resources.all('Deployment').flatMap((deployment) => {
    const name = deployment.spec.centralManagementStore
    if (name === undefined || centralManagementStore(resources, name)) return []
    if (resources.mentions('SqlStore', name)) return []
    const pool = resources.find('Pool', name)
    const store = pool?.spec.userStore
    if (store !== undefined && resources.mentions('SqlStore', store)) return []
    const names = [...resources.all('SqlStore'), ...resources.all('Pool')].map((resource) => resource.name)
    return fault('reference-dangling', deployment.at(['spec', 'centralManagementStore']), {
      message: pool
        ? `centralManagementStore names pool ${name}, which has no userStore.`
        : `centralManagementStore names ${name}, but no SqlStore has that name or instance, and no pool that name.`,
      hint: hintFor(name, pool ? [] : names, 'SqlStore'),
    })
  })
}

function ofRecovery(resources: Resources): Judgement[] {
  const known = [...allHosts(resources), ...resources.mentioned().map(({ name }) => name)]
  const stores = resources.all('FileStore').map(({ spec }) => spec.path)
  const subjects = new Set([...known, ...stores].map((name) => name.toLowerCase()))
  return resources
    .all('Recovery')
    .flatMap((recovery) => (recovery.spec.server === undefined ? [] : [{ recovery, server: recovery.spec.server }]))
    .filter(({ server }) => !subjects.has((parseDatabase(server)?.host ?? server).toLowerCase()))
    .map(({ recovery, server }) =>
      fault('reference-dangling', recovery.at(['spec', 'server']), {
        message: `Recovery ${recovery.name} is for ${server}, which no pool or store names.`,
        hint: hintFor(server, known, 'server'),
      }),
    )
}

function hintFor(name: string, names: readonly string[], kind: string): string {
  const meant = nearest(name, names)
  if (meant !== null) return `Did you mean ${meant}?`
  return names.length === 0 || names.length > 12
    ? `Add the ${kind}, or correct the name.`
    : `Add the ${kind}, or use one of: ${names.join(', ')}.`
}
