/** A pool of a pair is lost, or back again: the failover is always by hand ("Failing over and failing back a pool"). */
import { impossible, type Act } from './act.ts'
import type { Bench } from './break.ts'
import { edgesBehind, failBack, failOver, partnerIn, syncContent, upload } from './pairs.ts'
import { expectTopology, poolOf } from './shell-view.ts'
import { publish } from './topology-file.ts'
import type { ServiceId } from './topology.ts'
import { same, type LabPool } from './world.ts'

const paired = ({ world }: Bench): string[] =>
  world.pools.filter(({ backupModules }) => backupModules.length > 0).map(({ fqdn }) => fqdn)

export const rePointEdge: Act = {
  kind: 're-point-edge',
  details: ['to-partner', 'back'],
  does: 'Set-CsEdgeServer, or Topology Builder, Next Hop: each Edge pool that has this pool as its next hop gets the backup pool of it. back: each that has the backup pool gets this one.',
  subjects: paired,
  apply(bench, fqdn, detail) {
    const both = [fqdn, otherOf(bench, poolOf(bench.world, fqdn)).fqdn] as const
    const [from, to] = detail === 'back' ? both.toReversed() : both
    if (edgesBehind(bench.world, from).length === 0) return
    publish(bench, ({ services, clusters }) => {
      const registrar = (pool: string): ServiceId | undefined =>
        services.find(
          ({ role, installedOn: { cluster } }) =>
            role === 'Registrar' &&
            clusters.some((one) => same(one.fqdn, pool) && one.site === cluster.site && one.number === cluster.number),
        )
      const [old, other] = [registrar(from), registrar(to)]
      for (const hop of services.filter(({ role }) => role === 'EdgeServer').flatMap(({ dependsOn }) => dependsOn))
        if (old && other && hop.role === old.role && hop.site === old.site && hop.instance === old.instance)
          Object.assign(hop, { site: other.site, instance: other.instance })
    })
  },
}

export const failOverPool: Act = {
  kind: 'fail-over-pool',
  details: ['disaster-mode'],
  does: 'Invoke-CsPoolFailover -DisasterMode: the users of the pool work on its backup pool, with what that was sent last. Needs a Central Management store and a backup pool that runs; refused while the pool is the next hop of an Edge pool.',
  subjects: paired,
  apply({ world }, fqdn) {
    failOver(world, poolOf(world, fqdn))
  },
}

export const failBackPool: Act = {
  kind: 'fail-back-pool',
  details: ['normal', 'disaster-mode'],
  does: 'Invoke-CsPoolFailback: what the backup pool has of the users takes the place of what the pool has, and they work there again. Needs both pools. disaster-mode: with -DisasterMode nothing is brought, and the backup pool is not needed.',
  subjects: paired,
  apply({ world }, fqdn, detail) {
    failBack(world, poolOf(world, fqdn), detail === 'disaster-mode')
  },
}

export const syncConferenceContent: Act = {
  kind: 'sync-conference-content',
  details: [],
  does: 'Invoke-CsBackupServiceSync of the backup pool, ConfServices.DataConf: what was uploaded to meetings of the pool, and the backup pool has, comes into the file store of the pool. Needs both file stores.',
  subjects: paired,
  apply(bench, fqdn) {
    expectTopology(bench.world)
    syncContent(bench, otherOf(bench, poolOf(bench.world, fqdn)))
  },
}

export const uploadContent: Act = {
  kind: 'upload-content',
  details: [],
  does: 'Of a paired pool: somebody uploads a file to a meeting, where the users of the pool are served; the backup service sends it to the other pool.',
  subjects: paired,
  apply(bench, fqdn) {
    upload(bench, poolOf(bench.world, fqdn))
  },
}

function otherOf({ world }: Bench, pool: LabPool): LabPool {
  const partner = partnerIn(world, pool)
  if (partner) return partner
  throw impossible(pool.fqdn, 'The published topology gives it no backup pool.')
}
