import type { Desired } from './model.ts'
import { poolNamed } from './pools.ts'
import { parseDatabase, sqlSubject } from './subject.ts'
import type { Item, ItemKind, Subject } from './words.ts'

/** What is imported by a cmdlet lands in these databases of the store (domain reference, section 2.2). */
const filledBy: Readonly<Partial<Record<ItemKind, string>>> = {
  configuration: 'xds',
  'location-information': 'lis',
  'user-data': 'rtcxds',
  'response-groups': 'rgsconfig',
}

/** The database that an item fills when it comes back; null: it fills none, or nobody knows which. */
export function databaseFilledBy(item: Item, desired: Desired): Subject | null {
  if (parseDatabase(item.subject)) return item.subject
  const database = filledBy[item.kind]
  const isCentral = item.kind === 'configuration' || item.kind === 'location-information'
  const store = isCentral ? desired.deployment.centralManagementStore : poolNamed(item.subject, desired)?.stores.user
  return database !== undefined && store ? sqlSubject(store, database) : null
}
