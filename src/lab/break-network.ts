import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { addSeconds, type Time } from '../base/time.ts'
import type { Break } from './break.ts'
import { putAside, putBack } from './put-aside.ts'
import { loseHost, rejoin } from './sql-roles.ts'
import { hostOf, same, timeIn, type LabCertificate, type LabHost, type NameRecord, type World } from './world.ts'

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

const day = 86_400

/** What is other than before. */
const certificateWhen: Readonly<Record<string, (before: LabCertificate, now: Time) => Partial<LabCertificate>>> = {
  expired: ({ notBefore }, now) => ({ notBefore: addSeconds(notBefore, -400 * day), notAfter: addSeconds(now, -day) }),
  'other-name': ({ notBefore, notAfter }) => ({ notBefore, notAfter, names: ['retired.contoso.com'] }),
  expiring: ({ notBefore }, now) => ({
    notBefore: addSeconds(notBefore, -400 * day),
    notAfter: addSeconds(now, 7 * day),
  }),
}

/** Details that concern the web services alone begin so; IIS may have a certificate of its own. */
const ofWeb = 'web-'
const ofWebOnly = [443, 4443]

/** Another certificate of the same authority for the same names. */
export function reissued(now: Time): Pick<LabCertificate, 'serial' | 'notBefore' | 'notAfter'> {
  // A serial number may not be negative, so its first bit is 0.
  const serial = `1${randomBytes(8).toString('hex').slice(1)}`
  return { serial, notBefore: addSeconds(now, -day), notAfter: addSeconds(now, 730 * day) }
}

export const certificate: Break = {
  kind: 'certificate',
  details: ['expired', 'other-name', 'expiring', 'reissued', 'web-expired', 'web-other-name'],
  does: 'expired: the certificate of the machine ran out yesterday. other-name: it is for another machine. expiring: it ends in a week. reissued: it has another one, which is good. web-expired: the web services of the machine have one of their own, which ran out yesterday. web-other-name: they have one for another machine. Of the deployment: that of OAuthTokenIssuer.',
  subjects: ({ world }) => world.certificates.filter(({ ports }) => ports === undefined).map(({ fqdn }) => fqdn),
  apply({ world }, subject, detail) {
    const before = world.certificates.find(({ fqdn }) => same(fqdn, subject))
    if (!before) return null
    const now = timeIn(world)
    const onWeb = detail.startsWith(ofWeb)
    const other = certificateWhen[onWeb ? detail.slice(ofWeb.length) : detail]?.(before, now)
    const made = { ...before, ...reissued(now), ...other }
    world.certificates = onWeb
      ? [...world.certificates, { ...made, ports: ofWebOnly }]
      : world.certificates.map((one) => (one === before ? made : one))
    return before
  },
  repair({ world }, subject, before) {
    if (before === null) return
    world.certificates = world.certificates
      .filter(({ fqdn, ports }) => ports === undefined || !same(fqdn, subject))
      .map((one) => (same(one.fqdn, subject) ? (before as LabCertificate) : one))
  },
}

interface BeforeNetwork {
  networks: Record<string, LabHost['network']>
  cutOff: boolean
  /** Folder below `shares` -> where it is meanwhile. */
  shares: [folder: string, aside: string | null][]
}

export const network: Break = {
  kind: 'network',
  details: ['unreachable-from-here', 'dead'],
  does: 'Of a machine, of all machines of a site, or of all of the deployment. unreachable-from-here: connections of the daemon get nowhere, and the Management Shell sees them still. dead: nobody outside of the site sees them; of the deployment: the machine of the daemon and its Management Shell has no network.',
  subjects: ({ world }) => [
    ...world.hosts.map(({ fqdn }) => fqdn),
    ...new Set([...world.hosts.map(({ site }) => site), world.deployment]),
  ],
  apply({ world, paths }, subject, detail): BeforeNetwork {
    const hosts = hostsBehind(world, subject)
    const before = {
      networks: Object.fromEntries(hosts.map(({ fqdn, network }) => [fqdn, network])),
      cutOff: world.cutOff,
      shares: hosts.map(({ fqdn }): [string, string | null] => {
        const folder = fqdn.toLowerCase()
        return [folder, putAside(paths, join(paths.shares, folder))]
      }),
    }
    if (detail === 'dead' && same(subject, world.deployment)) world.cutOff = true
    else for (const host of hosts) host.network = detail === 'dead' ? 'cut-off' : 'closed-to-daemon'
    if (detail === 'dead' && hostOf(world, subject)) loseHost(world, subject)
    return before
  },
  repair({ world, paths }, subject, before, detail) {
    const { networks, cutOff, shares } = before as BeforeNetwork
    world.cutOff = cutOff
    for (const host of world.hosts) host.network = networks[host.fqdn] ?? host.network
    for (const [folder, aside] of shares) if (aside !== null) putBack(paths, join(paths.shares, folder), aside)
    if (detail === 'dead' && hostOf(world, subject)) rejoin(world, subject)
  },
}

function hostsBehind({ deployment, hosts }: World, subject: string): LabHost[] {
  return hosts.filter(({ fqdn, site }) => [deployment, site, fqdn].some((name) => same(name, subject)))
}
