import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateAll, root } from '../tools/generated.ts'

test('every generated file is as the code would make it now', async () => {
  const all = await generateAll()
  const stale = [...all]
    .filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text)
    .map(([path]) => path)

  expect(stale, 'run "npm run generate" and commit what it writes').toEqual([])
})
