import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

function lines(pattern: string): number {
  return globSync(pattern, { cwd: source })
    .map((file) => readFileSync(`${source}/${file}`, 'utf8').split('\n').length - 1)
    .reduce((sum, count) => sum + count, 0)
}

test('the lab is at most a third of the code', () => {
  const lab = lines('lab/**/*.ts')
  expect(lab).toBeGreaterThan(0)
  expect(lab / lines('**/*.ts')).toBeLessThanOrEqual(1 / 3)
})
