/** The doctor where the shell host is reached by a real sshd. */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import type { SshShell } from '../../src/config/config-shell.ts'
import type { CheckResult } from '../../src/doctor/check.ts'
import { sshdLacks, startSshd, type Sshd } from '../support/sshd.ts'
import { openWard, those, type Ward } from './lab.ts'

let ward: Ward
let sshd: Sshd
let shell: SshShell

describe.skipIf(sshdLacks)(`doctor over ssh${sshdLacks ? `: ${sshdLacks}` : ''}`, () => {
  beforeAll(async () => {
    ;[ward, sshd] = await Promise.all([openWard(), startSshd()])
    const local = (await readConfig(ward.lab.config)).shell
    shell = sshd.settings(local?.command ?? [], local?.scratch ?? '')
  })
  afterAll(() => Promise.all([ward[Symbol.asyncDispose](), sshd[Symbol.asyncDispose]()]))

  const examine = (more: Partial<SshShell> = {}): Promise<CheckResult[]> =>
    ward.examine({ config: { shell: { ...shell, ...more } } })
  const kinds = (results: readonly CheckResult[], outcome: CheckResult['outcome']): string[] => [
    ...new Set(results.filter((one) => one.outcome === outcome).map(({ name }) => name)),
  ]

  test('a healthy way there: every step is told, and nothing stays', async () => {
    const results = await examine()
    expect(results.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
    expect(those(results, 'ok').filter((row) => /^(ssh|shell)/.test(row))).toEqual([
      'ssh-client ssh',
      'ssh-host-key 127.0.0.1',
      `ssh-login ${shell.user}@127.0.0.1`,
      'ssh-sftp 127.0.0.1',
      `shell ${shell.command[0] ?? ''}`,
      `shell-scratch ${shell.scratch}`,
    ])
    expect(results.find(({ name }) => name === 'ssh-login')?.message).toBe(`in as ${shell.user}`)
    expect(readdirSync(shell.scratch)).toEqual([])
  })

  const cmdlets = ['cmdlet', 'central-management']
  test.each<[string, string, string[], () => Partial<SshShell>]>([
    [
      ...(['ssh-host-key', 'ssh-host-key'] as const),
      ['ssh-login', 'ssh-sftp', 'shell', 'shell-scratch', ...cmdlets],
      () => ({ knownHosts: emptyFile() }),
    ],
    [
      ...(['ssh-host-key', 'ssh-unreachable'] as const),
      ['ssh-login', 'ssh-sftp', 'shell', 'shell-scratch', ...cmdlets],
      () => ({ port: 1 }),
    ],
    [
      ...(['ssh-login', 'ssh-login-refused'] as const),
      ['ssh-sftp', 'shell', 'shell-scratch', ...cmdlets],
      () => ({ login: { kind: 'key', identityFile: join(sshd.folder, 'stranger_key') } }),
    ],
    ['shell', 'shell-unreachable', ['shell-scratch', ...cmdlets], () => ({ command: ['/nowhere/pwsh'] })],
    ['shell-scratch', 'ssh-sftp-failed', [], () => ({ scratch: '/nowhere/scratch' })],
  ])('only %s fails: %s', async (check, code, skipped, more) => {
    expectOnly(await examine(more()), check, code, skipped)
  })

  test('only ssh-sftp fails where the machine serves no files', async () => {
    await sshd.start(['Subsystem sftp /bin/false'])
    const results = await examine().finally(() => sshd.start())
    expectOnly(results, 'ssh-sftp', 'ssh-sftp-failed', ['shell-scratch'])
  })

  test('only ssh-client fails where there is none', async () => {
    const { PATH } = process.env
    const bin = join(sshd.folder, 'bin')
    mkdirSync(bin)
    for (const program of readdirSync('/usr/bin'))
      if (program !== 'ssh') symlinkSync(join('/usr/bin', program), join(bin, program))
    process.env['PATH'] = bin
    try {
      expectOnly(await examine(), 'ssh-client', 'ssh-client-missing', [
        ...['ssh-host-key', 'ssh-login', 'ssh-sftp', 'shell', 'shell-scratch', ...cmdlets],
      ])
    } finally {
      process.env['PATH'] = PATH
      rmSync(bin, { recursive: true })
    }
  })

  function expectOnly(results: CheckResult[], check: string, code: string, skipped: string[]): void {
    expect(kinds(results, 'failed')).toEqual([check])
    expect(kinds(results, 'skipped')).toEqual(skipped)
    const failed = results.find(({ outcome }) => outcome === 'failed')
    expect(failed?.message).toMatch(new RegExp(`\\[${code}\\]$`))
    expect(failed?.remedy).toMatch(/\w{3}/)
  }
})

function emptyFile(): string {
  const file = join(sshd.folder, 'no_known_hosts')
  writeFileSync(file, '')
  return file
}
