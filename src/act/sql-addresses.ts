import { partnersOf } from '../domain/endpoints.ts'
import { parseDatabase, sameSubject, sqlSubject } from '../domain/subject.ts'
import type { Item } from '../domain/words.ts'
import type { SqlAddress } from '../drivers/sql/sql-server.ts'
import type { Tools } from './handler.ts'

/**
 * Where the database of an item may be, as the desired state knows it, the published instance first; one that it no longer
 * names is asked by its own name. Empty: it is no database.
 */
export function addressesOf(item: Item, { desired }: Pick<Tools, 'desired'>): SqlAddress[] {
  const parts = parseDatabase(item.subject)
  if (!parts) return []
  const store = desired.sqlStores.find((one) => sameSubject(sqlSubject(one), sqlSubject(parts)))
  if (!store) return [{ host: parts.host, instance: parts.instance, port: null }]
  return partnersOf(store)
}
