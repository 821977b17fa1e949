import { onceFor } from '../../base/once-for.ts'
import { sqlAddresses } from '../../domain/endpoints.ts'
import type { Desired } from '../../domain/model.ts'
import { distinct, foldSubject, sqlSubject } from '../../domain/subject.ts'
import type { Probe } from '../probe.ts'

/** Of an instance that several stores name, the first. */
const addressBySubject = onceFor(
  (desired: Desired) =>
    new Map(
      sqlAddresses(desired)
        .reverse()
        .map((address) => [foldSubject(sqlSubject(address)), address]),
    ),
)

export const sqlInstanceProbe: Probe<'sqlInstance'> = {
  source: 'SQL Server',
  deadlineSeconds: 20,
  atOnce: 8,
  // Clocks are set right, certificates are brought, and a log backup each quarter of an hour, or a session that is behind, is no new beginning for a lost database; that the
  // other end of a session is gone is one, for since then nobody there sees that machine.
  essence: ({ databases, clock: _, encryptors: _encryptors, ...instance }) => ({
    ...instance,
    databases: databases.map(({ name, state, createdAt, mirroringState, mirroringWitnessState }) => ({
      ...{ name, state, createdAt },
      isPartnerGone: mirroringState === 'DISCONNECTED',
      isWitnessGone: mirroringWitnessState === 'DISCONNECTED',
    })),
  }),
  subjects: (desired) => distinct(sqlAddresses(desired).map((address) => sqlSubject(address))),
  look(subject, { desired, drivers }, signal) {
    const address = addressBySubject(desired).get(foldSubject(subject))
    if (!address) throw new Error(`${subject} is no longer part of the desired state`)
    return drivers.sql(address).facts(signal)
  },
}
