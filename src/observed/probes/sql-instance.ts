import { sqlAddresses } from '../../domain/endpoints.ts'
import { distinct, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Probe } from '../probe.ts'

export const sqlInstanceProbe: Probe<'sqlInstance'> = {
  source: 'SQL Server',
  everySeconds: 60,
  deadlineSeconds: 20,
  atOnce: 8,
  // A log backup each quarter of an hour, or a session that is behind, is no new beginning for a lost database; that the
  // other end of a session is gone is one, for since then nobody there sees that machine.
  essence: ({ databases, ...instance }) => ({
    ...instance,
    databases: databases.map(({ name, state, createdAt, mirroringState, mirroringWitnessState }) => ({
      ...{ name, state, createdAt },
      isPartnerGone: mirroringState === 'DISCONNECTED',
      isWitnessGone: mirroringWitnessState === 'DISCONNECTED',
    })),
  }),
  subjects: (desired) => distinct(sqlAddresses(desired).map((address) => sqlSubject(address))),
  look(subject, { desired, drivers }, signal) {
    const address = sqlAddresses(desired).find((one) => sameSubject(sqlSubject(one), subject))
    if (!address) throw new Error(`${subject} is no longer part of the desired state`)
    return drivers.sql(address).facts(signal)
  },
}
