import { Problem } from '../base/problem.ts'
import { publish, unpublish } from './topology-file.ts'
import type { Break } from './break.ts'
import { addForeignPool, removePool } from './topology-clusters.ts'
import { allCmdletNames } from './cmdlet-names.ts'
import type { SqlFaults } from './sql/facts.ts'
import { fileStoreIn } from './topology-lookup.ts'
import type { Topology } from './topology.ts'
import { same, sqlName, sqlServerOf, type World } from './world.ts'

const sqlNames = ({ world }: { world: World }): string[] => world.sqlServers.map(({ facts }) => sqlName(facts))

/** Faults of one SQL Server, by kind of break and detail. */
const faultsOf: Record<string, SqlFaults> = {
  'backup-fails': { dropConnectionAtPercent: 50, thenBackup: 'fails' },
  'backup-succeeds': { dropConnectionAtPercent: 50, thenBackup: 'succeeds' },
  'slow-backups': { slowBackupSeconds: 20 },
  'slow-restores': { slowRestoreSeconds: 20 },
  'cut-backups': { cutBackups: true },
  'login-refused': { refuseLogin: true },
  'rights-lost': { withdrawRights: true },
  'share-denied': { denyDevices: true },
  'drive-gone': { driveGone: true },
}

function faults(kind: string, details: readonly string[], does: string): Break {
  const own = new Set(details.flatMap((detail) => Object.keys(faultsOf[detail] ?? {})))
  return {
    ...{ kind, details, does },
    subjects: sqlNames,
    apply({ world }, subject, detail) {
      Object.assign(sqlServerOf(world, subject)?.facts.faults ?? {}, faultsOf[detail])
      return null
    },
    repair({ world }, subject) {
      const server = sqlServerOf(world, subject)
      if (server)
        server.facts.faults = Object.fromEntries(Object.entries(server.facts.faults).filter(([name]) => !own.has(name)))
    },
  }
}

export const connection = faults(
  'connection',
  ['backup-fails', 'backup-succeeds'],
  'Every connection is cut in the middle of a BACKUP. backup-fails: the server gives the backup up. backup-succeeds: it ends it all the same.',
)

export const sql = faults(
  'sql',
  ['slow-backups', 'slow-restores', 'cut-backups', 'login-refused', 'rights-lost', 'share-denied', 'drive-gone'],
  'slow-backups: a BACKUP takes 20 seconds. slow-restores: a RESTORE does. cut-backups: the end of the file is missing and no error is told. login-refused: every login fails. rights-lost: what was granted to every login is taken away. share-denied: the account of the service may not write to any share. drive-gone: the drive of its data files is missing; nothing can be restored to it.',
)

export const cmdlet: Break = {
  kind: 'cmdlet',
  details: ['fails', 'denied', 'missing', 'hangs', 'writes-nothing', 'cut-zip', 'slow', 'stops-midway', 'no-prefix'],
  does: 'fails: it ends with an error. denied: the account may not run it. missing: the module does not have it. hangs: it never ends. writes-nothing: it ends well without a file. cut-zip: it writes half of its file. slow: it takes 10 seconds. stops-midway: of Invoke-CsPoolFailback: it ends with an error while the pool is FailingBack. no-prefix: of Import-CsRgsConfiguration: it takes no identity that begins with service:.',
  subjects: () => [...allCmdletNames],
  apply({ world }, subject, detail) {
    world.managementShell.behaviours[subject] = detail
    return null
  },
  repair({ world }, subject) {
    world.managementShell.behaviours = Object.fromEntries(
      Object.entries(world.managementShell.behaviours).filter(([name]) => name !== subject),
    )
  },
}

/** A new share of the same server, for all that use the store. */
function moveFileStore(topology: Topology, pool: string): void {
  const store = fileStoreIn(topology, pool)
  if (store) store.attributes.ShareName = 'Elsewhere'
}

export const topology: Break = {
  kind: 'topology',
  details: ['added', 'removed', 'member-added', 'file-store-elsewhere'],
  does: 'Somebody published a topology that Git does not know. added: with a pool of that name (any name that is not in use). removed: without that pool. member-added: with one more machine in that pool. file-store-elsewhere: with the file store of that pool in another share of its server, Elsewhere.',
  subjects: ({ world: { topology } }) => [
    `pool99.${topology.sipDomains[0] ?? 'contoso.com'}`,
    ...topology.clusters.filter(({ setup }) => setup).map(({ fqdn }) => fqdn),
  ],
  accepts: (_bench, subject) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(subject),
  apply(bench, subject, detail) {
    const pool = bench.world.topology.clusters.find(({ fqdn }) => same(fqdn, subject))
    if ((detail === 'added') === (pool !== undefined))
      throw new Problem('lab-break-unknown', {
        subject,
        message: pool ? 'The name is in use.' : 'No pool of that name is published.',
        hint: 'holdfast lab break --list names the subjects.',
      })
    return publish(bench, (topology) => {
      if (detail === 'added') addForeignPool(topology, subject)
      if (detail === 'removed') removePool(topology, subject)
      if (detail === 'file-store-elsewhere') moveFileStore(topology, subject)
      const member = `new.${subject}`
      if (detail === 'member-added') topology.clusters.find(({ fqdn }) => same(fqdn, subject))?.machines.push(member)
    })
  },
  repair(bench, _subject, before) {
    unpublish(bench, before)
  },
}
