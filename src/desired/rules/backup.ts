import { uncServer } from '../../base/fields.ts'
import { sameSubject } from '../../domain/subject.ts'
import { fault, type Judgement } from '../judgement.ts'
import type { Resources } from '../resources.ts'
import { hostsOfStore, serversOf } from '../topology.ts'

/** The location is a stand-alone computer that belongs to no pool (Setting up a backup location). */
export function backupHostStandsAlone(resources: Resources): Judgement[] {
  const owners = [
    ...resources
      .all('Pool')
      .flatMap((pool) => [pool.name, ...serversOf(pool)].map((host) => [host, `pool ${pool.name}`])),
    ...resources
      .all('SqlStore')
      .flatMap((store) => hostsOfStore(store).map((host) => [host, `SQL store ${store.name}`])),
    ...resources.all('FileStore').map(({ name, spec }) => [uncServer(spec.path), `file store ${name}`]),
  ]
  return resources.all('BackupLocation').flatMap((location) => {
    const owner = owners.find(([host = '']) => sameSubject(host, location.spec.host))?.[1]
    if (owner === undefined) return []
    return [
      fault('backup-host-in-use', location.at(['spec', 'host']), {
        message: `${location.spec.host} holds the backups of location ${location.name} and belongs to ${owner}.`,
        hint: 'Use a separate machine: a server that is lost must not take its backups along.',
      }),
    ]
  })
}

export function shareStandsOnItsHost(resources: Resources): Judgement[] {
  return resources.all('BackupLocation').flatMap((location) => {
    const { host, share } = location.spec
    if (sameSubject(uncServer(share), host)) return []
    return [
      fault('share-not-on-host', location.at(['spec', 'share']), {
        message: `The share of location ${location.name} is on ${uncServer(share)}, its host is ${host}.`,
        hint: 'Write the same FQDN in both. Windows permissions and the rules for backup hosts go by that name.',
      }),
    ]
  })
}

/** A retention that deletes must say what stays. */
export function retentionKeepsSomething(resources: Resources): Judgement[] {
  return resources.all('BackupPolicy').flatMap((policy) => {
    const { enforce, keepLast, daily, weekly, monthly, yearly, keepWithin } = policy.spec.retention
    if (!enforce || keepLast + daily + weekly + monthly + yearly + keepWithin > 0) return []
    return [
      fault('retention-keeps-nothing', policy.at(['spec', 'retention']), {
        message: `Policy ${policy.name} enforces its retention, but no rule keeps anything.`,
        hint: 'Say what is kept, for example daily: 14 and weekly: 8, or leave enforce out.',
      }),
    ]
  })
}
