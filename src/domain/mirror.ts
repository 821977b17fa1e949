/**
 * Mirrors for a login that is not sysadmin: sys.database_mirroring shows it nothing of a database that is not online, and
 * a mirror never is. Its principal names it (domain reference, section 6.14).
 */
import type { DatabaseFacts, Facts } from './facts.ts'
import { sameSubject } from './subject.ts'
import type { Subject } from './words.ts'

type Instance = Facts['sqlInstance']

/** Whether it may be the mirror of another without a word of that: the login sees no session of it. */
export function isSessionHidden(database: DatabaseFacts, { administrator }: Instance): boolean {
  const { state, mirroringRole, replicaRole } = database
  return administrator !== true && state === 'RESTORING' && mirroringRole === null && replicaRole === null
}

/** Whether an instance shows any session, so that none of a partner's would mean something. */
export function showsSessions({ administrator, databases }: Instance): boolean {
  return administrator === true || databases.some(({ mirroringRole }) => mirroringRole !== null)
}

/**
 * The instance with what its partner tells of its mirrors: role and state of each database that the partner holds as
 * principal, in a session with this instance that is not cut. A cut one tells nothing of the other end.
 */
export function withMirrors(subject: Subject, instance: Instance, partner: Instance): Instance {
  if (!instance.databases.some((one) => isSessionHidden(one, instance))) return instance
  return {
    ...instance,
    databases: instance.databases.map((one) => {
      if (!isSessionHidden(one, instance)) return one
      const principal = partner.databases.find(({ name }) => sameSubject(name, one.name))
      if (!principal || !isPrincipalOf(subject, instance, principal)) return one
      return { ...one, mirroringRole: 'MIRROR', mirroringState: principal.mirroringState ?? null }
    }),
  }
}

function isPrincipalOf(subject: Subject, { machine }: Instance, principal: DatabaseFacts): boolean {
  const { mirroringRole, mirroringState, mirroringPartner } = principal
  if (mirroringRole !== 'PRINCIPAL' || mirroringState === 'DISCONNECTED' || !mirroringPartner) return false
  const [host = '', instance = ''] = subject.split('\\')
  const [partner = '', partnerInstance = ''] = mirroringPartner.split('\\')
  const isNamed = [machine, host, shortName(host)].some((name) => sameSubject(name, partner))
  return isNamed && sameSubject(instance, partnerInstance)
}

function shortName(host: string): string {
  return host.split('.')[0] ?? host
}
