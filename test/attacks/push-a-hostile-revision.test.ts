/** Who may push commits what is slow, large or endless to read: it is told as a fault, soon, and nothing waits for it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { openSource, type Source } from '../../src/desired/source.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { hostileRevisions } from '../support/hostile-revisions.ts'
import { makeRepository, type Repository } from '../support/repository.ts'

const lines: string[] = []
let folder: string
let repository: Repository
let good: string
let source: Source

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-hostile-'))
  repository = makeRepository(join(folder, 'repository'))
  good = repository.commit({ 'desired-state/all.yaml': smallDeployment })
  const config = {
    state: join(folder, 'state.db'),
    git: {
      ...{ url: repository.folder, branch: 'main', path: 'desired-state', intervalSeconds: 60 },
      ...{ login: null, ca: null, ssh: null },
    },
  }
  source = await openSource(config, null, systemClock, createLog({ write: (line) => lines.push(line) }, 'debug'))
  await source.refresh()
})
afterAll(async () => {
  await source[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test.each(hostileRevisions)('$name: a fault of the head, and the last good revision stays', async (hostile) => {
  const commit = hostile.push(repository)
  lines.length = 0

  await source.refresh()

  const fact = source.fact()
  expect(fact).toMatchObject({ known: true, value: { head: commit, lastGood: good, unreachable: null } })
  if (!fact.known) return
  const { invalid } = fact.value
  expect(invalid[0]).toMatchObject({ code: hostile.code, message: expect.stringMatching(hostile.message) as string })
  // However many there are: what is told, logged and kept of it is small.
  expect(invalid.length).toBeLessThanOrEqual(101)
  expect(invalid.length === 101).toBe(invalid.at(-1)?.code === 'faults-left-out')
  expect(lines.join('').length).toBeLessThan(100_000)
})
