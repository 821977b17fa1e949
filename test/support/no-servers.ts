import type { Desired } from '../../src/domain/model.ts'

/** The desired state of a deployment without any server. */
export function noServers(name = 'contoso'): Desired {
  return {
    revision: '0123456789abcdef0123456789abcdef01234567',
    deployment: { name, centralManagementStore: null, keptElsewhere: [] },
    ...{ pools: [], sqlStores: [], fileStores: [], locations: [], policies: [] },
    ...{ recoveries: [], userRecoveries: [], holds: [], suspensions: [] },
  } as unknown as Desired
}
