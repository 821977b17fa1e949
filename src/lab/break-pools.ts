/** A pool and its users: who serves them, and what they do meanwhile. */
import type { Bench, Break } from './break.ts'
import { isServedHere } from './pairs.ts'
import { same, type LabPool } from './world.ts'

const states: Readonly<Record<string, string>> = {
  'failed-over': 'FailedOver',
  'failing-over': 'FailingOver',
  'failing-back': 'FailingBack',
}

export const failover: Break = {
  kind: 'failover',
  details: Object.keys(states),
  does: 'Somebody ran Invoke-CsPoolFailOver for a paired pool: the backup pool serves its users and keeps what they change; its own machines run, and its databases stand still. failing-over: that has not ended. failing-back: nor has the way back. repair is Invoke-CsPoolFailback: what changed meanwhile comes home.',
  subjects: pairedPools,
  apply(bench, fqdn, detail) {
    const pool = poolIn(bench, fqdn)
    const state = states[detail]
    if (pool && state !== undefined) pool.poolState = state
    return null
  },
  repair(bench, fqdn) {
    const pool = poolIn(bench, fqdn)
    if (!pool) return
    delete pool.poolState
    const { here, atPartner } = contactsOf(pool)
    if (pool.newContacts) pool.newContacts = { here: here + atPartner, atPartner: 0 }
  },
}

export const contacts: Break = {
  kind: 'contacts',
  details: ['added'],
  does: 'Each user of the pool adds a contact, where he is served.',
  subjects: ({ world }) => world.pools.filter(({ backEnd }) => backEnd.length > 0).map(({ fqdn }) => fqdn),
  apply(bench, fqdn) {
    const pool = poolIn(bench, fqdn)
    if (!pool) return null
    const { here, atPartner } = contactsOf(pool)
    pool.newContacts = isServedHere(pool) ? { here: here + 1, atPartner } : { here, atPartner: atPartner + 1 }
    return null
  },
  repair(bench, fqdn) {
    delete poolIn(bench, fqdn)?.newContacts
  },
}

function pairedPools({ world }: Bench): string[] {
  return world.pools.filter(({ backupModules }) => backupModules.length > 0).map(({ fqdn }) => fqdn)
}

function poolIn({ world }: Bench, fqdn: string): LabPool | undefined {
  return world.pools.find((pool) => same(pool.fqdn, fqdn))
}

function contactsOf({ newContacts = { here: 0, atPartner: 0 } }: LabPool): NonNullable<LabPool['newContacts']> {
  return newContacts
}
