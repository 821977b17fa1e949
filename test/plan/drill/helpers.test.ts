import { expect, it } from 'vitest'
import { knownSteps } from '../../../src/domain/procedures/procedures.ts'
import { helpersByRow, helpersOf } from '../../../src/plan/drill/helpers.ts'
import { lostNow } from '../../../src/plan/recovery/lost-now.ts'
import { contoso } from '../../support/contoso.ts'
import { Watch } from '../../support/watch.ts'

it('names rows that procedures have', () => {
  expect(Object.keys(helpersByRow).filter((id) => !knownSteps.has(id))).toEqual([])
})

it('of each row: who lives on and is needed, and nobody who is lost', async () => {
  const desired = await contoso()
  const watch = new Watch(desired)
  watch.after(60)
  const { observed, known: memory, last: plan, now } = watch
  const ground = lostNow({ desired, observed: observed!, memory, plan, now, sets: [] })
  const helpers = (lost: string): Record<string, string[]> => {
    const found = ground.lost([lost])
    return Object.fromEntries(
      (found?.rows ?? []).flatMap((row) => {
        const machines = helpersOf(row, found!, desired)
        return machines.length > 0 ? [[row.id, machines]] : []
      }),
    )
  }
  const partner = ['fe11', 'fe12', 'fe13', 'sql11', 'sql12'].map((host) => `${host}.contoso.com`)
  expect(helpers('pool01.contoso.com')).toEqual({
    'fail-over-central-management': partner,
    're-point-edge': partner,
    'fail-over-pool': partner,
    'fail-back-pool': partner,
  })
  // One partner of the mirror: the other one holds the data.
  expect(helpers('sql13.contoso.com')).toMatchObject({ 'create-mirror': ['sql03.contoso.com'] })
  expect(helpers('med01.contoso.com')).toEqual({})
})
