import { beforeAll, expect, test } from 'vitest'
import type { Desired } from '../../../src/domain/model.ts'
import { lostItems } from '../../../src/plan/loss/lost-items.ts'
import { contoso } from '../../support/contoso.ts'
import { wipe } from '../../support/servers.ts'
import { Watch } from '../../support/watch.ts'

let desired: Desired
beforeAll(async () => {
  desired = await contoso()
})

function lost({ observed, known, last, now }: Watch): ReadonlyMap<string, string> {
  return lostItems({ desired, observed: observed!, memory: known, plan: last, now })
}
const ofServer = (watch: Watch): string[] => [...lost(watch).keys()].filter((key) => key.includes('se01')).sort()

test('nothing is lost of a healthy deployment', () => {
  expect(lost(new Watch(desired)).size).toBe(0)
})

test('fault A19: what lives on a server is lost from the first sight of its wipe until its flag has closed', () => {
  const watch = new Watch(desired)
  wipe(watch.world, 'se01.contoso.com')
  watch.after(60)
  expect(watch.last.flags).toEqual([])
  const before = ofServer(watch)
  expect(before.join()).toMatch(/user-data/)
  watch.after(3600)
  expect(watch.last.flags.map(({ subject }) => subject)).toEqual(['se01.contoso.com'])
  expect(ofServer(watch)).toEqual(before)
  expect([...lost(watch).values()][0]).toMatch(
    /^Taken while se01\.contoso\.com was flagged for a rebuild, since \d{4}-/,
  )
})

test('a member server that holds none of the data of its pool does not touch the exports of the pool', () => {
  const watch = new Watch(desired).off('fe01')
  watch.after(3600)
  expect(watch.last.flags.map(({ subject }) => subject)).toEqual(['fe01.contoso.com'])
  expect([...lost(watch).keys()]).toEqual([])
})
