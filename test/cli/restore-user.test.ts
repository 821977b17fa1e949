/** Which copy of a user the Recovery to commit names. */
import { expect, test } from 'vitest'
import { chosenCopy } from '../../src/cli/restore-user.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'

const copy = (id: string, pool: string) => ({
  set: { id } as BackupSet,
  pool,
  content: { contacts: [], conferences: [] },
})
const [east, west] = ['east.contoso.com', 'west.contoso.com']

test('the newest, or that of the pool that is named', () => {
  const copies = [copy('nightly/3', west), copy('nightly/2', east), copy('nightly/1', west)]
  expect(chosenCopy('jane@contoso.com', copies, undefined, 3)).toBe(copies[0])
  expect(chosenCopy('jane@contoso.com', copies, 'EAST.contoso.com', 3)).toBe(copies[1])
})

test('who is in two pools of one set is chosen by a person', () => {
  const copies = [copy('nightly/3', west), copy('nightly/3', east)]
  expect(() => chosenCopy('jane@contoso.com', copies, undefined, 1)).toThrow(
    `nightly/3 holds this user in ${west} and in ${east}.`,
  )
  expect(chosenCopy('jane@contoso.com', copies, east, 1)).toBe(copies[1])
})

test('who is in none is told how many were read', () => {
  expect(() => chosenCopy('jane@contoso.com', [], undefined, 7)).toThrow('None of the 7 sets')
  expect(() => chosenCopy('jane@contoso.com', [copy('nightly/3', west)], east, 7)).toThrow(`this user in ${east}.`)
})
