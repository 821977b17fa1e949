import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemCodes } from '../../src/base/problem-codes.ts'
import { root } from '../tools/generated.ts'

const folder = join(root, 'docs', 'errors')
const pages = readdirSync(folder).filter((name) => name !== 'README.md')

test('every code has a page, and every page a code', () => {
  expect(pages.map((name) => name.replace(/\.md$/, '')).sort()).toEqual(Object.keys(problemCodes).sort())
})

test('codes are in alphabetical order', () => {
  expect(Object.keys(problemCodes)).toEqual(Object.keys(problemCodes).sort())
})

test.each(pages)('%s says what happened, why, and what to do', (name) => {
  const text = readFileSync(join(folder, name), 'utf8')

  expect(text).toMatch(new RegExp(`^# ${name.replace(/\.md$/, '')}\n\n\\S`))
  expect(text).toMatch(/\n## Why\n\n\S[^]*\n## What to do\n\n\S/)
})
