import { cmdlet, destructiveCmdlet } from '../cmdlet-text.ts'
import { machinesOf } from '../hosts.ts'
import { poolNamed } from '../pools.ts'
import type { Pool } from '../model.ts'
import { sqlSubject } from '../subject.ts'
import { poolOf, storesToStart, type Context } from './context.ts'
import type { RowName, RowRule } from './row.ts'

/** The lost pools of pairs whose partner lives, or has their users, whatever became of it since. */
function lostPools(context: Context): string[] {
  return context.userPools
    .filter((pool) => mayFailOver(pool, context) || hasGoneOver(pool, context))
    .map(({ fqdn }) => fqdn)
}

function mayFailOver(pool: Pool, context: Context): boolean {
  return livingPartnerOf(pool, context) !== null && context.isFromSet?.(pool.fqdn) !== true
}

function hasGoneOver({ fqdn, pairedWith }: Pool, context: Context): boolean {
  return poolNamed(pairedWith ?? '', context.desired) !== null && context.isFailedOver?.(fqdn) === true
}

/** Those of which the partner, with what users wrote on it, is lost as well. */
function strandedPools(context: Context): string[] {
  return context.userPools
    .filter((pool) => livingPartnerOf(pool, context) === null && hasGoneOver(pool, context))
    .map(({ fqdn }) => fqdn)
}

function livingPartnerOf({ pairedWith }: Pool, context: Context): Pool | null {
  const partner = poolNamed(pairedWith ?? '', context.desired)
  return partner && canServe(partner, context) ? partner : null
}

/** A server and a copy of its user store are left: a pool without either takes over nothing. */
export function canServe({ servers, stores: { user } }: Pool, { isLost }: Pick<Context, 'isLost'>): boolean {
  const isLeft = (machine: string): boolean => !isLost(machine)
  return servers.some(isLeft) && (user === undefined || machinesOf(user).some(isLeft))
}

function partnerOf(context: Context, pool: string): Pool {
  return poolOf(context, poolOf(context, pool).pairedWith ?? '')
}

function lostBehindEdge(context: Context): string[] {
  return edgesOf(context).length === 0 ? [] : lostPools(context)
}

function edgesOf({ desired }: Context): Pool[] {
  return desired.pools.filter(({ type }) => type === 'edge')
}

function nextHopOfEdges(pool: string, context: Context): string {
  return edgesOf(context)
    .map(({ fqdn }) => cmdlet('Set-CsEdgeServer', { Identity: `EdgeServer:${fqdn}`, Registrar: `Registrar:${pool}` }))
    .join('\n')
}

/** "Failing over a pool": users work from the partner while the pool is rebuilt. */
export const failingOverRules: readonly RowRule[] = [
  {
    id: 're-point-edge',
    actor: 'operator',
    minutes: 10,
    of: lostBehindEdge,
    needs: ['check-restore-rights', 'fail-over-central-management'],
    title: (pool, context) =>
      `Where an Edge pool has ${pool} as its next hop, point it to ${partnerOf(context, pool).fqdn}; in the same site by Topology Builder (Next hop) and publish`,
    why: 'The failover is refused while the pool is the next hop of an Edge pool.',
    command: (pool, context) => nextHopOfEdges(partnerOf(context, pool).fqdn, context),
    proves: 'Get-CsService -EdgeServer names the partner as registrar.',
    source: 'Failing over a pool',
  },
  {
    id: 'fail-over-pool',
    actor: 'operator',
    minutes: 30,
    of: lostPools,
    needs: ['=re-point-edge', 'fail-over-central-management', 'check-restore-rights'],
    title: (pool, context) => `Fail ${pool} over to ${partnerOf(context, pool).fqdn}`,
    why: 'Users work again at once, and their data on the partner are minutes old, not of last night.',
    command: (pool) => destructiveCmdlet('Invoke-CsPoolFailover', 'DisasterMode', { PoolFqdn: pool, Verbose: true }),
    proves: 'Get-CsPoolBackupRelationship and the state of users say that the partner serves the pool.',
    risks: '-DisasterMode gives up what the pool had not sent to its partner yet. Only where the pool is down.',
    source: 'Failing over and failing back a pool',
    branches: [
      { name: 'failed-over', when: 'the failover worked: user data come back from the partner' },
      { name: 'from-set', when: 'there was no failover: user data come back from the set' },
    ],
  },
]

/** "Failing back a pool": what the partner kept comes back to the rebuilt pool. */
export const failingBackRules: readonly RowRule[] = [
  {
    id: 'sync-conference-content',
    actor: 'holdfast',
    minutes: 30,
    of: (context) =>
      context.desired.pools
        .filter(({ fileStore }) => context.loss.fileStores.some(({ name }) => name === fileStore?.name))
        .filter((pool) => livingPartnerOf(pool, context) !== null)
        .map(({ fqdn }) => fqdn),
    needs: ['enable-topology', '@start-server'],
    title: (pool, context) =>
      `Bring conference content from ${partnerOf(context, pool).fqdn}, which has it newer than the set`,
    why: 'The pair replicates it; the set has the rest of the file store.',
    operation: (pool, context) => ({
      ...{ kind: 'sync-conference-content', pool, partner: partnerOf(context, pool).fqdn },
    }),
    proves: 'The module ConfServices.DataConf of the partner is in SteadyState or FinalState.',
    source: 'Restoring conference contents using the Backup Service',
  },
  {
    id: 'fail-back-pool',
    actor: 'holdfast',
    minutes: 60,
    in: ['fail-over-pool/failed-over'],
    of: lostPools,
    needs: ['@start-server', '=reset-pool', '=update-databases', '=sync-conference-content', 'download-topology'],
    after: readyStores,
    title: (pool) => `Fail ${pool} back`,
    why: 'User data come back from the partner; nothing of them is imported from the set.',
    operation: (pool, context) => ({ kind: 'fail-back-pool', pool, partner: partnerOf(context, pool).fqdn }),
    proves: 'Users are served by the pool again, and both backup services are in SteadyState or FinalState.',
    risks: 'Never with -DisasterMode: what users wrote on the partner would be lost.',
    source: 'Failing over and failing back a pool',
  },
  {
    id: 'point-edge-back',
    actor: 'operator',
    minutes: 10,
    in: ['fail-over-pool/failed-over'],
    of: lostBehindEdge,
    needs: ['fail-back-pool'],
    title: (pool, context) =>
      `Where an Edge pool was pointed to ${partnerOf(context, pool).fqdn} for the failover, point it back to ${pool}; in the same site by Topology Builder (Next hop) and publish`,
    why: 'Until then everybody from outside comes in by the partner, and its failure cuts them off.',
    command: (pool, context) => nextHopOfEdges(pool, context),
    proves: 'Get-CsService -EdgeServer names the pool as registrar.',
    risks: 'Leave out an Edge pool that had the partner as its next hop before the failover.',
    source: 'Failing over a pool',
  },
]

/** "Failing over and failing back a pool": nothing is left on the partner that a failback could bring. */
export const endingFailoverRules: readonly RowRule[] = [
  {
    id: 'end-failover',
    actor: 'operator',
    minutes: 15,
    in: ['fail-over-pool/from-set'],
    of: strandedPools,
    needs: ['@start-server', '=reset-pool', '=update-databases', 'download-topology'],
    after: readyStores,
    title: (pool, context) =>
      `End the failover of ${pool}: ${partnerOf(context, pool).fqdn}, which served it, is lost too`,
    why: 'Users are sent to the partner until the pool is Active again; what is imported into it before helps nobody.',
    command: (pool) => destructiveCmdlet('Invoke-CsPoolFailback', 'DisasterMode', { PoolFqdn: pool, Verbose: true }),
    proves: 'Get-CsRegistrarConfiguration shows PoolState Active for the pool.',
    risks:
      '-DisasterMode gives up what users wrote on the partner since the failover. Only where the partner does not come back; where it does, choose failed-over instead.',
    source: 'Failing over and failing back a pool; Invoke-CsPoolFailBack',
  },
]

export const fromSet = ['fail-over-pool/from-set'] as const

/** The stores that a pool works with, as they are made ready. */
export function readyStores(pool: string, context: Context): RowName[] {
  return storesToStart(context, poolOf(context, pool))
    .map((store) => sqlSubject(store))
    .flatMap((subject) =>
      ['create-databases', 'update-databases', 'create-mirror', 'join-availability-group'].map((id) => ({
        id,
        subject,
      })),
    )
}
