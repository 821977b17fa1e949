import { rename } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RestoreView } from '../../src/views/restore.ts'
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

const server = 'sql05.contoso.com'
const database = `${server}/LcsCDR`
const recovery = `apiVersion: holdfast/v1
kind: Recovery
metadata: { name: july }
spec: { server: ${database}, scenario: archiving-monitoring, run: holdfast }
`

test('a repository that is gone stops no backup, and is told', async () => {
  await lab.commit(
    'desired-state/deployment.yaml',
    (text) => `${text.replace('grace: 1m', 'grace: 0s')}\n---\n${recovery}`,
  )
  await lab.break('database', database, 'lost')
  await lab.holdfast('run', '--once')
  const repository = (await git(lab.clone, 'config', '--get', 'remote.origin.url')).trim()
  await rename(repository, `${repository}.away`)

  const backup = await lab.json<{ set: SetsJson['sets'][number] }>('backup', 'file-stores', '--wait')

  expect(backup).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
  const { json: status } = await lab.json<StatusJson>('status')
  expect(status.conditions.find(({ type }) => type === 'SourceFresh')).toMatchObject({ status: 'false' })
})

test('by the last good revision runbook and restore print every command, and say that nothing will be run', async () => {
  const words = async (...argv: string[]): Promise<string> => (await lab.holdfast(...argv)).out.replaceAll(/\s+/g, ' ')
  for (const argv of [
    ['runbook', database],
    ['restore', database, '--dry-run'],
  ]) {
    expect(await words(...argv)).toMatch(/Git cannot be read, so nothing will be run: .*\[source-/)
    expect(await words(...argv)).toContain("RESTORE DATABASE [LcsCDR] FROM DISK = N'")
  }
  const { json } = await lab.json<RestoreView>('restore', database, '--dry-run')
  expect(json.refused.map(({ gate }) => gate)).toContain('git-out-of-sight')
  expect(json.recovery).toBe('july')
  const { code, err } = await lab.holdfast('restore', database)
  expect([code, err]).toEqual([4, expect.stringContaining('Git cannot be read')])
  expect(await words('runbook', 'se01.contoso.com')).toContain('so nothing will be run')
})
