/** `Invoke-CsManagementServerFailover` ("Failing over a pool"). */
import { impossible, type Act } from './act.ts'
import { exportFrom, stopMasters, useStoreOf } from './central-store.ts'
import { runningServer } from './databases.ts'
import { serversRunning } from './services.ts'
import { publish } from './topology-file.ts'
import { moveCentralManagement } from './topology-stores.ts'
import { timeIn } from './world.ts'

export const failOverCentralManagement: Act = {
  kind: 'fail-over-central-management',
  details: [],
  does: 'Invoke-CsManagementServerFailover -BackupSqlServerFqdn ... -Force, on a server of the pool whose Back End this instance is: its standby copy becomes the Central Management store, Active Directory says so, and its servers replicate the configuration. Emergency locations do not come along. Needs a server of that pool that runs, a standby copy, and an instance that is no mirror.',
  subjects: ({ world }) =>
    world.pools.filter(({ backupModules }) => backupModules.length > 0).flatMap(({ backEnd }) => backEnd),
  apply(bench, name) {
    const { world } = bench
    const pool = world.pools.find(({ backEnd }) => backEnd.includes(name))
    const xds = runningServer(world, name).facts.databases.find((one) => one.name === 'xds')
    if (!pool || !xds) throw impossible(name, 'It holds no standby copy of the Central Management store.')
    if (xds.state !== 'ONLINE') throw impossible(name, 'It is the mirror: name the instance that is principal now.')
    if (world.centralManagement.includes(name)) throw impossible(name, 'It is the Central Management store already.')
    if (serversRunning(world, pool).length === 0) throw impossible(name, `No server of ${pool.fqdn} runs.`)
    stopMasters(world)
    useStoreOf(world, pool)
    exportFrom(world, [pool.fqdn])
    publish(bench, (topology) =>
      moveCentralManagement(topology, pool.fqdn, [name, ...pool.backEnd.filter((one) => one !== name)]),
    )
    world.configuredAt = timeIn(world)
  },
}
