import { execFileSync, type ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock, type Clock } from '../../src/base/clock.ts'
import { createLog, registerSecret } from '../../src/base/log.ts'
import type { Config } from '../../src/config/config.ts'
import { nothingValid } from '../../src/desired/nothing-valid.ts'
import { openSource, type Source } from '../../src/desired/source.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { alive, processesNaming, silentServer } from '../support/processes.ts'
import { makeRepository, type Repository } from '../support/repository.ts'
import { TestClock } from '../support/test-clock.ts'
import { patience } from '../support/until.ts'

const lines: string[] = []
const log = createLog({ write: (line) => lines.push(line) }, 'debug')
const deployment = { 'desired-state/all.yaml': smallDeployment }
const broken = { 'desired-state/all.yaml': smallDeployment.replace('location: backup01', 'location: backup02') }

let folder: string
let repository: Repository
let opened: Source[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-source-'))
  repository = makeRepository(join(folder, 'repository'))
  opened = []
  lines.length = 0
})

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const source of opened) await source[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function open(git: Partial<Config['git']> = {}, lastGood: string | null = null, clock: Clock = systemClock) {
  const config = {
    state: join(folder, 'state.db'),
    git: {
      ...{ url: repository.folder, branch: 'main', path: 'desired-state', intervalSeconds: 60 },
      ...{ login: null, ca: null, ssh: null, ...git },
    },
  }
  const source = await openSource(config, lastGood, clock, log)
  opened.push(source)
  return source
}

function valueOf(source: Source) {
  const fact = source.fact()
  if (!fact.known) throw new Error(fact.error)
  return fact.value
}

test('reads the head of the branch, below the path only, without links and hidden files', async () => {
  const revision = repository.commit({
    ...deployment,
    'elsewhere/broken.yaml': 'a: [',
    'desired-state/.hidden/broken.yaml': 'a: [',
    'desired-state/README.md': 'not yaml',
    'desired-state/ünï 1.yml': '# nothing but a comment\n',
  })
  symlinkSync('all.yaml', join(repository.folder, 'desired-state', 'link.yaml'))
  const withLink = repository.commit({})
  const source = await open()
  expect(source.lastGood()).toBeNull()

  await source.refresh()

  expect(withLink).not.toBe(revision)
  expect(source.lastGood()?.pools.map(({ fqdn }) => fqdn)).toEqual(['se01.contoso.com'])
  expect(source.fact()).toMatchObject({ subject: 'contoso', known: true })
  expect(valueOf(source)).toMatchObject({ head: withLink, lastGood: withLink, unreachable: null, invalid: [] })
})

test('keeps the last good revision under an invalid head, tells file:line:column, and goes on with the next good one', async () => {
  const good = repository.commit(deployment)
  const source = await open()
  await source.refresh()
  const bad = repository.commit(broken)
  await source.refresh()

  expect(valueOf(source)).toMatchObject({ head: bad, lastGood: good })
  expect(valueOf(source).invalid).toEqual([
    {
      code: 'reference-dangling',
      message:
        'desired-state/all.yaml:40:19: BackupPolicy nightly names backup02, but there is no BackupLocation of that name.',
    },
  ])
  expect(lines.join('')).toContain('the newest revision is invalid; the last good one stays in force')
  expect(source.lastGood()?.revision).toBe(good)

  const mended = repository.commit(deployment)
  await source.refresh()

  expect(valueOf(source)).toMatchObject({ head: mended, lastGood: mended, invalid: [] })
})

test('a restart reads the revision last applied once, when it is still the head', async () => {
  const revision = repository.commit(deployment)
  await (await open()).refresh()
  const listed: string[] = []
  const note = (message: unknown): void => {
    const { process } = message as { process: ChildProcess }
    queueMicrotask(() => listed.push(...process.spawnargs.filter((word) => word === 'ls-tree')))
  }
  subscribe('child_process', note)
  const source = await open({}, revision)
  await source.refresh()
  unsubscribe('child_process', note)

  expect(listed).toHaveLength(1)
  expect(valueOf(source)).toMatchObject({ head: revision, lastGood: revision, invalid: [] })
  expect((await source.at('HEAD')).ok).toBe(true)
})

test('a restart goes on with the revision last applied, without Git and although no branch leads to it any more', async () => {
  const good = repository.commit(deployment)
  const source = await open()
  await source.refresh()
  repository.git('checkout', '--quiet', '--orphan', 'other')
  repository.git('branch', '--delete', '--force', 'main')
  repository.git('branch', '--move', 'main')
  const unrelated = repository.commit(broken)
  await source.refresh()
  expect(valueOf(source)).toMatchObject({ head: unrelated, rewritten: { from: good, to: unrelated } })
  rmSync(repository.folder, { recursive: true })

  const again = await open({}, good)
  await again.refresh()

  expect(again.lastGood()?.revision).toBe(good)
  expect(valueOf(again).unreachable).toMatchObject({
    code: 'source-not-found',
    message: expect.stringContaining('does not appear to be a git repository') as string,
  })
})

/** Another history with a valid desired state, as `git push --force` brings it. */
function rewrite(files: Readonly<Record<string, string>> = deployment): string {
  repository.git('checkout', '--quiet', '--orphan', 'other')
  repository.git('branch', '--delete', '--force', 'main')
  repository.git('branch', '--move', 'main')
  return repository.commit({ ...files, 'desired-state/note.yaml': '# written anew\n' })
}

test('a rewritten history is applied and told, over restarts and further commits, until it is acknowledged', async () => {
  const from = repository.commit(deployment)
  const source = await open()
  await source.refresh()
  expect(valueOf(source).rewritten).toBeNull()
  const to = rewrite()
  await source.refresh()
  expect(valueOf(source)).toMatchObject({ head: to, lastGood: to, invalid: [], rewritten: { from, to } })

  const next = repository.commit({ 'desired-state/more.yaml': '# more\n' })
  const again = await open({}, to)
  expect(valueOf(again).rewritten).toEqual({ from, to })
  await again.refresh()
  expect(valueOf(again)).toMatchObject({ lastGood: next, rewritten: { from, to } })

  again.acknowledgeRewriting()
  await again.refresh()
  expect(valueOf(again).rewritten).toBeNull()
  repository.commit({ 'desired-state/more.yaml': '# and more\n' })
  await again.refresh()
  expect(valueOf(again).rewritten).toBeNull()
  expect(valueOf(await open({}, next)).rewritten).toBeNull()
})

test('a history that is pushed back as it was is no longer a rewritten one', async () => {
  const from = repository.commit(deployment)
  const source = await open()
  await source.refresh()
  rewrite(broken)
  await source.refresh()
  expect(valueOf(source)).toMatchObject({ lastGood: from, rewritten: { from } })
  rewrite()
  await source.refresh()
  expect(valueOf(source)).toMatchObject({ rewritten: { from } })

  repository.git('reset', '--quiet', '--hard', from)
  await source.refresh()

  expect(valueOf(source)).toMatchObject({ lastGood: from, rewritten: null })
  expect(valueOf(await open({}, from)).rewritten).toBeNull()
})

test('a branch that is reset to an earlier commit is rewritten too', async () => {
  const to = repository.commit(deployment)
  const from = repository.commit({ 'desired-state/more.yaml': '# more\n' })
  const source = await open()
  await source.refresh()
  repository.git('reset', '--quiet', '--hard', to)

  await source.refresh()

  expect(valueOf(source)).toMatchObject({ lastGood: to, rewritten: { from, to } })
})

test('a repository that goes away and comes back', async () => {
  const good = repository.commit(deployment)
  const source = await open()
  await source.refresh()
  renameSync(repository.folder, `${repository.folder}-away`)
  await source.refresh()
  expect(valueOf(source)).toMatchObject({ head: good, lastGood: good })
  expect(valueOf(source).unreachable).not.toBeNull()
  expect(source.lastGood()?.revision).toBe(good)

  renameSync(`${repository.folder}-away`, repository.folder)
  await source.refresh()

  expect(valueOf(source).unreachable).toBeNull()
})

test.each([
  ['a missing branch', { branch: 'production' }, 'source-branch-missing', /no branch production; it has main/],
  ['an empty repository', { url: 'empty' }, 'source-empty', /empty: it has no branch/],
  ['a folder that is not a repository', { url: 'nothing' }, 'source-not-found', /not appear to be a git repository/],
])('%s is told', async (_name, git, code, message) => {
  repository.commit(deployment)
  makeRepository(join(folder, 'empty'))
  const source = await open({ ...git, ...('url' in git ? { url: join(folder, git.url) } : {}) })

  await source.refresh()

  expect(valueOf(source).unreachable).toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
    hint: expect.stringMatching(/\w{3}/) as string,
  })
  expect(source.lastGood()).toBeNull()
  expect(nothingValid(source.fact(), 'here').code).toBe(code)
})

test.each(['desired', 'desired-stat', 'desired-state/all.yaml'])(
  'a path that the revision does not have (%s) is told as such, and nobody takes it for an empty wish',
  async (path) => {
    repository.commit(deployment)
    const source = await open({ path })

    await source.refresh()

    expect(valueOf(source).invalid).toEqual([
      { code: 'source-path-missing', message: `${path}:1:1: The revision has no folder of that name.` },
    ])
    expect(lines.join('')).not.toContain('stays in force')
    const problem = nothingValid(source.fact(), 'here')
    expect(problem.code).toBe('source-path-missing')
    expect(problem.message).toMatch(/^No valid desired state was ever read/)
  },
)

test('a folder without a resource is invalid, and is not told as a missing one', async () => {
  repository.commit({ 'desired-state/README.md': 'not yaml' })
  const source = await open()

  await source.refresh()

  expect(valueOf(source).invalid).toMatchObject([{ code: 'desired-state-empty' }])
  expect(nothingValid(source.fact(), 'here').code).toBe('desired-state-invalid')
})

test('reads any commit by name: branch, tag, short hash, parent', async () => {
  const first = repository.commit(deployment)
  repository.git('tag', 'v1')
  repository.git('branch', 'proposal')
  const second = repository.commit({ 'desired-state/note.yaml': '# note\n' })
  const source = await open()
  await source.refresh()

  for (const name of ['v1', 'proposal', 'HEAD~1', first.slice(0, 8), first])
    expect(await source.at(name)).toMatchObject({ ok: true, revision: first })
  expect(await source.at('main')).toMatchObject({ revision: second })
  const later = repository.commit(broken)
  expect(await source.at(later)).toMatchObject({ ok: false, revision: later })
  for (const name of ['no-such', '--output=/etc/passwd', '-h', 'a b', 'HEAD~100'])
    await expect(source.at(name)).rejects.toMatchObject({ code: 'revision-unknown' })
})

test('since goes on while nothing changes', async () => {
  repository.commit(deployment)
  const clock = new TestClock('2026-11-21T00:00:00.000Z')
  const source = await open({}, null, clock)
  await source.refresh()
  clock.jump(60)
  await source.refresh()

  expect(source.fact()).toMatchObject({ since: '2026-11-21T00:00:00.000Z', at: '2026-11-21T00:01:00.000Z' })
  expect(valueOf(source).fetchedAt).toBe('2026-11-21T00:01:00.000Z')
})

test('a commit to a local repository wakes within a second, whether bare or not', async () => {
  repository.commit(deployment)
  const bare = join(folder, 'bare.git')
  execFileSync('git', ['clone', '--quiet', '--bare', repository.folder, bare])
  for (const url of [repository.folder, bare]) {
    const source = await open({ url })
    await source.refresh()
    const woken = new Promise<void>((resolve) => {
      source.watch(resolve)
    })
    const revision = repository.commit({ 'desired-state/note.yaml': `# ${url}\n` })
    if (url === bare) repository.git('push', '--quiet', bare, 'main')
    await woken
    expect(valueOf(source).head).toBe(revision)
    await source[Symbol.asyncDispose]()
  }
})

test('a remote repository is asked by interval with jitter', async () => {
  repository.commit(deployment)
  const clock = new TestClock('2026-11-21T00:00:00.000Z')
  const source = await open({ url: 'https://127.0.0.1:1/none.git' }, null, clock)
  let woken = 0
  source.watch(() => woken++)
  await clock.advance(53)
  expect(woken).toBe(0)

  await clock.advance(14)

  await vi.waitFor(() => {
    expect(woken).toBe(1)
  }, patience)
  expect(valueOf(source).unreachable).toMatchObject({
    code: 'source-refused',
    message: expect.stringContaining('127.0.0.1') as string,
  })
})

test('a server that never answers is told after 5 s, given up after 20 s, and no process stays behind', async () => {
  using server = silentServer()
  const { port } = await server.listening
  const clock = new TestClock('2026-11-21T00:00:00.000Z')
  const source = await open({ url: `https://127.0.0.1:${port}/x.git` }, null, clock)
  const refreshed = source.refresh()
  await server.connected

  await clock.advance(4)
  expect(lines).toEqual([])
  await clock.advance(1)
  expect(lines.join('')).toContain('the repository has not answered for 5 s')
  await clock.advance(15)
  await clock.advance(3)
  await refreshed

  expect(valueOf(source).unreachable).toMatchObject({
    code: 'source-timeout',
    message: 'git fetch heard nothing for 20 seconds and was stopped.',
  })
  expect([...processesNaming(folder), ...processesNaming(`127.0.0.1:${port}`)]).toEqual([])
  const told = lines.length
  const again = source.refresh()
  await vi.waitFor(() => {
    expect(processesNaming(`127.0.0.1:${port}`)).not.toEqual([])
  }, patience)
  await clock.advance(20)
  await clock.advance(3)
  await again
  expect(lines.slice(told)).toEqual([])
})

test('closing while Git hangs ends it with its children, even if it ignores being asked', async () => {
  repository.commit(deployment)
  const clock = new TestClock('2026-11-21T00:00:00.000Z')
  const source = await open({}, null, clock)
  const pids = join(folder, 'pids')
  useFakeGit(`trap '' TERM INT; sleep 1000 & echo "$$ $!" >> ${pids}.tmp; mv ${pids}.tmp ${pids}; wait; wait`)
  const refreshed = source.refresh()
  const [parent, child] = await vi.waitFor(() => readFileSync(pids, 'utf8').trim().split(' ').map(Number), patience)

  const closed = source[Symbol.asyncDispose]()
  await clock.advance(3)
  await Promise.all([closed, refreshed])

  expect([alive(parent), alive(child)]).toEqual([false, false])
})

test('a lock that a killed process left is removed once it is old', async () => {
  repository.commit(deployment)
  const source = await open()
  await source.refresh()
  const lock = join(folder, 'state.db.mirror', 'refs', 'heads', 'main.lock')
  writeFileSync(lock, '')
  execFileSync('touch', ['--date', '1 hour ago', lock])
  const next = repository.commit({ 'desired-state/note.yaml': '# note\n' })

  await source.refresh()
  await source.refresh()

  expect(valueOf(source)).toMatchObject({ head: next, unreachable: null })
})

test('an ssh address goes through ssh, which must not ask anything', async () => {
  const revision = repository.commit(deployment)
  const ssh = join(folder, 'ssh')
  writeFileSync(ssh, `#!/bin/sh\necho "$@" >> ${folder}/asked\nfor last; do :; done\nexec sh -c "$last"\n`)
  chmodSync(ssh, 0o755)
  vi.stubEnv('GIT_SSH_COMMAND', ssh)
  const source = await open({ url: `backup@git.contoso.com:${repository.folder}` })

  await source.refresh()

  expect(valueOf(source)).toMatchObject({ head: revision, unreachable: null })
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toContain("backup@git.contoso.com git-upload-pack '")
})

test('an editor, a pager and a repository of the caller do not matter: npm and hooks set them', async () => {
  const revision = repository.commit(deployment)
  for (const name of ['EDITOR', 'VISUAL', 'PAGER', 'PREFIX', 'SSH_ASKPASS', 'GIT_EDITOR', 'GIT_DIR', 'GIT_INDEX_FILE'])
    vi.stubEnv(name, join(folder, 'elsewhere'))
  const source = await open()

  await source.refresh()

  expect(valueOf(source)).toMatchObject({ head: revision, unreachable: null })
})

test('a machine without Git is told', async () => {
  repository.commit(deployment)
  const source = await open()
  vi.stubEnv('PATH', join(folder, 'nothing'))
  await source.refresh()

  expect(valueOf(source).unreachable).toMatchObject({
    code: 'git-missing',
    hint: expect.stringContaining('Install Git') as string,
  })
  rmSync(join(folder, 'state.db.mirror'), { recursive: true })
  await expect(open()).rejects.toMatchObject({ code: 'git-missing' })
})

test('a copy that cannot be made or read is told with its folder', async () => {
  repository.commit(deployment)
  const mirror = join(folder, 'state.db.mirror')
  writeFileSync(mirror, 'a file')
  await expect(open()).rejects.toMatchObject({ code: 'source-copy-unusable', subject: mirror })
  rmSync(mirror)
  const source = await open()
  await source.refresh()
  rmSync(join(mirror, 'objects'), { recursive: true })
  await source.refresh()

  expect(valueOf(source).unreachable).toMatchObject({ code: 'source-copy-unusable' })
})

function useFakeGit(script: string): void {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, 'git'), 0o755)
  vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`)
}

test('tells who last changed the file of an open Recovery, whoever made the revision', async () => {
  const recovery = (name: string, more: string): string =>
    `apiVersion: holdfast/v1\nkind: Recovery\nmetadata: { name: ${name} }\nspec: { server: se01.contoso.com, scenario: standard-edition${more} }\n`
  const over = ', finished: { by: Jane, at: 2026-03-10T12:00:00Z }'
  repository.commit({
    ...deployment,
    'desired-state/recoveries/[se01].yaml': recovery('open', ''),
    'desired-state/recoveries/over.yaml': recovery('over', over),
  })
  repository.git('commit', '--amend', '--quiet', '--author', 'Ada Smith <ada@contoso.com>', '--no-edit')
  repository.commit({ 'README.md': 'Something else.' })
  const source = await open()
  await source.refresh()

  expect(Object.entries(valueOf(source).declared ?? {}).map(([name, { author }]) => [name, author])).toEqual([
    ['open', 'Ada Smith'],
  ])
})

test('tells author, subject and time of the revision in force, as one harmless line each', async () => {
  const by = { GIT_AUTHOR_NAME: 'Ada \u202eSmith', GIT_COMMITTER_DATE: '2026-03-10T13:00:00+01:00' }
  for (const [name, value] of Object.entries(by)) vi.stubEnv(name, value)
  registerSecret('tok-of-a-commit')
  repository.commit(deployment)
  const words = `Back up fe02 \u001b[31m tok-of-a-commit ${'x'.repeat(300)}\n\nAnd why.`
  repository.git('commit', '--amend', '--quiet', '--reset-author', '--message', words)
  const revision = repository.git('rev-parse', 'HEAD')
  const source = await open()
  await source.refresh()
  const { commit } = valueOf(source)
  expect(commit).toMatchObject({ author: 'Ada Smith', at: '2026-03-10T12:00:00.000Z' })
  expect(commit?.subject).toMatch(/^Back up fe02 \[31m \[secret\] x+…$/)
  expect(commit?.subject).toHaveLength(200)
  const again = await open({}, revision)
  expect(valueOf(again).commit).toEqual(commit)
})
