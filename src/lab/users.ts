import { same, type World } from './world.ts'

/** The address of a user of a pool, from 1, without `sip:`. No two pools have the same user. */
export function userAddress({ pools, topology }: World, pool: string, number: number): string {
  const first = pools.filter(({ backEnd }) => backEnd.length > 0).findIndex(({ fqdn }) => same(fqdn, pool)) * 1_000_000
  return `user${String(Math.max(first, 0) + number).padStart(4, '0')}@${topology.sipDomains[0] ?? 'contoso.com'}`
}

/** The pool that a user is homed on now. */
export function registrarOf({ moved }: World, address: string, pool: string): string {
  return moved.find(({ user }) => same(user, address))?.pool ?? pool
}
