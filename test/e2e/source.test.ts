import { rename } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { git, startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson, StatusJson } from '../support/shapes.ts'

let lab: TestLab

beforeAll(async () => {
  lab = await startLab()
  await lab.holdfast('run', '--once')
})
afterAll(() => lab[Symbol.asyncDispose]())

test('a commit that breaks the YAML is named by file, line and column, and backups go on by the last good revision', async () => {
  const good = (await git(lab.clone, 'rev-parse', 'HEAD')).trim()
  await lab.commit('desired-state/backup/nightly.yaml', (text) =>
    text.replace('  include: all', '  include: all\n  retentoin: {}'),
  )

  const once = await lab.json<{ revision: string }>('run', '--once')

  expect(once).toMatchObject({ code: 3, json: { revision: good } })
  const { json: status } = await lab.json<StatusJson>('status')
  const valid = status.conditions.find(({ type }) => type === 'SourceValid')
  expect(valid).toMatchObject({ status: 'false' })
  expect(valid?.message).toMatch(/desired-state\/backup\/nightly\.yaml:\d+:\d+/)
  const backup = await lab.json<{ set: SetsJson['sets'][number] }>('backup', 'nightly', '--wait')
  expect(backup).toMatchObject({ code: 0, json: { set: { state: 'complete', revision: good, cause: 'manual' } } })
})

test('a commit that mends it is applied', async () => {
  await lab.commit('desired-state/backup/nightly.yaml', (text) => text.replace('\n  retentoin: {}', ''))
  const head = (await git(lab.clone, 'rev-parse', 'HEAD')).trim()

  const once = await lab.json<{ revision: string }>('run', '--once')

  expect(once).toMatchObject({ code: 0, json: { revision: head } })
})

test('a repository that is gone stops no backup, and is told', async () => {
  const repository = (await git(lab.clone, 'config', '--get', 'remote.origin.url')).trim()
  await rename(repository, `${repository}.away`)

  const backup = await lab.json<{ set: SetsJson['sets'][number] }>('backup', 'file-stores', '--wait')

  expect(backup).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
  const { json: status } = await lab.json<StatusJson>('status')
  expect(status.conditions.find(({ type }) => type === 'SourceFresh')).toMatchObject({ status: 'false' })
})
