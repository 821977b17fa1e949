import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imports } from '../../../src/act/restore/imports.ts'
import { restoreBench, type RestoreBench } from './lab-sets.ts'

let bench: RestoreBench
beforeAll(async () => {
  bench = await restoreBench(6)
})
afterAll(() => bench[Symbol.asyncDispose]())

test('an import that hangs is ended at the deadline; nothing of it stays, and it may be run again', async () => {
  const item = { kind: 'configuration', subject: 'contoso' } as const
  const context = await bench.setOf(item, 'export-configuration', {}, { elements: 1 })
  await bench.break('cmdlet', 'Import-CsConfiguration', 'hangs')
  await expect(imports.configuration.restore(item, context)).rejects.toMatchObject({ code: 'shell-deadline' })
  expect(readdirSync(bench.scratch)).toEqual([])
  await bench.repair('cmdlet', 'Import-CsConfiguration')
  await imports.configuration.restore(item, context)
})
