import { partnersOf } from '../endpoints.ts'
import type { Pool, SqlStore } from '../model.ts'
import { quoted } from '../restore-commands.ts'
import { sameSubject } from '../subject.ts'
import { listed, sqlServer, type Context } from './context.ts'
import { failovers, typesOf } from './database-types.ts'
import type { StepRule } from './step.ts'

const hasMirrors = ({ loss }: Context): boolean => mirrorsOf(loss).length > 0

/** "Restoring a mirrored Back End Server": the survivor carries on alone until its partner is back. */
export const leavingMirror: readonly StepRule[] = [
  {
    id: 'fail-over-mirror',
    actor: 'operator',
    minutes: 10,
    applies: hasMirrors,
    title: ({ loss }) =>
      `Where ${listed(mirrorsOf(loss).map(({ survivor }) => survivor))} is not principal yet, make it so; with a witness this happens by itself`,
    command: ({ loss, desired }) =>
      mirrorsOf(loss)
        .flatMap(({ store, survivor }) =>
          failovers(store, sameSubject(survivor, store.host) ? 'Primary' : 'Mirror', desired.pools),
        )
        .join('\n'),
  },
  {
    id: 'point-pool-at-survivor',
    actor: 'operator',
    minutes: 30,
    applies: hasMirrors,
    title: ({ loss }) =>
      `Where the principal was lost: in Topology Builder switch the mirroring of ${listed(mirrorsOf(loss).map(({ store }) => store.name))} off, make the survivor its server, publish, and restart the services of the Front Ends`,
  },
  {
    id: 'uninstall-mirror',
    actor: 'operator',
    minutes: 10,
    applies: hasMirrors,
    title: () => 'Take the lost partner out of the mirroring session',
    command: ({ loss, desired }) =>
      mirrorsOf(loss)
        .flatMap(({ store, survivor }) => {
          const place = partnersOf(store).find(({ host }) => sameSubject(host, survivor)) ?? store
          return typesOf(store, desired.pools).map(
            ({ type }) => `Uninstall-CsMirrorDatabase -DatabaseType ${type} ${sqlServer(place)} -Verbose`,
          )
        })
        .join('\n'),
  },
]

/** "Restoring an Enterprise Edition Back End Server": the databases, empty, and their mirrors. */
export const creatingDatabases: readonly StepRule[] = [
  {
    id: 'download-topology',
    actor: 'operator',
    minutes: 10,
    applies: ({ loss }) => loss.stores.length > 0,
    title: () => 'In Topology Builder download the topology from the existing deployment, save it, and publish it',
  },
  {
    id: 'create-databases',
    actor: 'operator',
    minutes: 20,
    applies: ({ loss, standardEdition }) => loss.stores.length > 0 && !standardEdition,
    title: () => 'Create the databases, empty: Topology Builder, Install Database, or by command; what exists stays',
    command: ({ loss }) =>
      loss.stores
        .map(({ host }) => `Install-CsDatabase -ConfiguredDatabases -SqlServerFqdn ${quoted(host)} -Verbose`)
        .join('\n'),
  },
]

/** Mirroring comes back when the databases have their schema, which cannot be changed under it ("Install-CsDatabase"). */
export const creatingMirror: readonly StepRule[] = [
  {
    id: 'create-mirror',
    actor: 'operator',
    minutes: 30,
    applies: ({ loss }) => mirrorsOf(loss).length > 0 || loss.stores.some(isMirrored),
    title: () => 'Set mirroring up again: enable it in Topology Builder, publish, then create the mirror databases',
    command: ({ loss }) =>
      [...mirrorsOf(loss).map(({ survivor }) => survivor), ...loss.stores.filter(isMirrored).map(({ host }) => host)]
        .map(
          (host) =>
            `Install-CsMirrorDatabase -ConfiguredDatabases -FileShare '<share that both partners reach>' -SqlServerFqdn ${quoted(host)} -Verbose`,
        )
        .join('\n'),
  },
  {
    id: 'restore-witness',
    actor: 'operator',
    minutes: 10,
    applies: ({ witnessed }) => witnessed.length > 0,
    title: ({ witnessed }) =>
      `Give the mirror of ${listed(witnessed.map(({ name }) => name))} its witness again: Topology Builder, Install Database`,
  },
  {
    id: 'restart-front-ends',
    actor: 'operator',
    minutes: 15,
    applies: (context) => hasMirrors(context),
    title: ({ loss, desired }) =>
      `Restart the services of the servers of ${listed(
        usersOf(
          mirrorsOf(loss).map(({ store }) => store),
          desired.pools,
        ).map(({ fqdn }) => fqdn),
      )}, one after the other`,
  },
]

function mirrorsOf({ mirrors }: Context['loss']): Context['loss']['mirrors'] {
  return mirrors.filter(({ store }) => isMirrored(store))
}

function isMirrored({ highAvailability }: SqlStore): boolean {
  return highAvailability.kind === 'mirror'
}

function usersOf(stores: readonly SqlStore[], pools: readonly Pool[]): Pool[] {
  return pools.filter((pool) =>
    Object.values(pool.stores).some((used) => stores.some(({ name }) => name === used.name)),
  )
}
