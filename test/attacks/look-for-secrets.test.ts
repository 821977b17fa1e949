/** Who may read logs, files and processes of the daemon's machine looks for a password: it is where it must be, and nowhere else. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { configSchema } from '../../src/config/schema.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { startGitServer, type GitServer } from '../support/git-server.ts'
import { git, startLab, type Outcome, type TestLab } from '../support/lab.ts'
import { descendantsOf } from '../support/processes.ts'
import { jsonSchemaOf, type JsonSchema } from '../tools/json-schema.ts'

/** One for each field; what looks like a character to be escaped is one. */
const secrets = {
  git: 'MARK-git/of+Contoso="1"',
  sql: 'MARK-sql/of+Contoso="2"',
  sqlOfHost: 'MARK-host/of+Contoso="3"',
  ssh: 'MARK-ssh/of+Contoso="4"',
}
/** The call of Git that goes to the server, and what it starts by itself. */
const isOfFetch = /\b(fetch|remote-https|index-pack|unpack-objects|rev-list|askpass\.sh)\b/

type Holder = keyof typeof secrets
const username = 'svc-holdfast'
const user = 'user0002@contoso.com'
const store = String.raw`\\se01.contoso.com\LyncShare`

interface Child {
  program: string
  /** Of the command line and of the environment. */
  words: string
  environment: string
}

let folder: string
let lab: TestLab
let server: GitServer
let config: { git: { url: string }; shell: { command: string[] }; hosts: Record<string, { sql?: object }> }
/** Of the commands; `byEnvironment` adds to it. */
let environment: NodeJS.ProcessEnv
const children: Child[] = []
const said: string[] = []
const machine = createServer((socket) => {
  sample() // the ssh client waits
  socket.destroy()
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-secrets-'))
  await mkdir(join(folder, 'tree'))
  await writeFile(
    join(folder, 'tree', 'contoso.yaml'),
    smallDeployment.replace('  keptElsewhere:', '  flagging: { grace: 0s }\n  keptElsewhere:'),
  )
  for (const [name, secret] of Object.entries(secrets)) await writeFile(join(folder, name), `${secret}\n`)
  lab = await startLab(join(folder, 'tree'))
  config = parse(await readFile(lab.config, 'utf8')) as typeof config
  server = await startGitServer(dirname(config.git.url))
  server.login = { username, password: secrets.git }
  server.onRequest = sample
  await new Promise<void>((resolve) => machine.listen(0, '127.0.0.1', resolve))
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await mkdir(join(folder, 'seen'))
  for (const program of ['git', 'ssh', 'shell']) await spyOn(program, join(bin, program))
  environment = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` }
}, 120_000)
afterAll(async () => {
  machine.close()
  await Promise.all([lab[Symbol.asyncDispose](), server[Symbol.asyncDispose]()])
  await rm(folder, { recursive: true })
})

/** A program that notes how it was called, and then is the real one; `shell`: the one that its arguments name. */
async function spyOn(program: string, file: string): Promise<void> {
  const note = `${join(folder, 'seen')}/${program}.$$`
  const real = program === 'shell' ? '"$@"' : `"$real" "$@"`
  const find = `real=$(PATH=\${PATH#*${delimiter}} command -v ${program})`
  const script = `printf '%s\\n' "$@" > ${note}.words; tr '\\0' '\\n' < /proc/$$/environ > ${note}.environment\n`
  await writeFile(file, `#!/bin/sh\n${script}${program === 'shell' ? '' : `${find}\n`}exec ${real}\n`)
  await chmod(file, 0o755)
}

/** What the process table shows now of all that was started here. */
function sample(): void {
  for (const pid of descendantsOf(process.pid)) {
    try {
      const [words, own] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'))
      const program = basename(words?.split('\0')[0] ?? '')
      children.push({ program, words: words ?? '', environment: own ?? '' })
    } catch {
      // It has ended by itself.
    }
  }
}

/** All that was started by Holdfast: as it said itself when it began, and as the process table showed it. */
async function allChildren(): Promise<Child[]> {
  const seen = join(folder, 'seen')
  const notes = (await readdir(seen)).filter((name) => name.endsWith('.words'))
  const noted = notes.map(async (name): Promise<Child> => {
    const [words, own] = await Promise.all(
      [name, name.replace(/words$/, 'environment')].map((file) => readFile(join(seen, file), 'latin1')),
    )
    return { program: name.split('.')[0] ?? '', words: words ?? '', environment: own ?? '' }
  })
  // The commands themselves, and the server of this test, are not children of Holdfast.
  const isOurs = ({ program, words }: Child): boolean => program !== 'node' && !words.includes('http-backend')
  return [...(await Promise.all(noted)), ...children].filter(isOurs)
}

const byEnvironment = (name: Holder): object => {
  environment[`CONTOSO_${name}`] = secrets[name]
  return { env: `CONTOSO_${name}` }
}
const byFile = (name: Holder): object => ({ file: join(folder, name) })

async function configure(first: typeof byFile, second: typeof byFile, shell: object): Promise<void> {
  const { git, hosts } = config
  const sqlOfHost = { ...hosts['se01.contoso.com']?.sql, user: 'holdfast', password: second('sqlOfHost') }
  const all = {
    ...{ ...config, log: { level: 'debug' }, shell },
    git: { ...git, url: server.url(basename(git.url)), ca: server.ca, username, password: first('git') },
    sql: { user: 'holdfast', password: first('sql'), trustServerCertificate: true },
    hosts: { ...hosts, 'se01.contoso.com': { ...hosts['se01.contoso.com'], sql: sqlOfHost } },
  }
  await writeFile(lab.config, stringify(all))
}

function command(...line: string[]): Promise<Outcome> {
  const bin = join(import.meta.dirname, '..', '..', 'src', 'cli', 'holdfast.js')
  return new Promise((resolve) => {
    const options = { env: environment, maxBuffer: 1 << 26 }
    execFile(process.execPath, [bin, ...line, '--config', lab.config], options, (error, out, err) => {
      said.push(out, err)
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

/** Every byte below the folder of the lab: state store, copy of the repository, sets, identity, logs. */
async function everyFile(): Promise<string[]> {
  const entries = await readdir(lab.dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  expect(files.some((file) => file.endsWith('backup-set.json'))).toBe(true)
  expect(files.some((file) => file.endsWith('state.db'))).toBe(true)
  return Promise.all(files.map((file) => readFile(file, 'latin1')))
}

/** Whose secret is in it, in any form that somebody could read back. */
function foundIn(text: string): string[] {
  const isIn = (secret: string): boolean =>
    [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      ...[secret, `${username}:${secret}`, `\0holdfast\0${secret}`].flatMap((one) =>
        (['base64', 'hex'] as const).map((form) => Buffer.from(one).toString(form).replace(/=+$/, '')),
      ),
      Buffer.from(secret, 'utf16le').toString('latin1'),
    ].some((form) => text.includes(form))
  return Object.entries(secrets).flatMap(([name, secret]) => (isIn(secret) ? [name] : []))
}

test('the fields that can hold a secret are those of this test; names of accounts are none', () => {
  const fields = (schema: JsonSchema, path: string): string[] => [
    ...((schema.anyOf ?? []).some(({ properties }) => properties?.['env']) ? [path] : []),
    ...(schema.anyOf ?? []).flatMap((one) => fields(one, path)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => fields(one, `${path}.${name}`)),
    ...(typeof schema.additionalProperties === 'object' ? fields(schema.additionalProperties, `${path}.*`) : []),
  ]
  expect(fields(jsonSchemaOf(configSchema), '').filter((path) => !/\.(user|domain)$/.test(path))).toEqual(
    expect.arrayContaining(['.git.password', '.hosts.*.sql.password', '.shell.password', '.sql.password']),
  )
  expect(new Set(fields(jsonSchemaOf(configSchema), '').filter((path) => !/\.(user|domain)$/.test(path))).size).toBe(4)
})

/** What is lost is declared and restored, as far as it comes, and all that tells of it is asked. */
async function recover(): Promise<void> {
  const { out } = await command('restore', 'user', user, '--output', 'json')
  const { toCommit } = JSON.parse(out) as { toCommit: string }
  await lab.break('user', user, 'emptied')
  await lab.break('file-store', store, 'moved')
  await command('run', '--once')
  const ofStore = { server: store, scenario: 'file-store', run: 'holdfast' }
  const declared = { apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name: 'lost' }, spec: ofStore }
  for (const [name, text] of Object.entries({ user: toCommit, lost: stringify(declared) }))
    await writeFile(join(lab.clone, 'desired-state', `${name}.yaml`), text)
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--quiet', '--message', 'Restore')
  await git(lab.clone, 'push', '--quiet')
  await command('run', '--once')
  const telling = [
    ...[
      ['audit', 'story', 'lost'],
      ['drill', 'se01.contoso.com'],
      ['runbook', store],
      ['restore', store, '--dry-run'],
    ],
    ...[['restore', store], ['recoverability'], ['drift'], ['sets'], ['verify', '--level', 'restore']],
    ...[
      ['audit', 'verify'],
      ['audit', 'export'],
      ['export', join(lab.dir, 'bundle')],
      ['import', '--live'],
    ],
  ]
  for (const line of telling) await command(...line)
  const all = said.join('')
  expect(all).toContain('Update-CsUserData brought')
  expect(all).toContain('# Recovery lost')
  expect(all).toContain('the environment variable CONTOSO_git')
}

test('a day with failures, restores and drills leaves none in outputs, logs, files, arguments, or in a child that does not need it', async () => {
  const { shell } = config
  await configure(byEnvironment, byFile, { ...shell, command: [join(folder, 'bin', 'shell'), ...shell.command] })
  await command('run', '--once')
  await command('backup', 'nightly', '--wait', '--output', 'json')
  for (const line of [['doctor', '--all'], ['status'], ['explain', 'se01.contoso.com'], ['plan'], ['audit', 'list']])
    await command(...line, '--output', 'json')
  expect(said.join('')).toContain('sql-login-failed')
  await recover()

  for (const name of Object.keys(secrets)) Reflect.deleteProperty(environment, `CONTOSO_${name}`)
  const { port } = machine.address() as AddressInfo
  const ssh = { transport: 'ssh', host: '127.0.0.1', port, user: 'holdfast', password: byEnvironment('ssh') }
  await configure(byFile, byEnvironment, { ...shell, ...ssh, command: ['powershell.exe'], scratch: 'C:\\LyncBackup' })
  server.login = { username, password: 'another one' }
  await command('run', '--once')
  expect((await command('status')).out).toContain('source-login-refused')
  await command('doctor')

  for (const text of [...said, ...(await everyFile())]) expect(foundIn(text)).toEqual([])
  const seen = await allChildren()
  for (const { words } of seen) expect(foundIn(words), words).toEqual([])
  const held = ({ program, words, environment: own }: Child): string =>
    `${program} ${isOfFetch.test(words) ? 'fetch' : ''}: ${foundIn(own).join(', ')}`
  const holders = new Set(seen.map(held))
  expect(holders).toContain('shell : ')
  expect(holders).toContain('git : ')
  expect(holders).toContain('git fetch: git')
  expect(holders).toContain('ssh : ssh')
  for (const one of holders) expect(one).toMatch(/^(ssh|setsid|sshpass) : (ssh)?$|^\S+ fetch: git$|^\S+ : $/)
}, 300_000)
