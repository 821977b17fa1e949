/** Who may push replaces the history of the branch by another one that is valid: it is applied, and not in silence. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Reason } from '../../src/plan/verdict/reasons.ts'
import { verdictOf } from '../../src/plan/verdict/verdict.ts'
import { startDaemon } from '../../src/reconcile/daemon.ts'
import { openStore } from '../../src/store/store.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { makeRepository, type Repository } from '../support/repository.ts'

const { signal } = new AbortController()
let folder: string
let config: string
let repository: Repository

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-rewrite-'))
  repository = makeRepository(join(folder, 'repository'))
  config = join(folder, 'holdfast.yaml')
  const git = { url: repository.folder, branch: 'main', path: 'desired-state' }
  await writeFile(config, stringify({ git, state: './state.db', dns: { servers: ['127.0.0.1:1'] } }))
})
afterAll(() => rm(folder, { recursive: true }))

/** A daemon that starts, passes and ends: which revision is in force, and what the verdict says of its history. */
async function applied(): Promise<{ revision: string; reasons: readonly Reason[] }> {
  const log = createLog({ write: () => {} }, 'silent')
  const options = { clock: systemClock, random: systemRandom, log }
  await using daemon = await startDaemon(await readConfig(config), options)
  const { revision, snapshot } = await daemon.untilIdle({ wanted: () => false, looks: 'locations', signal })
  const { reasons } = verdictOf(snapshot, { running: true, lastPassAt: snapshot.now })
  return { revision, reasons: reasons.filter(({ code }) => code === 'history-rewritten') }
}

function journalled(): string[] {
  using store = openStore(join(folder, 'state.db'), 'read', systemClock)
  return store.journal.list({ limit: 1000 }).map(({ type, message }) => `${type} ${message}`)
}

const suspension = stringify({
  ...{ apiVersion: 'holdfast/v1', kind: 'Suspension', metadata: { name: 'meant' } },
  spec: {
    ...{ subjects: ['contoso'], findings: ['history-rewritten'], reason: 'Agreed' },
    until: new Date(Date.now() + 86_400_000).toISOString(),
  },
})

test('an orphan pushed with force, which brings its own excuse, is told until somebody acknowledges it afterwards', async () => {
  const before = repository.commit({ 'desired-state/all.yaml': smallDeployment })
  expect(await applied()).toEqual({ revision: before, reasons: [] })

  repository.git('checkout', '--quiet', '--orphan', 'other')
  repository.git('branch', '--delete', '--force', 'main')
  repository.git('branch', '--move', 'main')
  const after = repository.commit({ 'desired-state/excuse.yaml': suspension })
  expect(await applied()).toMatchObject({ revision: after, reasons: [{ subject: 'contoso' }] })
  expect(journalled()).toContainEqual(expect.stringMatching(/^finding-opened history-rewritten: /))
  expect(journalled()).toContainEqual(expect.stringMatching(/^revision-applied .*, which it does not descend from$/))

  const next = repository.commit({ 'desired-state/excuse.yaml': null, 'desired-state/note.yaml': '# a note\n' })
  expect(await applied()).toMatchObject({ revision: next, reasons: [{ subject: 'contoso' }] })

  const acknowledged = repository.commit({ 'desired-state/meant.yaml': suspension })
  expect(await applied()).toEqual({ revision: acknowledged, reasons: [] })
  const last = repository.commit({ 'desired-state/meant.yaml': null })
  expect(await applied()).toEqual({ revision: last, reasons: [] })
})
