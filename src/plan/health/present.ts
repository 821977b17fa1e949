import type { Time } from '../../base/time.ts'
import { smbPort } from '../../domain/endpoints.ts'
import type { ServiceFacts } from '../../domain/facts.ts'
import type { Classified } from '../../domain/statement.ts'
import type { Contact } from './contacts.ts'
import { isEmptied } from './database.ts'
import type { ExpectedHost } from './expected.ts'
import { isListed, roleServices } from './roles.ts'
import type { Scene } from './scene.ts'
import { latestOf } from './sights.ts'

/** The class of a machine, before its subject is told; `since` where it is known. */
export type HostState = Pick<Classified, 'class' | 'reason'> & { since?: Time }

/** A machine that answers: what of it is there, and what is not. */
export function presentState(
  one: ExpectedHost,
  databases: readonly Classified[],
  contact: Contact,
  scene: Scene,
): HostState {
  const { sights } = scene
  // A single database that was lost on a server that lives has a flag of its own, and is made anew under it.
  const remade = databases.filter(
    ({ class: kind, subject }) => kind === 'half-built' && !scene.hasOwnFlag(subject, one.key),
  )
  if (remade.length > 0)
    return {
      class: 'half-built',
      reason: `Its databases were made anew: ${remade.map(({ reason }) => reason).join(' ')}`,
      since: latestOf(remade.map(({ since }) => since)),
    }
  const holding = one.instances
    .filter(({ all }) => all.size > 0)
    .map((instance) => ({ instance, sight: sights.of('sqlInstance', instance.subject) }))
  const isWithout =
    holding.some(({ instance, sight }) => isEmptied(instance, sight)) &&
    holding.every(({ instance, sight }) => sight.state === 'silent' || isEmptied(instance, sight))
  if (isWithout)
    return {
      class: 'clean',
      reason: 'Its SQL Server answers and holds none of its databases.',
      since: latestOf(holding.flatMap(({ sight }) => sight.observation?.since ?? [])),
    }
  const role = roleState(one, databases, scene)
  if (role) return role
  const wrong = troubles(one, scene)
  if (wrong.length > 0) return { class: 'degraded', reason: `It answers, but ${wrong.join('; ')}.` }
  if (contact.isDark && one.types.length === 0)
    return { class: 'unknown', reason: 'Not all of it was looked at lately.' }
  return { class: 'healthy', reason: 'It answers with all that its role needs.' }
}

/** What the list of services says of the role: nothing of Lync (clean), or not what makes the role (half-built). */
function roleState(one: ExpectedHost, databases: readonly Classified[], { sights }: Scene): HostState | null {
  const services = sights.of('services', one.host.fqdn)
  const ports = sights.of('ports', one.host.fqdn)
  const { isRuled, confirmed } = roleServices(one)
  if (services.state !== 'seen' || !isRuled) return null
  const listed = services.value.services
  const since = latestOf([services.since, ports.state === 'seen' ? ports.since : ''])
  const isServing = ports.state !== 'seen' || ports.value.open.some((port) => port !== smbPort)
  if (listed.length === 0) {
    if (isServing)
      return {
        class: 'unknown',
        reason: 'It has no Lync services, and yet something answers on the ports of its role.',
      }
    if (databases.some((database) => database.class === 'healthy'))
      return { class: 'degraded', reason: 'It has no Lync services, but its databases are there.' }
    return { class: 'clean', reason: 'It answers and has no Lync services.', since }
  }
  if (isServing || confirmed.length === 0 || confirmed.some((name) => isListed(name, listed))) return null
  return { class: 'half-built', reason: 'It has Lync services, but none of those that make its role.', since }
}

/** What a machine that answers should have and has not, in words; each holds without a doubt or is left out. */
function troubles(one: ExpectedHost, scene: Scene): string[] {
  const { sights } = scene
  const ports = sights.of('ports', one.host.fqdn)
  const closed = ports.state === 'seen' ? ports.value.closed.filter((port) => port !== smbPort) : []
  const silent = one.instances.filter(({ subject }) => sights.of('sqlInstance', subject).state === 'silent')
  return [
    ...serviceTroubles(one, scene),
    ...closed.map((port) => `nothing answers on port ${port}`),
    ...silent.map(({ subject }) => `${subject} does not answer`),
  ]
}

/** Services that are stopped or missing. */
export function serviceTroubles(one: ExpectedHost, { sights }: Scene): string[] {
  const services = sights.of('services', one.host.fqdn)
  if (services.state !== 'seen' || services.value.services.length === 0) return []
  return [...stopped(services.value.services), ...missing(one, services.value.services)]
}

function stopped(services: readonly ServiceFacts[]): string[] {
  return services.filter(({ status }) => status !== 'Running').map(({ name, status }) => `${name} is ${status}`)
}

function missing(one: ExpectedHost, services: readonly ServiceFacts[]): string[] {
  return roleServices(one)
    .needed.filter((name) => !isListed(name, services))
    .map((name) => `${name} is not there`)
}
