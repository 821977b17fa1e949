import { randomBytes } from 'node:crypto'
import { addSeconds, timeOf } from '../base/time.ts'
import type { Break } from './break.ts'
import { same, type LabCertificate, type NameRecord } from './world.ts'

/** From the range that is kept for documentation: no machine has it. */
const nobody = '192.0.2.1'

export const dns: Break = {
  kind: 'dns',
  details: ['missing', 'wrong', 'silent'],
  does: 'missing: the name server does not know the name. wrong: it answers with the address of nobody. silent: it gives no answer to this question.',
  subjects: ({ world }) => [...new Set(world.names.map(({ name }) => name))],
  accepts: ({ world }, subject) =>
    world.changes.some((change) => change.kind === 'dns' && same(change.subject, subject)),
  apply({ world }, subject, detail) {
    const before = structuredClone(world.names.filter(({ name }) => same(name, subject)))
    if (detail === 'silent') world.unanswered.push(subject)
    else world.names = world.names.filter(({ name }) => !same(name, subject))
    if (detail === 'wrong')
      world.names.push(
        ...before.map((record) => (record.type === 'A' ? { ...record, address: nobody } : { ...record, port: 5999 })),
      )
    return before
  },
  repair({ world }, subject, before) {
    world.unanswered = world.unanswered.filter((name) => !same(name, subject))
    world.names = [...world.names.filter(({ name }) => !same(name, subject)), ...(before as NameRecord[])]
  },
}

export const certificate: Break = {
  kind: 'certificate',
  details: ['expired', 'other-name'],
  does: 'expired: the certificate of the machine ran out yesterday. other-name: it is for another machine.',
  subjects: ({ world }) => world.certificates.map(({ fqdn }) => fqdn),
  apply({ world }, subject, detail) {
    const index = world.certificates.findIndex(({ fqdn }) => same(fqdn, subject))
    const before = world.certificates[index]
    if (!before) return null
    // A serial number may not be negative, so its first bit is 0.
    const serial = `1${randomBytes(8).toString('hex').slice(1)}`
    const day = 86_400
    const expired = {
      notBefore: addSeconds(before.notBefore, -400 * day),
      notAfter: addSeconds(timeOf(Date.now()), -day),
    }
    world.certificates[index] = {
      ...{ ...before, serial },
      ...(detail === 'expired' ? expired : { names: ['retired.contoso.com'] }),
    }
    return before
  },
  repair({ world }, subject, before) {
    if (before === null) return
    world.certificates = world.certificates.map((one) => (same(one.fqdn, subject) ? (before as LabCertificate) : one))
  },
}
