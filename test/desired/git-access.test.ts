/** Real Git against a real HTTPS server and a real sshd: how it logs in, and what a refusal is called. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import type { Config } from '../../src/config/config.ts'
import { openSource, type Source } from '../../src/desired/source.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { startGitServer, type GitServer } from '../support/git-server.ts'
import { descendantsOf } from '../support/processes.ts'
import { makeRepository } from '../support/repository.ts'
import { sshdLacks, startSshd, type Sshd } from '../support/sshd.ts'

const log = createLog({ write: () => {} }, 'debug')
const login = { username: 'svc-holdfast', password: 'correct horse "battery" $TAPLE' }

let folder: string
let revision: string
let opened: Source[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast git's access "))
  const repository = makeRepository(join(folder, 'served', 'contoso'))
  revision = repository.commit({ 'all.yaml': smallDeployment })
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  opened = []
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const source of opened) await source[Symbol.asyncDispose]()
})

async function fetchBy(git: Partial<Config['git']>, state = mkdtempSync(join(folder, 'state-'))) {
  const base = { branch: 'main', path: '.', intervalSeconds: 60, login: null, ca: null, ssh: null }
  const config = { state: join(state, 'state.db'), git: { ...base, ...git } } as Config
  const source = await openSource(config, null, systemClock, log)
  opened.push(source)
  await source.refresh()
  const fact = source.fact()
  if (!fact.known) throw new Error(fact.error)
  return { head: fact.value.head, code: fact.value.unreachable?.code ?? null, trouble: fact.value.unreachable, state }
}

describe('over https', () => {
  let server: GitServer
  let ca: string

  beforeAll(async () => {
    server = await startGitServer(join(folder, 'served'))
    ca = server.ca
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(() => {
    Object.assign(server, { login, instead: null, onRequest: () => {} })
  })

  const url = (name = 'contoso/.git'): string => server.url(name)

  test('user and password reach the server, and stand on no command line, in no file and in no message', async () => {
    const users: (string | null)[] = []
    let commandLines = ''
    server.onRequest = (user) => {
      users.push(user)
      for (const pid of descendantsOf(process.pid)) commandLines += readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    }
    const { head, trouble, state } = await fetchBy({ url: url(), ca, login })

    expect({ head, trouble }).toEqual({ head: revision, trouble: null })
    expect(users[0]).toBeNull()
    expect(new Set(users.slice(1))).toEqual(new Set(['svc-holdfast']))
    expect(commandLines).toContain('git-remote-https')
    expect(commandLines).not.toContain(login.password)
    const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join()
    for (const text of [JSON.stringify(opened[0]?.fact()), texts]) {
      expect(text).not.toContain(login.password)
      expect(text).not.toContain(login.username)
    }
  })

  test('no store of logins of this machine is asked, none learns ours, and no program asks a person', async () => {
    const plain = mkdtempSync(join(tmpdir(), 'holdfast-helper-')) // such a line is read by a shell
    const helper = join(plain, 'helper')
    writeFileSync(helper, `#!/bin/sh\necho "$1" >> ${plain}/asked\necho username=x\necho password=x\n`)
    chmodSync(helper, 0o755)
    writeFileSync(join(plain, 'gitconfig'), `[credential]\n\thelper = ${helper}\n[core]\n\taskPass = ${helper}\n`)
    vi.stubEnv('GIT_CONFIG_GLOBAL', join(plain, 'gitconfig'))

    expect((await fetchBy({ url: url(), ca, login })).head).toBe(revision)
    expect((await fetchBy({ url: url(), ca })).trouble).toMatchObject({
      code: 'source-login-refused',
      message: expect.stringContaining('holdfast.yaml has none') as string,
    })
    expect(readdirSync(plain)).toEqual(['gitconfig', 'helper'])
    rmSync(plain, { recursive: true })
  })

  test.each<[string, string, () => Partial<Config['git']>]>([
    ['a wrong password', 'source-login-refused', () => ({ login: { ...login, password: 'wrong' } })],
    ['a user without a right', 'source-forbidden', () => ((server.instead = 403), {})],
    ['a repository that is not there', 'source-not-found', () => ({ url: url('elsewhere.git') })],
    ['a server that is not well', 'source-unreachable', () => ((server.instead = 503), {})],
    ['a private authority that nobody named', 'source-tls', () => ({ ca: null })],
    ['a file that holds no authority', 'source-tls', () => ({ ca: emptyFile() })],
    ['a file of the authority that is not there', 'source-tls', () => ({ ca: '/nowhere/ca.pem' })],
    [
      'another name than that of the certificate',
      'source-tls',
      () => ({ url: url().replace('localhost', '127.0.0.1') }),
    ],
    ['a name that does not exist', 'source-host-unknown', () => ({ url: 'https://git.contoso.invalid/x.git' })],
    ['a port without a server', 'source-refused', () => ({ url: 'https://127.0.0.1:1/x.git' })],
    ['a branch that is not there', 'source-branch-missing', () => ({ branch: 'production' })],
  ])('%s is %s', async (_what, code, git) => {
    const { trouble } = await fetchBy({ url: url(), ca, login, ...git() })

    expect(trouble).toMatchObject({ code, hint: expect.stringMatching(/\w{3}/) as string })
    expect(trouble?.message).not.toContain(login.password)
  })
})

describe.skipIf(sshdLacks)(`over ssh${sshdLacks ? `: ${sshdLacks}` : ''}`, () => {
  let sshd: Sshd
  let at: (name: string) => string
  let url: string

  beforeAll(async () => {
    sshd = await startSshd()
    const { host, port } = sshd.settings([], '')
    at = (name) => join(sshd.folder, name)
    url = `ssh://${userInfo().username}@${host}:${port}${encodeURI(join(folder, 'served', 'contoso'))}`
    writeFileSync(at('other_known_hosts'), `[${host}]:${port} ${readFileSync(at('other_host_key.pub'), 'utf8')}`)
    mkdirSync(at("deploy key's $(folder)"))
    writeFileSync(at("deploy key's $(folder)/key 100%"), readFileSync(at('user_key')), { mode: 0o600 })
    writeFileSync(at('open_key'), readFileSync(at('user_key')), { mode: 0o644 })
    chmodSync(at('open_key'), 0o644)
  })
  afterAll(() => sshd[Symbol.asyncDispose]())

  test('a deploy key lets in, whatever stands in its path, and the settings of the account do not count', async () => {
    vi.stubEnv('GIT_SSH_COMMAND', '/nowhere/ssh')
    const key = at("deploy key's $(folder)/key 100%")

    expect(await fetchBy({ url, ssh: { key, knownHosts: at('known_hosts') } })).toMatchObject({
      head: revision,
      trouble: null,
    })
  })

  test.each<[string, string, () => Partial<Config['git']>]>([
    ['a key that nobody registered', 'source-login-refused', () => withSsh('stranger_key', 'known_hosts')],
    ['a key that others can read', 'source-login-refused', () => withSsh('open_key', 'known_hosts')],
    ['a key that is not there', 'source-login-refused', () => withSsh('nothing', 'known_hosts')],
    ['a server of which no key is known', 'source-host-key', () => withSsh('user_key', 'nothing')],
    ['a server with another key', 'source-host-key', () => withSsh('user_key', 'other_known_hosts')],
    ['a repository that is not there', 'source-not-found', () => ({ url: url.replace(/contoso$/, 'elsewhere') })],
    ['a name that does not exist', 'source-host-unknown', () => ({ url: 'git@git.contoso.invalid:x.git' })],
    ['a port without a server', 'source-refused', () => ({ url: 'ssh://git@127.0.0.1:1/x.git' })],
  ])('%s is %s', async (_what, code, git) => {
    const { trouble } = await fetchBy({ url, ...withSsh('user_key', 'known_hosts'), ...git() })

    expect(trouble).toMatchObject({ code, hint: expect.stringMatching(/\w{3}/) as string })
  })

  function withSsh(key: string, knownHosts: string): Partial<Config['git']> {
    return { ssh: { key: at(key), knownHosts: at(knownHosts) } }
  }
})

const isRoot = process.getuid?.() === 0
describe.skipIf(!isRoot)(`of another account${isRoot ? '' : ': needs root'}`, () => {
  const nobody = 65_534

  function giveAway(path: string, to: number): void {
    chownSync(path, to, to)
    for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' })) chownSync(join(path, entry), to, to)
  }

  test('a copy is used all the same: an administrator ran a command before the service did', async () => {
    const url = join(folder, 'served', 'contoso')
    const { state } = await fetchBy({ url })
    giveAway(join(state, 'state.db.mirror'), nobody)

    expect(await fetchBy({ url }, state)).toMatchObject({ head: revision, code: null })
  })

  test('a repository is not read unasked', async () => {
    const foreign = makeRepository(join(folder, 'foreign'))
    foreign.commit({ 'all.yaml': smallDeployment })
    giveAway(foreign.folder, nobody)

    expect((await fetchBy({ url: foreign.folder })).trouble).toMatchObject({
      code: 'source-forbidden',
      hint: expect.stringContaining('safe.directory') as string,
    })
  })
})

function emptyFile(): string {
  const file = join(folder, 'empty.pem')
  writeFileSync(file, '')
  return file
}
