import { cmdlet } from '../cmdlet-text.ts'
import type { Pool, SqlStore } from '../model.ts'
import { poolsByStore } from '../pools.ts'
import { sameSubject, sqlSubject } from '../subject.ts'
import { listed, poolOf, sqlServer, storeOf, survivingPlace, type Context } from './context.ts'
import { failovers, typesOf } from './database-types.ts'
import { directoryAtMirror, directoryAtSurvivor } from './directory-rules.ts'
import type { RowRule } from './row.ts'

type Mirror = Context['loss']['mirrors'][number]

const isMirrored = ({ highAvailability }: SqlStore): boolean => highAvailability.kind === 'mirror'
const halved = ({ loss }: Context): Mirror[] => loss.mirrors.filter(({ store }) => isMirrored(store))
const halvedStores = (context: Context): string[] => halved(context).map(({ store }) => sqlSubject(store))
function mirrorOf(context: Context, subject: string): Mirror {
  const found = halved(context).find(({ store }) => sameSubject(sqlSubject(store), subject))
  if (!found) throw new Error(`${subject} has no mirror that lives on.`)
  return found
}

const chapter = 'Restoring a mirrored Enterprise Edition Back End Server'
const principalLost = ['find-principal/principal-lost'] as const

/** The survivor carries on alone until its partner is back. */
export const leavingMirrorRules: readonly RowRule[] = [
  {
    id: 'find-principal',
    actor: 'operator',
    minutes: 5,
    of: halvedStores,
    needs: [],
    title: (subject, context) =>
      `See whether ${mirrorOf(context, subject).survivor} has to become the server of ${mirrorOf(context, subject).store.name}`,
    why: 'With a witness the survivor became principal by itself; without one somebody makes it so. Where it is principal and published as the server of the store, nothing fails over.',
    command: (subject, context) =>
      poolsOf(context, mirrorOf(context, subject).store)
        .map(({ fqdn }) => cmdlet('Get-CsDatabaseMirrorState', { PoolFqdn: fqdn }))
        .join('\n'),
    proves: 'The survivor shows each database as principal, or as mirror.',
    source: chapter,
    branches: [
      { name: 'mirror-lost', when: 'the survivor is principal, and published as the server of the store' },
      { name: 'principal-lost', when: 'the survivor is the mirror, or published as the partner' },
    ],
  },
  {
    id: 'fail-over-mirror',
    actor: 'operator',
    minutes: 10,
    in: principalLost,
    of: halvedStores,
    needs: ['=find-principal'],
    title: (subject, context) =>
      `Where ${mirrorOf(context, subject).survivor} is not principal yet, make it so, for each type of database`,
    why: 'Users are served again, and a mirror can neither be read nor unmirrored.',
    command: (subject, context) => {
      const { store, survivor } = mirrorOf(context, subject)
      return failovers(store, survivor, context.desired)
    },
    proves: 'Get-CsDatabaseMirrorState shows the survivor as principal.',
    source: chapter,
  },
  directoryAtSurvivor,
  {
    id: 'point-pool-at-survivor',
    actor: 'operator',
    minutes: 30,
    in: principalLost,
    of: halvedStores,
    needs: ['=fail-over-mirror', '=point-directory-at-survivor'],
    title: (subject, context) =>
      `In Topology Builder switch the mirroring of ${mirrorOf(context, subject).store.name} off, make ${mirrorOf(context, subject).survivor} its server, publish, and restart the services of the Front Ends`,
    why: 'The survivor is the store of the pool until its partner is back.',
    proves: 'The published topology names it.',
    source: chapter,
  },
  {
    id: 'uninstall-mirror',
    actor: 'operator',
    minutes: 10,
    of: halvedStores,
    needs: ['=find-principal', '=point-pool-at-survivor'],
    title: (subject, context) => `Take the lost partner of ${mirrorOf(context, subject).store.name} out of the session`,
    why: 'A session with a partner that is gone keeps the log growing, and a new one cannot be made beside it.',
    command: (subject, context) => {
      const found = mirrorOf(context, subject)
      return typesOf(found.store, context.desired)
        .map(({ type }) =>
          cmdlet('Uninstall-CsMirrorDatabase', {
            ...{ DatabaseType: type, ...sqlServer(survivingPlace(found)), Verbose: true },
          }),
        )
        .join('\n')
    },
    proves: 'sys.database_mirroring names no session.',
    source: chapter,
  },
]

/**
 * Mirroring comes back when the databases have their schema and their data: neither can be changed under it
 * ("Install-CsDatabase"; "Database mirroring and backup and restore").
 */
export const creatingMirrorRules: readonly RowRule[] = [
  {
    id: 'create-mirror',
    actor: 'operator',
    late: true,
    minutes: 30,
    of: (context) => [
      ...halvedStores(context),
      ...context.loss.stores.filter(isMirrored).map((one) => sqlSubject(one)),
    ],
    needs: [
      '@grant-database-roles',
      '@restore-databases',
      '@update-databases',
      '=uninstall-mirror',
      '@take-image',
      '@create-central-management-store',
      '@create-databases',
    ],
    title: (subject, context) =>
      `Set the mirroring of ${storeOf(context, subject).name} up again: enable it in Topology Builder, publish, then create the mirror databases`,
    why: 'The store is safe against the next loss again.',
    command: (subject, context) => {
      const found = halved(context).find(({ store }) => sameSubject(sqlSubject(store), subject))
      return cmdlet('Install-CsMirrorDatabase', {
        ConfiguredDatabases: true,
        FileShare: '<share that both partners reach>',
        SqlServerFqdn: found?.survivor ?? storeOf(context, subject).host,
        Verbose: true,
      })
    },
    proves: 'Get-CsDatabaseMirrorState shows each database as Synchronized.',
    risks: 'Restore a database before it is mirrored: under mirroring RESTORE is refused.',
    source: 'Install-CsMirrorDatabase',
  },
  directoryAtMirror,
  {
    id: 'restore-witness',
    actor: 'operator',
    late: true,
    minutes: 10,
    of: ({ witnessed }) => witnessed.map((store) => sqlSubject(store)),
    needs: ['?=create-mirror', 'check-surroundings'],
    after: (subject, context) => {
      const { highAvailability: mode } = storeOf(context, subject)
      return mode.kind === 'mirror' && mode.witness !== null ? [{ id: 'take-image', subject: mode.witness }] : []
    },
    title: (subject, context) =>
      `Give the mirror of ${storeOf(context, subject).name} its witness again: Topology Builder, Install Database`,
    why: 'Without it nothing fails over by itself.',
    proves: 'sys.database_mirroring shows the witness as CONNECTED.',
    source: 'Deploying SQL mirroring for Back End Server high availability',
  },
  {
    id: 'swap-partners-in-git',
    actor: 'operator',
    late: true,
    minutes: 10,
    in: principalLost,
    of: halvedStores,
    needs: ['=create-mirror'],
    title: (subject, context) =>
      `Where ${mirrorOf(context, subject).survivor} stays principal, name it as the host of ${mirrorOf(context, subject).store.name} in the written topology, and the rebuilt server as its partner`,
    why: 'The topology that is kept outside has to say what was published.',
    proves: 'The published topology and the written one agree.',
    source: 'derived',
  },
  {
    id: 'restart-front-ends',
    actor: 'operator',
    late: true,
    minutes: 15,
    of: (context) => {
      const pools = halved(context).flatMap(({ store }) => poolsOf(context, store))
      return pools.filter((pool) => livingServers(pool, context).length > 0).map(({ fqdn }) => fqdn)
    },
    needs: ['create-mirror'],
    title: (pool, context) =>
      `Restart the services of ${listed(livingServers(poolOf(context, pool), context))}, one after the other`,
    why: 'Servers read the mirroring relation when they start.',
    proves: 'All services run.',
    source: chapter,
  },
]

/** Those that run while the mirror is made; who is rebuilt starts with it. */
function livingServers({ servers }: Pool, { roleServers }: Context): string[] {
  return servers.filter((server) => !roleServers.includes(server))
}

function poolsOf({ desired }: Context, { name }: SqlStore): readonly Pool[] {
  return poolsByStore(desired).get(name) ?? []
}
