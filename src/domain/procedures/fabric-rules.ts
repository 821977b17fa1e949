import { cmdlet } from '../cmdlet-text.ts'
import type { Pool } from '../model.ts'
import { quorumOf } from '../quorum.ts'
import { listed, poolOf, type Context } from './context.ts'
import type { RowRule } from './row.ts'

const source = 'Reset-CsPoolRegistrarState'

/** What the servers that are left do without the others ("Front End pool high availability and management"). */
export const fabricRules: readonly RowRule[] = [
  {
    id: 'decide-on-quorum',
    actor: 'operator',
    minutes: 10,
    of: (context) =>
      livingPools(context)
        .filter((pool) => isBelowQuorum(pool, context))
        .map(({ fqdn }) => fqdn),
    needs: ['check-restore-rights'],
    title: (pool, context) =>
      `Decide whether ${listed(livingServers(poolOf(context, pool), context))} are to serve ${pool} before the other servers are rebuilt: below quorum they stop`,
    why: 'Users work again when enough servers run, or after a reset that gives up what was not yet written to the Back End.',
    command: (pool) => cmdlet('Get-CsPoolFabricState', { PoolFqdn: pool }),
    proves: 'It is written down who decided.',
    source,
    branches: [
      { name: 'reset', when: 'users cannot wait until enough servers are rebuilt' },
      { name: 'wait', when: 'users can wait, or work from a paired pool' },
    ],
  },
  {
    id: 'recover-quorum',
    actor: 'operator',
    minutes: 30,
    in: ['=decide-on-quorum/reset'],
    of: (context) =>
      livingPools(context)
        .filter((pool) => isBelowQuorum(pool, context))
        .map(({ fqdn }) => fqdn),
    needs: ['=decide-on-quorum'],
    title: (pool) => `On a server of ${pool} that is left, load what lost its quorum from the Back End`,
    why: 'The routing groups of which no replica is left are made anew from the backup store.',
    command: (pool) => cmdlet('Reset-CsPoolRegistrarState', { PoolFqdn: pool, ResetType: 'QuorumLossRecovery' }),
    proves: 'Get-CsPoolFabricState shows a primary for every routing group, and users sign in.',
    risks: 'What was not yet written to the Back End is lost. Only while the Back End runs.',
    source,
  },
  {
    id: 'check-fabric',
    actor: 'operator',
    minutes: 5,
    of: lostMembers,
    needs: ['check-surroundings', '@recover-quorum'],
    title: (server, context) => `See whether ${poolWith(server, context).fqdn} still waits for what ${server} held`,
    why: 'A pool that lost a server makes its replicas on others, unless it counts on the return of that server.',
    command: (server, context) => cmdlet('Get-CsPoolFabricState', { PoolFqdn: poolWith(server, context).fqdn }),
    proves: 'Each routing group is listed with its primary and its secondaries.',
    source,
    branches: [
      { name: 'waits', when: 'routing groups lack a replica because of it, or it will be away for days' },
      { name: 'serves', when: 'every routing group has a primary and its secondaries' },
    ],
  },
  {
    id: 'remove-machine-state',
    actor: 'operator',
    minutes: 10,
    in: ['=check-fabric/waits'],
    of: lostMembers,
    needs: ['=check-fabric'],
    title: (server, context) =>
      `On a server of ${poolWith(server, context).fqdn} that is left, declare the state of ${server} gone for good`,
    why: 'The pool stops waiting for it, and makes its replicas on the servers that are left. The rebuilt server joins without its old state.',
    command: (server, context) =>
      cmdlet('Reset-CsPoolRegistrarState', {
        ...{ PoolFqdn: poolWith(server, context).fqdn, MachineFqdn: server, ResetType: 'MachineStateRemoved' },
      }),
    proves:
      'Get-CsPoolFabricState shows each routing group with a primary and its secondaries, none of them on that server.',
    risks:
      'Only for a server whose disks are gone or wiped: what it alone held is lost. Never for one that comes back with its databases.',
    source,
  },
]

/**
 * Front End pools that lost servers and live on. Not those that lost their Back End as well: the import of user data stops
 * and starts all of their servers.
 */
function livingPools(context: Context): Pool[] {
  const { loss, roleServers } = context
  return loss.pools.filter(
    ({ type, servers, stores: { user } }) =>
      type === 'front-end' &&
      servers.some((server) => roleServers.includes(server)) &&
      servers.some((server) => !context.isLost(server)) &&
      !loss.stores.some(({ name }) => name === user?.name),
  )
}

function lostMembers(context: Context): string[] {
  return livingPools(context).flatMap(({ servers }) => servers.filter((server) => context.roleServers.includes(server)))
}

function poolWith(server: string, context: Context): Pool {
  const pool = livingPools(context).find(({ servers }) => servers.includes(server))
  if (!pool) throw new Error(`${server} is not in a pool that lives on.`)
  return pool
}

function livingServers({ servers }: Pool, context: Context): string[] {
  return servers.filter((server) => !context.isLost(server))
}

function isBelowQuorum(pool: Pool, context: Context): boolean {
  const quorum = quorumOf(pool.servers.length)
  const living = new Set(livingServers(pool, context))
  return quorum !== null && pool.servers.slice(0, quorum.voters).filter((one) => living.has(one)).length < quorum.needed
}
