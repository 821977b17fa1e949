/** The table of faults is true: each test that it names is there, and each fault has a row, or is named as open. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** How many there were in each group of the report. */
const reported: Readonly<Record<string, number>> = { A: 19, B: 9, C: 4, D: 5, E: 10, F: 9, G: 8, S: 26 }

const root = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(root, 'test', 'faults.md'), 'utf8')
const open = text.slice(text.indexOf('\n## Open\n'))
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))

function faultsIn(part: string): string[] {
  return [...part.matchAll(/\b[A-GS]\d+\b/g)].map(([name]) => name)
}

/** `test/attacks: one, two` names two of one folder. */
function testsIn(cell: string): string[] {
  return cell.split(';').flatMap((part) => {
    const [, folder, names] = /^ *(test\/[\w/-]+): (.+)$/.exec(part) ?? []
    if (folder !== undefined) return (names ?? '').split(',').map((name) => `${folder}/${name.trim()}`)
    return [...part.matchAll(/test\/[\w/-]+/g)].map(([name]) => name)
  })
}

test('each fault that was reported has a row, or is named as open', () => {
  const told = new Set([...rows.flatMap(([, faults = '']) => faultsIn(faults)), ...faultsIn(open)])
  const all = Object.entries(reported).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
  )
  expect(all.filter((fault) => !told.has(fault))).toEqual([])
})

test('nothing that is open has a row', () => {
  const closed = new Set(rows.flatMap(([, faults = '']) => faultsIn(faults)))
  expect(faultsIn(open).filter((fault) => closed.has(fault))).toEqual([])
})

test.each(rows.map(([, faults = '', tests = '']) => ({ faults, tests })))(
  '$faults: its tests are there',
  ({ tests }) => {
    const named = testsIn(tests)
    expect(named).not.toEqual([])
    const isThere = (name: string): boolean =>
      existsSync(join(root, `${name}.test.ts`)) ||
      (existsSync(join(root, name)) && statSync(join(root, name)).isDirectory())
    expect(named.filter((name) => !isThere(name))).toEqual([])
  },
)
