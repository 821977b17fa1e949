/** How the system's OpenSSH client is called. Nothing of the configuration is an option: it is a value, or comes after `--`. */
import type { SshShell } from '../../../config/config-shell.ts'
import { Problem } from '../../../base/problem.ts'
import { answers, askpass } from '../../askpass.ts'

export const client = 'ssh'

/** Runs `words` there. */
export function commandThere(settings: SshShell, words: readonly string[]): string[] {
  return [...options(settings), '--', settings.host, sshCommandLine(words)]
}

/** Speaks SFTP with the server there. */
export function sftpThere(settings: SshShell): string[] {
  return [...options(settings), '-s', '--', settings.host, 'sftp']
}

/** Keys of hosts are never learned, files of settings never read, and nothing is ever asked of a person. */
function options(settings: SshShell): string[] {
  const given = {
    BatchMode: settings.login.kind === 'password' ? 'no' : 'yes',
    NumberOfPasswordPrompts: '1',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    ...(settings.knownHosts === null ? {} : { UserKnownHostsFile: pathValue(settings.knownHosts) }),
    ConnectTimeout: '15',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '3',
    ControlPath: 'none',
    ClearAllForwardings: 'yes',
    PermitLocalCommand: 'no',
    IdentityAgent: 'none',
    LogLevel: 'ERROR',
    ...methods(settings.login),
  }
  const values = Object.entries(given).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return [client, '-F', 'none', '-T', '-p', String(settings.port), '-l', settings.user, ...values]
}

function methods(login: SshShell['login']): Record<string, string> {
  switch (login.kind) {
    case 'password':
      return { PreferredAuthentications: 'password,keyboard-interactive', PubkeyAuthentication: 'no' }
    case 'kerberos':
      return {
        PreferredAuthentications: 'gssapi-with-mic',
        GSSAPIAuthentication: 'yes',
        GSSAPIDelegateCredentials: 'yes',
      }
    case 'key':
      return {
        PreferredAuthentications: 'publickey',
        IdentitiesOnly: 'yes',
        IdentityFile: pathValue(login.identityFile),
      }
  }
}

/** A path as value of an option: the client splits it at spaces and replaces what follows a percent sign. */
export function pathValue(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`
}

/** The client asks a program for the password, which takes it from here. */
export function environmentOf({ login }: SshShell): Record<string, string> {
  const untranslated = { LC_ALL: 'C' }
  if (login.kind !== 'password') return untranslated
  if (process.platform === 'win32')
    throw new Problem('ssh-login-refused', {
      message: 'On Windows Holdfast does not pass a password to the OpenSSH client.',
      hint: 'Run Holdfast on the management host itself, with transport: local; or log in by Kerberos.',
    })
  return {
    ...untranslated,
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: 'force',
    DISPLAY: 'none', // for clients before 8.4, which ask the program only where there is a screen
    ...answers({ password: login.password }),
  }
}

/**
 * The words as one line for whatever shell reads it there (cmd.exe, PowerShell, sh): double quotes mean the same to all
 * of them around the characters that the configuration lets through.
 */
export function sshCommandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:-]+$/.test(word) ? word : `"${word}"`)).join(' ')
}
