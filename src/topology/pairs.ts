import type { Cluster } from './document.ts'
import type { Member } from './members.ts'
import { isRole } from './roles.ts'
import type { Warning } from './warning.ts'

const pairable = ['front-end', 'standard-edition']

/** A Registrar that depends on another one has it as backup; both ways, and of one edition, is a pair (section 6). */
export function findPairs(members: readonly Member[], warnings: Warning[]): Map<Member, Member> {
  const byCluster = new Map(members.map((member) => [member.cluster, member]))
  const backups = new Map(members.map((member) => [member, backupsOf(member, byCluster)]))
  const pairs = new Map<Member, Member>()
  for (const member of members.filter(({ type }) => pairable.includes(type))) {
    const [backup, second] = backups.get(member) ?? []
    if (!backup) continue
    const [back, another] = backups.get(backup) ?? []
    const mutual = !second && !another && back === member
    if (mutual && backup.type === member.type) pairs.set(member, backup)
    else warnings.push(notPaired(member, backup, mutual))
  }
  return pairs
}

function backupsOf({ cluster, services }: Member, members: ReadonlyMap<Cluster, Member>): Member[] {
  const backups = services
    .filter((service) => isRole(service, 'Registrar'))
    .flatMap((service) => service.dependencies.map(({ on }) => on))
    .filter((on) => isRole(on, 'Registrar') && on.cluster !== null && on.cluster !== cluster)
    .flatMap((on) => (on.cluster && members.get(on.cluster)) ?? [])
  return [...new Set(backups)].sort((a, b) => (a.fqdn < b.fqdn ? -1 : 1))
}

function notPaired({ fqdn, type }: Member, backup: Member, mutual: boolean): Warning {
  const why = mutual ? `one is ${type}, the other ${backup.type}` : 'the pairing is not mutual, or not one to one'
  return {
    code: 'import-not-paired',
    message: `Pool ${fqdn} names ${backup.fqdn} as its backup registrar, but ${why}: they were not imported as paired.`,
  }
}
