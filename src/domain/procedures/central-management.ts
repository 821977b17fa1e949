/** What the rules of the Central Management store ask in common. */
import type { SqlStore } from '../model.ts'
import { sqlSubject } from '../subject.ts'
import { itemsOf, type Context } from './context.ts'
import type { BranchName } from './row.ts'

export const isCentral = ({ loss }: Context): boolean => loss.centralManagement

export const centralStore = ({ desired }: Context): SqlStore | null => desired.deployment.centralManagementStore

/** Where the locations alone are lost, the store lives. */
export function holdsConfiguration(context: Context): boolean {
  return isCentral(context) && itemsOf(context.loss, 'configuration').length > 0
}

/** A server with a replica is left: each server of a role has one. */
export function hasReplica(context: Context): boolean {
  return isCentral(context) && context.desired.pools.some(({ servers }) => servers.some((one) => !context.isLost(one)))
}

/** The store, where it is lost. */
export function ofCentralStore(context: Context): string[] {
  const store = centralStore(context)
  return isCentral(context) && store ? [sqlSubject(store)] : []
}

/** Where it was not failed over. */
export const restoring: readonly BranchName[] = ['fail-over-central-management/restore']

export const localReplica = String.raw`C:\Restore\LocalReplica.zip`
