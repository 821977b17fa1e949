import { expect, it } from 'vitest'
import type { Coverage } from '../../../src/domain/plan.ts'
import { coverage } from '../../../src/plan/findings/coverage.ts'
import { fileStore, policy, pool } from '../../support/desired.ts'
import { publishedAs } from '../../support/observed.ts'
import { healthy, observed, type Change } from './world.ts'

function covered(change: Change): Coverage | null {
  return coverage({ ...healthy, policies: [policy()], ...change.desired }, observed(change))
}
const published = (topology: Partial<typeof healthy>): NonNullable<Change['sights']> => ({
  publishedTopology: { contoso: { signature: 'S-2', topology: publishedAs({ ...healthy, ...topology }) } },
})

// Two pools with users, two databases of monitoring, one share; the Edge pool holds nothing.
it('counts pools, databases and file stores that need a backup', () => {
  expect(covered({})).toEqual({ protected: 5, existing: 5 })
})

it('counts what is published and not in Git, older products aside', () => {
  const pools = [
    ...healthy.pools,
    pool('pool03.contoso.com', 'front-end', { stores: { archiving: healthy.sqlStores[1]! } }),
    pool('med.contoso.com', 'mediation'),
    pool('ocs.contoso.com', 'unsupported'),
  ]
  const fileStores = [...healthy.fileStores, fileStore('\\\\fs02.contoso.com\\Lync')]
  expect(covered({ sights: published({ pools, fileStores }) })).toEqual({ protected: 5, existing: 8 })
})

it('counts a pool as protected only when all of it is in some policy', () => {
  const include = { kinds: ['user-data' as const], pools: [], stores: [] }
  const users = policy('users', { include })
  expect(covered({ desired: { policies: [users] } })).toEqual({ protected: 1, existing: 5 })
  const rest = policy('rest', { include: { kinds: ['response-groups', 'file-store'], pools: [], stores: [] } })
  expect(covered({ desired: { policies: [users, rest] } })).toEqual({ protected: 3, existing: 5 })
})

it('counts Persistent Chat either way', () => {
  const [store] = healthy.sqlStores
  const pools = [pool('chat.contoso.com', 'persistent-chat', { stores: { persistentChat: store! } })]
  for (const persistentChat of ['sql', 'cmdlet'] as const)
    expect(
      covered({ desired: { pools, policies: [policy('nightly', { persistentChat })] }, sights: published({ pools }) }),
    ).toEqual({ protected: 2, existing: 2 })
})

it('is unknown while the published topology is', () => {
  expect(covered({ sights: { publishedTopology: null } })).toBeNull()
})
