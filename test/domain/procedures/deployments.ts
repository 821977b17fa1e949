import type { Deployment, Desired, Pool, SqlStore } from '../../../src/domain/model.ts'
import { desiredState, pool, sqlStore } from '../../support/desired.ts'

const contoso = desiredState().deployment

/** A deployment of these pools; its stores and file stores are theirs. `central`: the store that holds `xds`. */
export function deploymentOf(
  pools: readonly Pool[],
  central: SqlStore | null = null,
  more: Partial<Desired> = {},
): Desired {
  const stores = [...pools.flatMap((one) => Object.values(one.stores)), ...(central ? [central] : [])]
  const deployment: Deployment = { ...contoso, centralManagementStore: central }
  return desiredState({
    ...{ deployment, pools },
    sqlStores: [...new Map(stores.map((store) => [store.name, store])).values()],
    fileStores: [...new Set(pools.flatMap(({ fileStore }) => fileStore ?? []))],
    ...more,
  })
}

export function frontEnds(name: string, user: SqlStore, more: Partial<Pool> = {}): Pool {
  const servers = ['a', 'b'].map((letter) => `${name}-${letter}.contoso.com`)
  return pool(`${name}.contoso.com`, 'front-end', { servers, ...more, stores: { user, ...more.stores } })
}

export function standardEdition(name: string, more: Partial<Pool> = {}): Pool {
  const user = sqlStore(`${name}.contoso.com`)
  return pool(`${name}.contoso.com`, 'standard-edition', { ...more, stores: { user, ...more.stores } })
}

export function mirrored(host: string, partner: string, witness: string | null = null): SqlStore {
  return sqlStore(host, 'rtc', {
    highAvailability: { kind: 'mirror', partner: { host: partner, instance: 'rtc' }, witness },
  })
}

export function group(listener: string, ...replicas: string[]): SqlStore {
  return sqlStore(listener, '', { highAvailability: { kind: 'availability-group', listener, replicas } })
}

export function cluster(host: string, ...nodes: string[]): SqlStore {
  return sqlStore(host, 'rtc', { highAvailability: { kind: 'failover-cluster', nodes } })
}
