/** A machine that is lost is made anew: Windows, domain, updates. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { impossible, machineAt, machines, memberAt, type Act } from './act.ts'
import { forget } from './breaks.ts'
import { productFacts } from './roles.ts'
import { poolOfMember } from './services.ts'
import { leaveCluster, settleClusters } from './sql-clusters.ts'
import { loseHost } from './sql-roles.ts'
import { hostOf, same } from './world.ts'

export const installWindows: Act = {
  kind: 'install-windows',
  details: [],
  does: 'A clean machine of the same name takes the place of the old one: Windows alone, in no domain. Programs, certificates, databases and shares of the old one are gone, and what was broken on it cannot be repaired any more.',
  subjects: machines,
  apply(bench, fqdn) {
    const { world, paths } = bench
    const host = hostOf(world, fqdn)
    if (!host) return
    forget(bench, fqdn)
    loseHost(world, fqdn)
    rmSync(join(paths.shares, fqdn.toLowerCase()), { recursive: true, force: true })
    Object.assign(host, { powered: true, services: [], joined: false, bare: true, certificate: 'lost' })
    for (const { facts } of world.sqlServers)
      if (same(facts.host, fqdn))
        Object.assign(facts, { running: false, databases: [], backups: [], restores: [], faults: {} })
    leaveCluster(world, fqdn)
    settleClusters(world)
  },
}

export const joinDomain: Act = {
  kind: 'join-domain',
  details: [],
  does: 'The computer account is reset, and the machine joins the domain with it. SQL Server and every step of setup need it, but those of an Edge Server.',
  subjects: machines,
  apply({ world }, fqdn) {
    delete machineAt(world, fqdn).joined
  },
}

export const applyUpdates: Act = {
  kind: 'apply-updates',
  details: [],
  does: 'Brings the installed components of the machine to the cumulative update of the deployment. Needs the first step of setup.',
  subjects: ({ world }) => world.hosts.filter(({ replica }) => replica !== null).map(({ fqdn }) => fqdn),
  apply({ world }, fqdn) {
    const host = machineAt(world, fqdn)
    if (!host.roles.includes('edge')) memberAt(world, fqdn)
    const pool = poolOfMember(world, fqdn)
    if (host.services.length === 0 || !host.replica || !pool)
      throw impossible(fqdn, 'No component of the product is installed here.')
    host.replica.productVersion = productFacts(pool.product).version
  },
}
