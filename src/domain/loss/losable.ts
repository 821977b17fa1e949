import { hosts } from '../hosts.ts'
import { requiredItems } from '../inventory.ts'
import type { Desired } from '../model.ts'
import { distinct } from '../subject.ts'
import type { Subject } from '../words.ts'

/** Hosts, pools, file stores, and the databases that some policy backs up; others are known by their full name. */
export function losable(desired: Desired): Subject[] {
  const { pools, fileStores, policies } = desired
  const items = policies.flatMap((policy) => requiredItems(desired, policy))
  return distinct([
    ...[...hosts(desired), ...pools].map(({ fqdn }) => fqdn),
    ...fileStores.map(({ path }) => path),
    ...items.filter(({ kind }) => kind === 'sql-database').map(({ subject }) => subject),
  ])
}
