/** A revision that takes minutes to read by itself: the daemon goes on, says what is wrong, and stops when it is asked. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { smallDeployment } from '../support/desired-files.ts'
import { hostileRevisions } from '../support/hostile-revisions.ts'
import { cli, startCli } from '../support/lab.ts'
import { makeRepository, type Repository } from '../support/repository.ts'
import { until } from '../support/until.ts'

const slow = hostileRevisions.find(({ name }) => name === '4 MB of keys')!
const deep = hostileRevisions.find(({ name }) => name === 'a list in a list, a million times')!
const daemons: ChildProcess[] = []
let folder: string
let config: string
let repository: Repository

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-freeze-'))
  repository = makeRepository(join(folder, 'repository'))
  repository.commit({ 'desired-state/all.yaml': smallDeployment })
  config = join(folder, 'holdfast.yaml')
  const git = { url: repository.folder, branch: 'main', path: 'desired-state' }
  await writeFile(config, stringify({ git, state: './state.db', dns: { servers: ['127.0.0.1:1'] } }))
})
afterEach(() => {
  for (const daemon of daemons) daemon.kill('SIGKILL')
})
afterAll(() => rm(folder, { recursive: true }))

/** A daemon of its own process, once it runs, and what it has logged so far. */
async function startDaemon(): Promise<{ daemon: ChildProcess; logged: () => string }> {
  const daemon = startCli('run', '--config', config)
  daemons.push(daemon)
  let log = ''
  for (const stream of [daemon.stdout, daemon.stderr]) stream?.on('data', (piece: Buffer) => (log += piece.toString()))
  await until(() => Promise.resolve(log.includes('the daemon runs') || undefined))
  return { daemon, logged: () => log }
}

async function stop(daemon: ChildProcess): Promise<unknown> {
  const ended = once(daemon, 'exit')
  daemon.kill('SIGTERM')
  return (await ended)[0]
}

test('the daemon tells it, goes on, and answers SIGTERM, also right after a start with that head', async () => {
  const { daemon, logged } = await startDaemon()
  await until(async () => {
    const { out } = await cli('status', '--config', config, '--output', 'json')
    return out.includes('"reason":"Valid"') || undefined
  })
  const commit = slow.push(repository)
  const line = await until(() =>
    Promise.resolve(
      logged()
        .split('\n')
        .find((one) => one.includes('the newest revision is invalid')),
    ),
  )
  expect(line).toContain(commit)
  expect(line).toContain('the last good one stays in force')
  expect(line.length).toBeLessThan(50_000)
  expect(await stop(daemon)).toBe(0)

  const again = await startDaemon()
  expect(await stop(again.daemon)).toBe(0)
})

test('validate and plan end soon, with exit code 2 and little text', async () => {
  const tree = join(folder, 'tree')
  await mkdir(tree)
  await writeFile(join(tree, 'words.yaml'), '---\na\n'.repeat(690_000))

  const validate = await cli('validate', tree, '--output', 'json')
  const plan = await cli('plan', '--revision', deep.push(repository), '--config', config)

  expect(validate.code).toBe(2)
  expect(JSON.parse(validate.out)).toMatchObject({
    ok: false,
    errors: [{ code: 'desired-state-too-large', file: join(tree, 'words.yaml') }],
  })
  expect(plan.code).toBe(2)
  expect(plan.err).toMatch(/too deeply[^]*\[revision-invalid\]/)
  expect(plan.err.length).toBeLessThan(50_000)
})
