/** The shell host behind a real sshd. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../../src/base/clock.ts'
import { systemRandom } from '../../../../src/base/random.ts'
import type { SshShell } from '../../../../src/config/config-shell.ts'
import type { ShellHost } from '../../../../src/drivers/shell/host.ts'
import { openShellHost } from '../../../../src/drivers/shell/shell-host.ts'
import { hurriedClock } from '../../../support/hurried-clock.ts'
import { alive } from '../../../support/processes.ts'
import { canSetPassword, password, sshdLacks, startSshd, type Sshd } from '../../../support/sshd.ts'
import { until } from '../../../support/until.ts'

const script = join(import.meta.dirname, '..', 'fixtures', 'host.mjs')
const never = new AbortController().signal

let sshd: Sshd
let folder: string
let diary: string
let shell: ShellHost & AsyncDisposable

describe.skipIf(sshdLacks)(`over ssh${sshdLacks ? `: ${sshdLacks}` : ''}`, () => {
  beforeAll(async () => void (sshd = await startSshd()))
  afterAll(() => sshd[Symbol.asyncDispose]())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-ssh-'))
    diary = join(folder, 'diary')
  })
  afterEach(async () => {
    sshd.thaw()
    await shell[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  function open(mode: string, more: Partial<SshShell> = {}, clock: Clock = systemClock): ShellHost {
    const settings = { ...sshd.settings([process.execPath, script, mode, diary], folder), ...more }
    return (shell = openShellHost({ settings, folder, clock, random: systemRandom }))
  }
  const ask = (signal = never): ReturnType<ShellHost['call']> => shell.call('call-park-settings', {}, signal)
  const told = async (word: string): Promise<string[]> =>
    existsSync(diary) ? (await readFile(diary, 'utf8')).split('\n').filter((line) => line.startsWith(word)) : []
  const pids = async (): Promise<number[]> =>
    [...(await told('start')), ...(await told('child'))].map((line) => Number(line.split(' ')[1]))
  const running = (): Promise<true | undefined> => told('child').then((lines) => lines.length > 0 || undefined)
  const noneAlive = async (): Promise<true | undefined> => !(await pids()).some(alive) || undefined

  test('the same answers as on this machine, from one session', async () => {
    open('good')
    expect(await ask()).toEqual({
      objects: [{ Identity: 'Global', Text: 'Zürich 東京' }],
      warnings: ['Slow today.'],
      errors: [{ message: 'One user skipped.', category: 'InvalidData', terminating: false }],
    })
    await ask()
    expect(await told('start')).toHaveLength(1)
  })

  test('the process there ends when the driver is closed', async () => {
    open('good')
    await ask()
    await shell[Symbol.asyncDispose]()
    expect(await noneAlive()).toBe(true)
  })

  const knownHosts = async (keyFile: string | null): Promise<string> => {
    const key = keyFile === null ? '' : await readFile(join(sshd.folder, keyFile), 'utf8')
    const file = join(folder, 'known_hosts')
    await writeFile(file, key === '' ? '' : `[127.0.0.1]:${sshd.settings([], '').port} ${key}`)
    return file
  }
  const stranger = (): SshShell['login'] => ({ kind: 'key', identityFile: join(sshd.folder, 'stranger_key') })

  test.each<[string, string, () => Partial<SshShell> | Promise<Partial<SshShell>>]>([
    ['another key', 'ssh-host-key', async () => ({ knownHosts: await knownHosts('other_host_key.pub') })],
    ['a host whose key nobody knows', 'ssh-host-key', async () => ({ knownHosts: await knownHosts(null) })],
    ['an account that is not let in', 'ssh-login-refused', () => ({ login: stranger() })],
    ['a port where nothing listens', 'ssh-unreachable', () => ({ port: 1 })],
    ['a name that nobody knows', 'ssh-unreachable', () => ({ host: 'mgmt01.contoso.invalid' })],
    ['a command that is not there', 'shell-unreachable', () => ({ command: ['/nowhere/pwsh'] })],
    ['a banner before the hello', 'shell-unreachable', () => ({ command: ['echo', 'Windows'] })],
  ])('%s: %s', async (_, code, more) => {
    open('good', await more())
    await expect(ask()).rejects.toMatchObject({ code, hint: expect.stringMatching(/\w{3}/) as string })
    expect(await told('start')).toEqual([])
  })

  test('a machine without the OpenSSH client', async () => {
    const { PATH } = process.env
    process.env['PATH'] = '/nowhere'
    try {
      open('good')
      await expect(ask()).rejects.toMatchObject({ code: 'ssh-client-missing' })
    } finally {
      process.env['PATH'] = PATH
    }
  })

  test('a connection cut in the middle of a call: what it had started there is ended, and the next call is answered', async () => {
    open('hangs')
    const call = expect(ask()).rejects.toMatchObject({ code: 'ssh-connection-lost', subject: '127.0.0.1' })
    await until(running)
    sshd.cut()
    await call
    await until(noneAlive)
    const stop = new AbortController()
    const next = expect(ask(stop.signal)).rejects.toMatchObject({ code: 'shell-deadline' })
    await until(async () => (await told('child')).length === 2 || undefined)
    stop.abort(new Error('seen'))
    await next
  })

  test('sshd restarts: the session is opened again', async () => {
    open('good')
    await ask()
    await sshd.kill()
    await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/^ssh-/) as string })
    await sshd.start()
    expect((await ask()).objects).toHaveLength(1)
    expect(await told('start')).toHaveLength(2)
  })

  test.each(['hangs', 'stubborn'])('a deadline ends the process there with all it started: %s', async (mode) => {
    open(mode)
    const stop = new AbortController()
    const call = ask(stop.signal).catch((thrown: unknown) => thrown)
    await until(running)
    stop.abort(new Error('too late'))
    expect(await call).toMatchObject({
      code: 'shell-deadline',
      message: expect.stringContaining('was ended') as string,
    })
    await until(noneAlive)
  })

  test('a deadline on a host that answers nothing any more: what the call does is unknown', async () => {
    const clock = hurriedClock()
    open('hangs', {}, clock)
    const stop = new AbortController()
    const call = ask(stop.signal).catch((thrown: unknown) => thrown)
    await until(running)
    sshd.freeze()
    clock.hurry()
    stop.abort(new Error('too late'))
    expect(await call).toMatchObject({ code: 'shell-deadline', message: expect.stringContaining('unknown') as string })
    expect((await pids()).some(alive)).toBe(true)
    sshd.thaw()
    for (const pid of await pids()) process.kill(pid, 'SIGKILL')
  })
})

const noPassword = sshdLacks ?? (canSetPassword() ? null : 'needs root, unshare and openssl')
describe.skipIf(noPassword)(`over ssh by password${noPassword ? `: ${noPassword}` : ''}`, () => {
  test.each([
    ['the right one', password, null],
    ['a wrong one', 'wrong', 'ssh-login-refused'],
  ])('%s', async (_, given, code) => {
    await using server = await startSshd({ withPassword: true })
    const settings: SshShell = {
      ...server.settings([process.execPath, script, 'environment', join(server.folder, 'diary')], server.folder),
      login: { kind: 'password', password: given },
    }
    await using host = openShellHost({ settings, folder: server.folder, clock: systemClock, random: systemRandom })
    const call = host.call('call-park-settings', {}, never)
    if (code !== null) await expect(call).rejects.toMatchObject({ code })
    else {
      expect((await call).objects).toHaveLength(1)
      expect(await readFile(join(server.folder, 'diary'), 'utf8')).not.toContain('TAPLE')
    }
  })
})
