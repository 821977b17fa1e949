import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { scrub } from '../../src/base/log.ts'
import { readConfig, readSettings } from '../../src/config/config.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function write(text: string): string {
  const file = join(folder, 'holdfast.yaml')
  writeFileSync(file, text)
  return file
}

async function faults(text: string): Promise<string[]> {
  const file = write(text)
  const thrown: unknown = await readConfig(file).catch((error: unknown) => error)
  expect(thrown).toMatchObject({ code: 'config-invalid', subject: file })
  return (thrown as Error).message.split('\n').map((line) => line.replace(`${file}:`, ''))
}

test('a file that says only where Git is gets the defaults', async () => {
  const config = await readConfig(write('git: { url: ./repository }\n'))

  expect(config).toEqual({
    file: join(folder, 'holdfast.yaml'),
    git: {
      ...{ url: join(folder, 'repository'), branch: 'main', path: '.', intervalSeconds: 60 },
      ...{ login: null, ca: null, ssh: null },
    },
    state: join(folder, 'state.db'),
    owner: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    listen: { host: '127.0.0.1', port: 8443 },
    pathMap: [],
    shell: null,
    dns: { servers: [] },
    looks: { atLeastEverySeconds: null },
    limits: { sqlInstance: 1, share: 4, shellHost: 1, overall: 8 },
    hosts: {},
    sql: {
      authentication: { kind: 'integrated' },
      encrypt: true,
      ca: null,
      trustServerCertificate: false,
      odbcDriver: 'ODBC Driver 18 for SQL Server',
    },
    log: { level: 'info' },
  })
})

test('a file that says everything', async () => {
  mkdirSync(join(folder, 'secrets'))
  writeFileSync(join(folder, 'secrets', 'sql'), 'correct horse\n')
  writeFileSync(join(folder, 'ca.pem'), 'CERTIFICATE\n')
  vi.stubEnv('CONTOSO_SQL_USER', 'backup')
  vi.stubEnv('CONTOSO_SQL_PASSWORD', 'battery staple')
  const config = await readConfig(
    write(`
git:
  { url: 'git@git.contoso.com:lync/backup.git', branch: release/1, path: ./desired-state/, interval: 5m, ssh: { key: secrets/deploy_key, knownHosts: known_hosts } }
state: /var/lib/holdfast/state.db
listen: '[::1]:9000'
pathMap:
  '\\\\backup01.contoso.com\\LyncBackup': /mnt/lync-backup
  '\\\\backup01.contoso.com\\LyncBackup\\archive': archive
  '\\\\fs01.contoso.com\\LyncShare': 'D:\\Share'
shell: { command: [powershell.exe, -File, holdfast.ps1], scratch: 'C:\\LyncBackup' }
dns: { servers: [10.0.0.1, '10.0.0.2:5353', '::1', '[::1]:53'] }
limits: { sqlInstance: 2, overall: 16 }
sql: { user: { env: CONTOSO_SQL_USER }, password: { file: secrets/sql }, ca: ca.pem, odbcDriver: SQL Server Native Client 11.0 }
hosts:
  SQL01.contoso.com: { address: 10.0.0.5, ports: { 5061: 15061 }, sql: { instances: { RTC: 1433, MSSQLSERVER: 1434 } } }
  sql02.contoso.com: { sql: { authentication: integrated, encrypt: false, allowOldTls: true } }
  sql03.contoso.com: { sql: { domain: CONTOSO, user: svc, password: { env: CONTOSO_SQL_PASSWORD }, trustServerCertificate: true } }
log: { level: debug }
`),
  )

  expect(config.git).toEqual({
    url: 'git@git.contoso.com:lync/backup.git',
    branch: 'release/1',
    path: 'desired-state',
    intervalSeconds: 300,
    login: null,
    ca: null,
    ssh: { key: join(folder, 'secrets', 'deploy_key'), knownHosts: join(folder, 'known_hosts') },
  })
  expect(config).toMatchObject({ state: '/var/lib/holdfast/state.db', listen: { host: '::1', port: 9000 } })
  expect(config.pathMap).toEqual([
    { unc: '\\\\backup01.contoso.com\\LyncBackup\\archive', local: join(folder, 'archive') },
    { unc: '\\\\backup01.contoso.com\\LyncBackup', local: '/mnt/lync-backup' },
    { unc: '\\\\fs01.contoso.com\\LyncShare', local: 'D:\\Share' },
  ])
  expect(config.shell).toEqual({
    transport: 'local',
    command: ['powershell.exe', '-File', 'holdfast.ps1'],
    scratch: 'C:\\LyncBackup',
    deadlineSeconds: 7200,
  })
  expect(config.limits).toEqual({ sqlInstance: 2, share: 4, shellHost: 1, overall: 16 })
  const login = { kind: 'sql', user: 'backup', password: 'correct horse' }
  expect(config.sql).toEqual({
    authentication: login,
    encrypt: true,
    ca: 'CERTIFICATE\n',
    trustServerCertificate: false,
    odbcDriver: 'SQL Server Native Client 11.0',
  })
  expect(config.hosts['sql01.contoso.com']).toEqual({
    address: '10.0.0.5',
    ports: { 5061: 15_061 },
    sql: { instances: { rtc: 1433, '': 1434 }, allowOldTls: false, ...config.sql },
  })
  expect(config.hosts['sql02.contoso.com']?.sql).toMatchObject({
    authentication: { kind: 'integrated' },
    encrypt: false,
    allowOldTls: true,
  })
  expect(config.hosts['sql03.contoso.com']?.sql).toMatchObject({
    authentication: { kind: 'ntlm', domain: 'CONTOSO', user: 'svc', password: 'battery staple' },
    ca: 'CERTIFICATE\n',
    trustServerCertificate: true,
  })
  expect(scrub('login with correct horse or battery staple')).toBe('login with [secret] or [secret]')
})

test('all faults at once, with line and column, and no value that might be a secret', async () => {
  const told = await faults(`git: { url: ./r, brunch: main }
listen: 8443
limits: { share: 0, shellHost: 2 }
sql:
  user: sa
  password: hunter2
hosts:
  sql01: { address: x }
  sql02.contoso.com: { sql: { user: sa } }
`)

  expect(told.map((line) => line.replace(/ (Its|Where|Items|SQL Server on|Correct).*/, ''))).toEqual([
    '7 faults:',
    '1:18: git.brunch: is not a known field. Did you mean branch?',
    '2:9: listen: must be a text, not a number; put it in quotes.',
    '3:18: limits.share: is less than 1.',
    '3:32: limits.shellHost: is more than 1. Cmdlets at a time: 1, since one session runs all of them, one after the other.',
    '6:13: sql.password: must be { env: NAME } or { file: PATH }: secrets are not written here in clear text.',
    '8:3: hosts.sql01: its name is not a fully qualified domain name such as fe01.contoso.com.',
    '9:29: hosts.sql02.contoso.com.sql: must have user and password (and domain, for NTLM), or none of them.',
  ])
  expect(told.join()).not.toContain('hunter2')
})

test('secrets that cannot be had are told by name, each at its place', async () => {
  expect(
    await faults(
      'git: { url: r }\nsql:\n  user: { env: CONTOSO_NOT_SET }\n  password: { file: nowhere }\n  ca: none.pem\n',
    ),
  ).toEqual([
    '3 faults:',
    `3:16: The environment variable CONTOSO_NOT_SET is not set.`,
    `4:21: The file ${join(folder, 'nowhere')} cannot be read (ENOENT).`,
    `5:7: The file ${join(folder, 'none.pem')} cannot be read (ENOENT).`,
  ])
})

test.each([
  ['an empty file', '', /1:1: The file is empty/],
  ['broken YAML', 'git: [\n', /^2:1: /],
  ['two documents', 'git: { url: r }\n---\ngit: { url: s }\n', /3:1: A second document/],
  ['no Git', 'state: x\n', /1:1: git: is missing/],
  [
    'a plain http address',
    'git: { url: "http://git.contoso.com/x" }',
    /1:13: git.url: is not an address that is allowed/,
  ],
  ['a helper as transport', 'git: { url: "ext::sh -c id" }', /is not an address that is allowed/],
  ['an option as address', 'git: { url: --upload-pack=id }', /begins with a dash/],
  ['an option as host', 'git: { url: "ssh://-oProxyCommand=id/x" }', /host that begins with a dash/],
  ['a branch that is an option', 'git: { url: r, branch: --all }', /is not the name of a branch/],
  ['a branch with a way out', 'git: { url: r, branch: a..b }', /is not the name of a branch/],
  ['a path that leads out', 'git: { url: r, path: a/../../b }', /is not a path below the root/],
  ['an absolute path', 'git: { url: r, path: /etc }', /is not a path below the root/],
  ['an interval of nothing', 'git: { url: r, interval: 0s }', /is shorter than 1s/],
  [
    'a local prefix that is no share',
    'git: { url: r }\npathMap: { /mnt: /mnt }',
    /pathMap\.\/mnt: its name is not a UNC path/,
  ],
])('%s is refused', async (_name, text, message) => {
  expect((await faults(text))[0]).toMatch(message)
})

test('a file that is not there is told with its path', async () => {
  await expect(readConfig(join(folder, 'none.yaml'))).rejects.toMatchObject({
    code: 'config-invalid',
    subject: join(folder, 'none.yaml'),
    hint: expect.stringContaining('--config') as string,
  })
})

test('the owner id is made once, readable only for its owner, the same for all that start at once', async () => {
  const file = write('git: { url: r }\n')
  const owners = (await Promise.all(Array.from({ length: 8 }, () => readConfig(file)))).map(({ owner }) => owner)

  expect(new Set(owners).size).toBe(1)
  expect(readFileSync(join(folder, 'owner.id'), 'utf8')).toBe(`${owners[0] ?? ''}\n`)
  expect(statSync(join(folder, 'owner.id')).mode & 0o777).toBe(0o600)
  expect((await readConfig(file)).owner).toBe(owners[0])
})

test('who does not act makes no owner id, and is nobody until there is one', async () => {
  const file = write('git: { url: r }\n')
  const [doctor, another] = [await readConfig(file, 'leave'), await readConfig(file, 'leave')]
  const { config } = await readSettings(file)
  expect(new Set([doctor.owner, another.owner, config?.owner]).size).toBe(3)
  expect(readdirSync(folder)).toEqual(['holdfast.yaml'])

  const { owner } = await readConfig(file)
  expect((await readConfig(file, 'leave')).owner).toBe(owner)
  expect((await readSettings(file)).config?.owner).toBe(owner)
})

test('who only reads is told what it lacks, and needs none of it', async () => {
  const file = write('git: { url: r }\nsql: { user: backup, password: { env: NOT_SET_HERE } }\n')
  writeFileSync(join(folder, 'owner.id'), '\n')

  expect(await readSettings(file)).toEqual({
    file,
    git: { url: join(folder, 'r'), branch: 'main', path: '.', intervalSeconds: 60, login: null, ca: null, ssh: null },
    state: join(folder, 'state.db'),
    config: null,
    lacks: [
      'The environment variable NOT_SET_HERE is not set.',
      'The id of this daemon cannot be used: it does not contain an id.',
    ],
  })
})

test('an owner id that holds nothing useful is not replaced in silence', async () => {
  const file = write('git: { url: r }\n')
  writeFileSync(join(folder, 'owner.id'), '\n')

  await expect(readConfig(file)).rejects.toMatchObject({ code: 'config-invalid', subject: join(folder, 'owner.id') })
})

test('a login for Git over https, its password from the environment or a file, and a private authority', async () => {
  vi.stubEnv('CONTOSO_GIT_TOKEN', 't0ken-of-contoso')
  writeFileSync(join(folder, 'token'), 'an0ther-t0ken\n')
  const of = (password: string): string =>
    write(`git: { url: https://git.contoso.com/x.git, username: bot, password: ${password}, ca: ca.pem }\n`)

  const byEnvironment = await readConfig(of('{ env: CONTOSO_GIT_TOKEN }'))
  const byFile = await readConfig(of('{ file: token }'))

  expect(byEnvironment.git).toMatchObject({
    login: { username: 'bot', password: 't0ken-of-contoso' },
    ca: join(folder, 'ca.pem'),
    ssh: null,
  })
  expect(byFile.git.login).toEqual({ username: 'bot', password: 'an0ther-t0ken' })
  expect(scrub('t0ken-of-contoso an0ther-t0ken')).toBe('[secret] [secret]')
})

test.each([
  'https://t0ken@git.contoso.com/x.git',
  'https://t0ken:@git.contoso.com/x.git',
  'https://t0ken:x-oauth-basic@git.contoso.com/x.git',
  'https://bot:t0ken@git.contoso.com/x.git',
  'https://bot:t0@ken@git.contoso.com/x.git',
  'https://bot:t0/ken@git.contoso.com/x.git',
  'https://bot:1/t0ken@git.contoso.com/x.git',
  'http://bot:t0ken@git.contoso.com/x.git',
  'HTTPS://bot:t0ken@git.contoso.com/x.git',
])('%s is refused, and told how to log in without being repeated', async (url) => {
  const told = await faults(`git: { url: '${url}' }\n`)

  expect(told.join()).toMatch(/git\.url: .*git\.username and git\.password/)
  expect(told.join()).not.toMatch(/t0|ken@|git\.contoso\.com/)
})

test.each([
  ['a password over ssh', 'url: "ssh://git:t0ken@git.contoso.com/x"', /holds a password; log in by a key \(git\.ssh\)/],
  ['a password like scp', 'url: "git:t0ken@git.contoso.com:x"', /holds a password; log in by a key \(git\.ssh\)/],
  ['a token as a query', 'url: "https://git.contoso.com/x?private_token=t0ken"', /a token belongs to git\.password/],
  [
    'a password in clear',
    'url: https://h/x, username: bot, password: t0ken',
    /secrets are not written here in clear text/,
  ],
  [
    'a password without a user',
    'url: https://h/x, password: { env: T }',
    /must have username and password, or neither/,
  ],
  ['a user without a password', 'url: https://h/x, username: t0ken', /must have username and password, or neither/],
  [
    'a login over ssh',
    'url: git@h:x, username: b, password: { env: T }',
    /username: needs a url that begins with https/,
  ],
  [
    'a login for a folder',
    'url: ./r, username: b, password: { env: T }',
    /password: needs a url that begins with https/,
  ],
  ['an authority over ssh', 'url: git@h:x, ca: ca.pem', /ca: needs a url that begins with https/],
  ['a key over https', 'url: https://h/x, ssh: { key: k }', /ssh: needs a url such as ssh/],
  ['known hosts without a key', 'url: git@h:x, ssh: { knownHosts: k }', /ssh\.key: is missing/],
])('%s is refused', async (_name, git, message) => {
  const told = (await faults(`git: { ${git} }\n`)).join('\n')

  expect(told).toMatch(message)
  expect(told).not.toContain('t0ken')
})
