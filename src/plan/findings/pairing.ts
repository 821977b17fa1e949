import { faultOf } from '../../domain/backup-service.ts'
import type { PairingModule } from '../../domain/facts.ts'
import { homesUsers } from '../../domain/inventory.ts'
import type { Pool } from '../../domain/model.ts'
import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { seenPartner } from '../seen-partner.ts'
import type { Fresh } from '../standing.ts'
import { isUntold } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** Pairs that Git has otherwise, that only one side knows, or whose replication stands still (domain reference, section 7.6). */
export const brokenPairing: FindingRule = {
  codes: ['pairing-differs', 'pairing-not-mutual', 'pairing-not-steady'],
  find,
  isDark,
}

function find(digest: Digest): Fresh<Finding>[] {
  const { desired, observed } = digest
  const partners = new Map<string, string | null>()
  for (const seen of observed.facts.pairing.values())
    if (seen.known) partners.set(foldSubject(seen.subject), seen.value.partner)
  return desired.pools.filter(homesUsers).flatMap((pool): Fresh<Finding>[] => {
    const seen = observed.facts.pairing.get(pool.fqdn)
    const named = seenPartner(pool.fqdn, digest)
    if (named !== undefined && !sameSubject(named ?? '', pool.pairedWith ?? ''))
      return [differs(pool.fqdn, pool.pairedWith, named)]
    if (!seen?.known || seen.value.partner === null) return []
    const { partner, modules } = seen.value
    const other = partners.get(foldSubject(partner))
    if (other !== undefined && (other === null || !sameSubject(other, pool.fqdn)))
      return [notMutual(pool.fqdn, partner, other)]
    return notSteady(pool, modules, isCentral(pool, digest))
  })
}

/** That only one side knows is judged by what both say. */
function isDark({ code, subject }: Finding, digest: Digest): boolean {
  if (!digest.desired.pools.some(({ fqdn }) => sameSubject(fqdn, subject))) return false
  if (isUntold('pairing', subject, digest)) return true
  const seen = digest.observed.facts.pairing.get(subject)
  const partner = seen?.known ? seen.value.partner : null
  return code === 'pairing-not-mutual' && partner !== null && isUntold('pairing', partner, digest)
}

/** Each procedure, and the gate, go by Git; the cmdlets go by the deployment. */
function differs(pool: Subject, written: Subject | null, named: Subject | null): Fresh<Finding> {
  const way =
    named === null
      ? 'Remove pairedWith from both pools in Git, or pair them again in Topology Builder and publish.'
      : `Write pairedWith into both pools in Git, or publish the pairing that Git has.`
  return {
    code: 'pairing-differs',
    severity: 'error',
    subject: pool,
    desired: written ?? 'no backup pool',
    observed: named ?? 'no backup pool',
    message: `If ${pool} is lost, its procedure goes by Git: it would ${written === null ? 'not know that users can work on' : 'count on'} ${written ?? named ?? ''}. ${way}`,
  }
}

function notMutual(pool: Subject, partner: Subject, other: Subject | null): Fresh<Finding> {
  return {
    code: 'pairing-not-mutual',
    severity: 'error',
    subject: pool,
    desired: 'both pools name each other',
    observed: `${pool} names ${partner}, which names ${other ?? 'none'}`,
    message: 'Only one side knows of the pairing: a failover would not bring the users of the other over.',
  }
}

function notSteady({ fqdn }: Pool, modules: readonly PairingModule[], central: boolean): Fresh<Finding>[] {
  const bad = modules.flatMap((module) => {
    const fault = faultOf(module, central)
    return fault === null ? [] : [{ ...fault, name: module.name }]
  })
  if (bad.length === 0) return []
  return [
    {
      code: 'pairing-not-steady',
      severity: bad.some(({ error }) => error) ? 'error' : 'warning',
      subject: fqdn,
      desired: 'FinalState or SteadyState, and NormalState',
      observed: bad.map(({ name, says }) => `${name}: ${says}`).join('; '),
      message:
        'The backup service does not bring everything to the partner: a failover now would lose what it has not taken over.',
    },
  ]
}

/** Whether the Central Management store is active on this pool, by its active master; else by Git. */
function isCentral(pool: Pool, { desired, observed }: Digest): boolean {
  const { name, centralManagementStore } = desired.deployment
  const fact = observed.facts.centralManagement.get(name)
  const master = fact?.known ? fact.value.activeMaster : null
  if (master !== null) return pool.servers.some((server) => sameSubject(server, master))
  return centralManagementStore !== null && pool.stores.user?.name === centralManagementStore.name
}
