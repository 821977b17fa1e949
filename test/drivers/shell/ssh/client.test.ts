import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../../src/base/clock.ts'
import type { SshShell } from '../../../../src/config/config-shell.ts'
import { commandThere, environmentOf, sftpThere, sshCommandLine } from '../../../../src/drivers/shell/ssh/client.ts'
import { endThere, type Answer } from '../../../../src/drivers/shell/ssh/remote-end.ts'
import { sftpPath } from '../../../../src/drivers/shell/ssh/scratch.ts'

const settings: SshShell = {
  transport: 'ssh',
  command: ['powershell.exe', '-File', 'C:\\Program Files\\Holdfast\\holdfast.ps1'],
  scratch: 'C:\\LyncBackup',
  deadlineSeconds: 7200,
  host: 'mgmt01.contoso.com',
  port: 22,
  user: 'CONTOSO\\svc-holdfast',
  login: { kind: 'password', password: 'hunter2' },
  knownHosts: '/etc/holdfast/known hosts',
}

describe('the command line of the client', () => {
  test.each([
    ['a command', commandThere(settings, settings.command)],
    ['sftp', sftpThere(settings)],
  ])('of %s: no password, no key learned, no file of settings, and the host after --', (_, line) => {
    expect(line.join(' ')).not.toContain('hunter2')
    expect(line).toContain('StrictHostKeyChecking=yes')
    expect(line).toContain('UserKnownHostsFile="/etc/holdfast/known hosts"')
    expect(line.slice(1, 3)).toEqual(['-F', 'none'])
    expect(line[line.indexOf('--') + 1]).toBe('mgmt01.contoso.com')
    expect(line[line.indexOf('-l') + 1]).toBe('CONTOSO\\svc-holdfast')
  })

  test('nobody is asked, but the program that knows the password', () => {
    const key: SshShell = { ...settings, login: { kind: 'key', identityFile: '/etc/holdfast/100%' } }
    expect(commandThere(settings, [])).toContain('BatchMode=no')
    expect(environmentOf(settings)).toMatchObject({ SSH_ASKPASS_REQUIRE: 'force', HOLDFAST_PASSWORD: 'hunter2' })
    expect(commandThere(key, [])).toContain('BatchMode=yes')
    expect(commandThere(key, [])).toContain('IdentityFile="/etc/holdfast/100%%"')
    expect(Object.keys(environmentOf(key))).not.toContain('HOLDFAST_PASSWORD')
  })

  test('a Kerberos ticket is delegated, because the session needs it for SQL Server', () => {
    const line = commandThere({ ...settings, login: { kind: 'kerberos' } }, [])
    expect(line).toContain('GSSAPIDelegateCredentials=yes')
    expect(line).toContain('PreferredAuthentications=gssapi-with-mic')
  })

  test('words with blanks and backslashes are quoted as cmd.exe, PowerShell and sh all read them', () => {
    expect(sshCommandLine(settings.command)).toBe('powershell.exe -File "C:\\Program Files\\Holdfast\\holdfast.ps1"')
  })
})

test.each([
  ['C:\\LyncBackup\\x\\user-data.zip', '/C:/LyncBackup/x/user-data.zip'],
  ['C:/LyncBackup', '/C:/LyncBackup'],
  ['/var/lib/holdfast', '/var/lib/holdfast'],
])('%s is %s for sftp', (path, there) => {
  expect(sftpPath(path)).toBe(there)
})

describe('ending a process on Windows', () => {
  const row = '"powershell.exe","4711","Services","0","61,204 K"\r\n'
  const none = 'INFORMATION: Es werden keine Aufgaben mit den angegebenen Kriterien ausgeführt.\r\n'

  async function end(...answers: (Answer | Error)[]): Promise<{ gone: boolean; asked: string[] }> {
    const asked: string[] = []
    const run = (words: readonly string[]): Promise<Answer> => {
      asked.push(words.join(' '))
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as Answer)
    }
    const clock = { ...systemClock, sleep: () => Promise.resolve() }
    return { gone: await endThere(run, settings, 4711, clock), asked }
  }

  test('the tree is ended by its pid, and asked for until it is gone', async () => {
    const there = { code: 0, output: row }
    expect(await end({ code: 0, output: '' }, there, { code: 0, output: none })).toEqual({
      gone: true,
      asked: [
        'taskkill /T /F /PID 4711',
        'tasklist /NH /FO CSV /FI PID eq 4711',
        'tasklist /NH /FO CSV /FI PID eq 4711',
      ],
    })
  })

  test.each<[string, (Answer | Error)[]]>([
    [
      'it stays',
      [
        { code: 1, output: 'Access is denied.' },
        { code: 0, output: row },
      ],
    ],
    [
      'the question fails',
      [
        { code: 0, output: '' },
        { code: 1, output: '' },
      ],
    ],
    ['the machine is not reached', [new Error('no route')]],
  ])('nothing is claimed when %s', async (_, answers) => {
    expect((await end(...answers)).gone).toBe(false)
  })
})
