import { instancesOf, userOfFolder, userOfInstance, type InUse } from '../../domain/scratch.ts'
import { sqlSubject } from '../../domain/subject.ts'
import { fault, type Judgement } from '../judgement.ts'
import { sqlStoreOf } from '../resolve.ts'
import type { Resource, Resources } from '../resources.ts'
import { centralManagementStore, storeRoles } from '../topology.ts'

/** A restore test writes and deletes where it works, so nothing of the deployment may be there (design, section 7). */
export function restoreTestsAreScratch(resources: Resources): Judgement[] {
  const inUse: InUse = { instances: instancesInUse(resources), folders: foldersInUse(resources) }
  return resources.all('BackupPolicy').flatMap((policy) => {
    const { sqlStore, files } = policy.spec.verification.restoreTest ?? {}
    const store = sqlStore === undefined ? null : resources.find('SqlStore', sqlStore)
    const instance = store && sqlStoreOf(store)
    return [
      ...(instance ? refuse(policy, 'sqlStore', sqlSubject(instance), userOfInstance(instance, inUse)) : []),
      ...(files === undefined ? [] : refuse(policy, 'files', files, userOfFolder(files, inUse))),
    ]
  })
}

function refuse(policy: Resource<'BackupPolicy'>, field: string, scratch: string, user: string | null): Judgement[] {
  if (user === null) return []
  return [
    fault('scratch-in-use', policy.at(['spec', 'verification', 'restoreTest', field]), {
      message: `Policy ${policy.name} would make its restore tests on ${scratch}, which ${user} uses.`,
      hint: 'Name an instance and a folder that are used for nothing else: a restore test writes and deletes there.',
    }),
  ]
}

function instancesInUse(resources: Resources): InUse['instances'] {
  const ofPools = resources
    .all('Pool')
    .flatMap((pool) => storeRoles.map((role) => ({ name: pool.spec[role], by: `pool ${pool.name}` })))
    .map(({ name, by }) => ({ store: name === undefined ? null : resources.find('SqlStore', name), by }))
  const central = resources.all('Deployment').map(({ spec: { centralManagementStore: name } }) => ({
    store: name === undefined ? null : centralManagementStore(resources, name),
    by: 'the Central Management store',
  }))
  return [...ofPools, ...central].flatMap(({ store, by }) =>
    (store ? instancesOf(sqlStoreOf(store)) : []).map((one) => ({ ...one, by })),
  )
}

function foldersInUse(resources: Resources): InUse['folders'] {
  return [
    ...resources.all('FileStore').map(({ name, spec }) => ({ path: spec.path, by: `file store ${name}` })),
    ...resources.all('BackupLocation').map(({ name, spec }) => ({ path: spec.share, by: `location ${name}` })),
  ]
}
