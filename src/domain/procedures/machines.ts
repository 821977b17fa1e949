import { onceFor } from '../../base/once-for.ts'
import { partnersOf } from '../endpoints.ts'
import { machinesOf, serverOf } from '../hosts.ts'
import type { Desired } from '../model.ts'
import { foldSubject, parseDatabase, sqlSubject } from '../subject.ts'
import type { Subject } from '../words.ts'

/** Whether what two rows are done to is on the same machine: a server, its pool, a store, a database or a share. */
export function shareMachine(a: Subject, b: Subject, desired: Desired): boolean {
  const others = machinesWith(b, desired)
  return machinesWith(a, desired).some((machine) => others.includes(machine))
}

/** Folded. A name that is none of these is a machine. */
function machinesWith(subject: Subject, desired: Desired): readonly string[] {
  const database = parseDatabase(subject)
  const place = database ? sqlSubject(database) : subject
  const known = bySubject(desired).get(foldSubject(place))
  return known ?? [foldSubject(serverOf(subject) ?? place)]
}

/** Pools and SQL Servers, by each of their names. A default instance is named as its machine: all of its partners are meant. */
const bySubject = onceFor(({ pools, sqlStores }: Desired): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, readonly string[]>()
  for (const { fqdn, servers } of pools) found.set(foldSubject(fqdn), servers.map(foldSubject))
  for (const store of sqlStores)
    for (const place of partnersOf(store)) found.set(foldSubject(sqlSubject(place)), machinesOf(store).map(foldSubject))
  return found
})
