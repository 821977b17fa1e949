import { expect, test } from 'vitest'
import { readYaml } from '../../src/base/yaml.ts'

test('tells where each value of each document stands', () => {
  const [first, second] = readYaml('a.yaml', 'kind: Pool\n---\nspec:\n  servers:\n    - fe01\n    - fe02\n')

  expect(first?.value).toEqual({ kind: 'Pool' })
  expect(second?.at(['spec', 'servers', 1])).toEqual({ file: 'a.yaml', line: 6, column: 7 })
  expect(second?.at(['spec', 'servers', 9, 'x'])).toEqual({ file: 'a.yaml', line: 5, column: 5 })
})

test.each([
  ['a duplicate key', 'a: 1\na: 2\n', 2],
  ['a broken line', 'a: 1\nb: [1, 2\nc: 3\n', 3],
  ['an alias bomb', bomb(), 1],
])('%s is an error with its place, and no value', (_name, text, line) => {
  const [document] = readYaml('a.yaml', text)

  expect(document?.value).toBeUndefined()
  expect(document?.errors[0]).toMatchObject({ file: 'a.yaml', line })
})

function bomb(): string {
  const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 8; i++)
    rows.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  return rows.join('\n')
}
