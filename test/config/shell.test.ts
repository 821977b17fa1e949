import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scrub } from '../../src/base/log.ts'
import { readConfig, type Config } from '../../src/config/config.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const overSsh = {
  transport: 'ssh',
  host: 'mgmt01.contoso.com',
  user: 'CONTOSO\\svc-holdfast',
  password: { file: 'secret' },
  command: ['powershell.exe', '-NoProfile', '-File', 'C:\\Program Files\\Holdfast\\holdfast.ps1'],
  scratch: 'C:\\LyncBackup',
}

async function read(shell: object): Promise<Config['shell']> {
  writeFileSync(join(folder, 'secret'), 'correct-horse\n')
  writeFileSync(join(folder, 'holdfast.yaml'), JSON.stringify({ git: { url: 'r' }, shell }))
  return (await readConfig(join(folder, 'holdfast.yaml'))).shell
}

test('ssh by password: the paths of the other machine stay as they are, and the password is in no log', async () => {
  expect(await read(overSsh)).toEqual({
    ...{ transport: 'ssh', command: overSsh.command, scratch: 'C:\\LyncBackup', deadlineSeconds: 7200 },
    ...{ host: 'mgmt01.contoso.com', port: 22, user: 'CONTOSO\\svc-holdfast', knownHosts: null },
    login: { kind: 'password', password: 'correct-horse' },
  })
  expect(scrub('it said correct-horse')).not.toContain('correct-horse')
})

test('ssh by ticket and by key: files of this machine count from the folder of the configuration', async () => {
  const { password: _, ...without } = overSsh
  expect(await read({ ...without, authentication: 'kerberos', port: 2222, knownHosts: 'hosts' })).toMatchObject({
    ...{ login: { kind: 'kerberos' }, port: 2222, knownHosts: join(folder, 'hosts') },
  })
  expect(await read({ ...without, identityFile: 'keys/lync' })).toMatchObject({
    login: { kind: 'key', identityFile: join(folder, 'keys', 'lync') },
  })
})

test('a deadline of its own', async () => {
  expect(await read({ ...overSsh, deadline: '90m' })).toMatchObject({ deadlineSeconds: 5400 })
})

test.each<[string, object, RegExp]>([
  ['no host', { host: undefined }, /shell\.host: is missing/],
  ['no user', { user: undefined }, /shell\.user: is missing/],
  ['a user without a way in', { password: undefined }, /must have one of password/],
  ['two ways in', { authentication: 'kerberos' }, /must have one of password/],
  ['a password in clear', { password: 'hunter2' }, /secrets are not written here in clear text/],
  ['an option as host', { host: '-oProxyCommand=id' }, /is neither a name nor an address/],
  ['a command as host', { host: 'a;id' }, /is neither a name nor an address/],
  ['an option as user', { user: '-oProxyCommand=id' }, /is not an account/],
  ['a command as user', { user: 'a$(id)' }, /is not an account/],
  ['a second option in the file of known hosts', { knownHosts: 'a" "b' }, /is not a path/],
  ['a variable of a shell in the command', { command: ['powershell.exe', '$env:X'] }, /may hold letters/],
  ['a second command', { command: ['powershell.exe', 'a" & calc'] }, /may hold letters/],
  ['a percent sign for cmd.exe', { command: ['powershell.exe', '%PATH%'] }, /may hold letters/],
  ['a backslash before the closing quote', { command: ['powershell.exe', 'C:\\a b\\'] }, /may hold letters/],
  ['a relative scratch folder', { scratch: 'scratch' }, /is not an absolute path/],
  ['a scratch folder on a share', { scratch: '\\\\backup01.contoso.com\\x' }, /is not an absolute path/],
  ['a scratch folder with a way out', { scratch: 'C:\\LyncBackup\\..\\Windows' }, /is not an absolute path/],
  ['no time for a cmdlet', { deadline: '0s' }, /is shorter than 1s/],
  ['a deadline without a unit', { deadline: '90' }, /is not a duration/],
  ['what ssh needs, without it', { transport: 'local' }, /belongs to `transport: ssh`/],
])('%s is refused', async (_, wrong, message) => {
  const problem = read({ ...overSsh, ...wrong })
  await expect(problem).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringMatching(message) as string,
  })
})
