import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Break } from './break.ts'
import { putAside, putBack } from './put-aside.ts'
import { loseHost, madeAnew, rejoin } from './sql-roles.ts'
import {
  hostOf,
  same,
  sqlName,
  sqlServerOf,
  type LabHost,
  type LabShare,
  type LabSqlServer,
  type World,
} from './world.ts'

const hosts = ({ world }: Bench): string[] => world.hosts.map(({ fqdn }) => fqdn)

/** Shares of a host, as far as they are there. */
function sharesOf(world: World, fqdn: string): LabShare[] {
  return world.shares.filter(({ folder }) => same(folder.split('/')[0] ?? '', fqdn))
}

export const server: Break = {
  kind: 'server',
  details: ['killed'],
  does: 'The machine is dead: nothing answers on any port, its SQL Server and its shares are gone. A mirror with a witness and an availability group fail over.',
  subjects: hosts,
  apply(bench, fqdn) {
    const host = hostOf(bench.world, fqdn)
    if (host) host.powered = false
    loseHost(bench.world, fqdn)
    return putAside(bench.paths, join(bench.paths.shares, fqdn.toLowerCase()))
  },
  repair(bench, fqdn, before) {
    const host = hostOf(bench.world, fqdn)
    if (host) host.powered = true
    const folder = join(bench.paths.shares, fqdn.toLowerCase())
    if (before !== null) putBack(bench.paths, folder, before as string)
    rejoin(bench.world, fqdn)
  },
}

interface BeforeWipe {
  services: LabHost['services']
  setup: Pick<LabHost, 'bare' | 'certificate'>
  sqlServers: LabSqlServer[]
  shares: { folder: string; aside: string | null }[]
}

export const wipe: Break = {
  kind: 'wipe',
  details: ['clean', 'half-built', 'rebuilt'],
  does: 'The machine was made anew under the same name: no Lync services, no Lync databases (a Standard Edition server has no SQL Server either), its shares are empty. half-built: setup went half way: of the services only REPLICA, databases new and empty. rebuilt: everything runs again, and nothing was brought back: databases and shares are empty.',
  subjects: ({ world }) => world.hosts.filter(({ roles }) => !roles.includes('sql-listener')).map(({ fqdn }) => fqdn),
  apply({ world, paths }, fqdn, detail): BeforeWipe {
    const here = world.sqlServers.filter(({ facts }) => same(facts.host, fqdn))
    const host = hostOf(world, fqdn)
    const before: BeforeWipe = {
      services: host?.services ?? [],
      setup: { ...(host?.bare && { bare: host.bare }), ...(host?.certificate && { certificate: host.certificate }) },
      sqlServers: structuredClone(here),
      shares: sharesOf(world, fqdn).map(({ folder }) => ({
        folder,
        aside: putAside(paths, join(paths.shares, folder)),
      })),
    }
    loseHost(world, fqdn)
    for (const { facts } of here) {
      // Setup brings the Express instance of a Standard Edition server; SQL Server elsewhere comes with the machine.
      const local = facts.edition === 'Express'
      if (local && detail !== 'rebuilt') facts.running = false
      const databases = detail === 'clean' ? [] : facts.databases.map((one) => madeAnew(world, one))
      Object.assign(facts, { databases, backups: [], restores: [], certificates: [] })
    }
    if (host) {
      host.services = host.services.filter(
        ({ name }) => detail === 'rebuilt' || (detail === 'half-built' && name === 'REPLICA'),
      )
      if (detail !== 'rebuilt') Object.assign(host, { bare: true, certificate: 'lost' })
    }
    for (const { folder, aside } of before.shares) {
      const names = aside !== null && detail === 'rebuilt' ? readdirSync(aside) : []
      for (const name of ['', ...names]) mkdirSync(join(paths.shares, folder, name), { recursive: true })
    }
    return before
  },
  repair({ world, paths }, fqdn, before) {
    const { services, setup, sqlServers, shares } = before as BeforeWipe
    const host = hostOf(world, fqdn)
    delete host?.bare
    delete host?.certificate
    if (host) Object.assign(host, { services, ...setup })
    for (const { facts } of sqlServers) {
      const server = sqlServerOf(world, sqlName(facts))
      // Its clock went on meanwhile.
      if (server) server.facts = { ...facts, clockOffsetSeconds: server.facts.clockOffsetSeconds }
    }
    for (const { folder, aside } of shares) putBack(paths, join(paths.shares, folder), aside)
    rejoin(world, fqdn)
  },
}

export const clock: Break = {
  kind: 'clock',
  details: ['ahead', 'behind'],
  does: 'ahead: the clock of the SQL Server machine, or the clocks of all machines of the deployment, are one hour fast. behind: they are one hour slow. Also a number of seconds: 5400s, -60s.',
  subjects: ({ world }) => [...new Set(world.sqlServers.map(({ facts }) => facts.host)), world.deployment],
  takes: (detail) => /^-?\d{1,9}s$/.test(detail),
  apply({ world }, subject, detail) {
    const seconds = { ahead: 3600, behind: -3600 }[detail] ?? Number.parseInt(detail, 10)
    shift(world, subject, seconds)
    return seconds
  },
  repair({ world }, subject, before) {
    shift(world, subject, -(before as number))
  },
}

function shift(world: World, subject: string, seconds: number): void {
  const everywhere = same(subject, world.deployment)
  if (everywhere) world.clockOffsetSeconds += seconds
  for (const { facts } of world.sqlServers)
    if (everywhere || same(facts.host, subject)) facts.clockOffsetSeconds += seconds
}
