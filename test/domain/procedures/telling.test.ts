import { expect, test } from 'vitest'
import { uncPath } from '../../../src/domain/backup-set.ts'
import { losable } from '../../../src/domain/loss/losable.ts'
import { toldRows } from '../../../src/domain/procedures/telling.ts'
import { languageOf } from '../../../src/domain/restore-commands.ts'
import { contoso } from '../../support/contoso.ts'
import { cases, rowsOfCase } from './cases.ts'

test('every row of every case is told, numbered in order, with what comes before it', () => {
  for (const one of cases) {
    const rows = rowsOfCase(one)
    const told = toldRows(rows.map((row) => ({ ...row, branch: row.in })))
    expect(told[0]?.number).toBe(rows.length === 0 ? undefined : 1)
    expect(told.map(({ number }) => number)).toEqual(told.map(({ number }) => number).toSorted((a, b) => a - b))
    expect(told.some(({ after }) => after === 'After step 0.')).toBe(false)
    expect(told.filter(({ forks }) => forks.length > 0)).toHaveLength(rows.filter(({ branches }) => branches).length)
  }
})

test('the language of a command', () => {
  expect(['robocopy "a" "b"', 'USE master;', 'Enable-CsTopology'].map(languageOf)).toEqual(['bat', 'sql', 'powershell'])
})

test('what can be lost by name, and where a file of a set is', async () => {
  const names = losable(await contoso())
  expect(names).toContain('pool01.contoso.com')
  expect(names).toContain('sql05.contoso.com/LcsCDR')
  expect(uncPath({ unc: String.raw`\\b\s` }, 'data/x')).toBe(String.raw`\\b\s\data\x`)
})
