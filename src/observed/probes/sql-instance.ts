import type { Desired } from '../../domain/model.ts'
import { sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { SqlAddress } from '../../drivers/sql/server.ts'
import type { Probe } from '../probe.ts'
import { distinct } from '../subjects.ts'

export const sqlInstanceProbe: Probe<'sqlInstance'> = {
  source: 'SQL Server',
  everySeconds: 60,
  deadlineSeconds: 20,
  atOnce: 8,
  subjects: (desired) => distinct(addressesOf(desired).map((address) => sqlSubject(address))),
  look(subject, { desired, drivers }, signal) {
    const address = addressesOf(desired).find((one) => sameSubject(sqlSubject(one), subject))
    if (!address) throw new Error(`${subject} is no longer part of the desired state`)
    return drivers.sql(address).facts(signal)
  },
}

/** Both partners of a mirror: either may be principal tomorrow. An availability group is asked through its listener. */
function addressesOf({ sqlStores }: Desired): SqlAddress[] {
  return sqlStores.flatMap(({ host, instance, port, highAvailability }) => [
    { host, instance, port },
    ...(highAvailability.kind === 'mirror' ? [{ ...highAvailability.partner, port: null }] : []),
  ])
}
