import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import stringWidth from 'string-width'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctorShape } from '../../src/views/doctor.ts'
import { openWard, type Ward } from '../doctor/lab.ts'
import { holdfast } from '../support/terminal.ts'

let ward: Ward
beforeAll(async () => {
  ward = await openWard()
})
afterAll(() => ward[Symbol.asyncDispose]())

const doctor = (...argv: string[]) => holdfast(ward.lab.paths.directory, 'doctor', ...argv)

/** A path is never broken, so that it can be copied: how long one is depends on the machine. */
function tooWide(text: string): string[] {
  return text.split('\n').filter((line) => stringWidth(line) > 80 && line.trim().includes(' '))
}

test('all is well: a table that fits, and exit code 0', async () => {
  const { code, out, err } = await doctor()
  expect(err).toBe('')
  expect(out).toMatch(/^CHECK {2,}TRIED {2,}OK {2,}FAILED {2,}SKIPPED\n/)
  expect(out).toMatch(/^sql-rights {2,}5 {2,}5 {2,}0 {2,}0$/m)
  expect(out).toMatch(/\n\nLEFT OUT {2}sql-restore-rights\nwhy {2}Only a restore needs sysadmin/)
  expect(out).toMatch(/\n\nAll \d+ checks are ok\.\n$/)
  expect(tooWide(out)).toEqual([])
  expect(code).toBe(0)
})

test('something is wrong: what, why, what to do and what was left out, and exit code 1', async () => {
  await ward.break('sql', 'sql05.contoso.com', 'rights-lost')
  const text = await doctor()
  const json = await doctor('--output', 'json')
  const all = await doctor('--all')
  await ward.repair('sql', 'sql05.contoso.com')

  expect(text.code).toBe(1)
  expect(text.out).toContain('\n\nFAILED  sql-rights  sql05.contoso.com\nwhy      The login holdfast lacks ')
  expect(text.out).toContain('\ndo       As an administrator of the instance: ')
  expect(text.out).toContain('\nskipped  1 sql-backup (--all lists them)\n')
  expect(text.out).toMatch(/\n1 of \d+ checks failed \(1 cause\), 1 could not be tried\.\n$/)
  expect([...tooWide(text.out), ...tooWide(all.out)]).toEqual([])
  expect(all.out).toMatch(/^sql-backup\s+sql05\.contoso\.com\s+skipped\n {4}Not tried: sql-rights/m)
  expect(all.out).toMatch(/^sql-clock\s+sql05\.contoso\.com\s+ok\n {4}as this machine$/m)

  expect(json.code).toBe(1)
  const { checks } = doctorShape.parse(json.json())
  const notOk = checks.filter(({ name, outcome }) => outcome !== 'ok' && name !== 'sql-restore-rights')
  expect(notOk.map(({ name, outcome, remedy, because }) => [name, outcome, typeof remedy, because])).toEqual([
    ['sql-rights', 'failed', 'string', undefined],
    ['sql-backup', 'skipped', 'undefined', { name: 'sql-rights', subject: 'sql05.contoso.com' }],
  ])
})

test('as Markdown, for a ticket', async () => {
  await ward.break('cmdlet', 'Export-CsUserData', 'missing')
  const { code, out } = await doctor('--output', 'markdown')
  await ward.repair('cmdlet', 'Export-CsUserData')
  expect(code).toBe(1)
  expect(out).toContain('| CHECK | TRIED | OK | FAILED | SKIPPED |\n')
  expect(out).toContain('FAILED  cmdlet  Export-CsUserData\n- why: ')
})

test('a state store that is none is one of the things told', async () => {
  writeFileSync(join(ward.lab.paths.directory, 'state.db'), 'no database at all'.repeat(100))
  const { code, out } = await doctor()
  expect(code).toBe(1)
  expect(out).toContain('FAILED  state-store  ')
  expect(out).toContain('[state-store-unreadable]')
})
