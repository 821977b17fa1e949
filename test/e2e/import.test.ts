import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, startLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

const document = join(import.meta.dirname, '..', 'topology', 'fixtures', 'published.xml')

test('a published topology becomes a working deployment, and every item of it stands in a set', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-import-'))
  const tree = join(dir, 'desired-state')

  const imported = await cli('import', document, '--to', tree)
  const validated = await cli('validate', tree)
  await using lab = await startLab(tree)
  const once = await lab.json('run', '--once')
  const { json } = await lab.json<SetsJson>('sets')

  expect(imported.code, imported.err).toBe(0)
  expect(validated.code, validated.out + validated.err).toBe(0)
  expect(once.code, once.err).toBe(0)
  expect(json.sets.map(({ state }) => state)).toEqual(['complete'])
  // Listed by hand: two pools with users, Response Group on pool01 only, archiving and monitoring on sql01, two shares.
  expect(json.sets[0]?.items.map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual(
    [
      'configuration hamburg',
      'location-information hamburg',
      'directory-record hamburg',
      'environment hamburg',
      'user-data se01.fabrikam.example',
      'user-data pool01.fabrikam.example',
      'response-groups pool01.fabrikam.example',
      'sql-database sql01.fabrikam.example\\rtc/LcsLog',
      'sql-database sql01.fabrikam.example\\rtc/LcsCDR',
      'sql-database sql01.fabrikam.example\\rtc/QoEMetrics',
      'file-store \\\\se01.fabrikam.example\\lyncse',
      'file-store \\\\fs01.fabrikam.example\\lyncee',
    ].sort(),
  )
  await rm(dir, { recursive: true })
})
