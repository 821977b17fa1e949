/** A repository behind a login and a private authority: backups go on by it, and its secret is found nowhere. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { smallDeployment } from '../support/desired-files.ts'
import { startGitServer, type GitServer } from '../support/git-server.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import { descendantsOf } from '../support/processes.ts'
import type { StatusJson } from '../support/shapes.ts'
import { holdfast } from '../support/terminal.ts'

const login = { username: 'svc-holdfast', password: 'T0ken/of+Contoso="1"' }
let folder: string
let lab: TestLab
let server: GitServer
let git: Record<string, unknown>
let commandLines = ''

async function configure(change: Record<string, unknown>): Promise<void> {
  const config = parse(await readFile(lab.config, 'utf8')) as Record<string, unknown>
  await writeFile(lab.config, stringify({ ...config, log: { level: 'debug' }, git: { ...git, ...change } }))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-e2e-login-'))
  await mkdir(join(folder, 'tree'))
  await writeFile(join(folder, 'tree', 'contoso.yaml'), smallDeployment)
  lab = await startLab(join(folder, 'tree'))
  const config = parse(await readFile(lab.config, 'utf8')) as { git: { url: string } }
  server = await startGitServer(dirname(config.git.url))
  server.login = login
  server.onRequest = () => {
    for (const pid of descendantsOf(process.pid)) {
      try {
        commandLines += readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        // It has ended by itself.
      }
    }
  }
  const { username } = login
  git = { ...config.git, url: server.url(basename(config.git.url)), ca: server.ca, username }
  await configure({ password: { env: 'CONTOSO_GIT_TOKEN' } })
  vi.stubEnv('CONTOSO_GIT_TOKEN', login.password)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await Promise.all([lab[Symbol.asyncDispose](), server[Symbol.asyncDispose]()])
  await rm(folder, { recursive: true })
})

/** What a person or a program may see of these command lines. */
async function tellAll(...lines: string[][]): Promise<string> {
  let said = ''
  for (const line of lines)
    for (const format of ['text', 'json']) {
      const { out, err } = await holdfast(lab.dir, ...line, '--config', lab.config, '--output', format)
      said += `${out}${err}\n`
    }
  return said
}

/** Every byte below the folder of the lab: state store, copy, configuration, sets, logs. */
async function everyFile(): Promise<string> {
  const entries = await readdir(lab.dir, { recursive: true, withFileTypes: true })
  const texts = entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'))
  return (await Promise.all(texts)).join('\n')
}

function secretsIn(text: string, secret = login.password): string[] {
  const forms = [
    secret,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(`${login.username}:${secret}`).toString('base64').replace(/=+$/, ''),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ]
  return forms.filter((form) => text.includes(form))
}

test('backups are made by it, and its secret is in no output, no file and no command line', async () => {
  const once = await holdfast(lab.dir, 'run', '--once', '--config', lab.config)
  expect(once.code, once.err).toBe(0)
  const said = await tellAll(
    ...[['status'], ['plan'], ['drift'], ['sets'], ['explain', 'contoso'], ['recoverability'], ['doctor', '--all']],
    ['audit', 'list'],
  )

  expect(said).toContain(server.url(''))
  expect(commandLines).toContain('git-remote-https')
  for (const text of [once.out + once.err, said, commandLines, await everyFile()]) expect(secretsIn(text)).toEqual([])
})

test('a token that has run out is named by its code wherever it matters, and backups go on', async () => {
  await writeFile(join(folder, 'token'), `${login.password}\n`)
  await configure({ password: { file: join(folder, 'token') } })
  server.login = { ...login, password: 'another one' }

  const { json: status } = await lab.json<StatusJson>('status')
  const { json: doctor } = await lab.json<{ checks: Record<string, string>[] }>('doctor')
  const backup = await lab.json<{ set: { state: string } }>('backup', 'nightly', '--wait')
  const said = await tellAll(['explain', 'contoso'], ['doctor'], ['run', '--once'])

  expect(status.conditions.find(({ type }) => type === 'SourceFresh')).toMatchObject({
    status: 'false',
    message: expect.stringMatching(
      /did not accept git\.username and git\.password.*\[source-login-refused\]$/,
    ) as string,
  })
  expect(doctor.checks.find(({ name }) => name === 'repository')).toMatchObject({
    subject: git['url'],
    outcome: 'failed',
    message: expect.stringMatching(/\[source-login-refused\]$/) as string,
    remedy: expect.stringContaining('docs/how-to/git.md') as string,
  })
  expect(backup.json.set.state).toBe('complete')
  for (const text of [said, commandLines, await everyFile()]) expect(secretsIn(text)).toEqual([])
})

test('a secret in the address is refused by every command, and repeated by none', async () => {
  const host = server.url('x.git').replace('https://', '')
  const secret = 'An0ther/t0ken' // no command was ever told to hide it
  for (const login of [secret, encodeURIComponent(secret), `bot:${secret}`, `${secret}:x-oauth-basic`]) {
    await configure({ url: `https://${login}@${host}`, username: undefined, password: undefined, ca: undefined })
    const said = await tellAll(['status'], ['doctor'], ['run', '--once'])
    expect(said).toContain('git.password')
    expect(secretsIn(said, secret)).toEqual([])
  }
})
