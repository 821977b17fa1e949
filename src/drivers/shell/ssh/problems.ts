import { Problem } from '../../../base/problem.ts'
import type { SshShell } from '../../../config/config-shell.ts'
import type { Child } from '../../child/child.ts'
import type { NotStarted } from '../../child/not-started.ts'

/** The client ends with it when the connection, and not the command there, failed. */
export const connectionFailed = 255

/** Why the client ended; null: with what it ran there. `connected`: something had already been heard from there. */
export function faultOf(settings: SshShell, process: Child, connected: boolean): Problem | null {
  if (process.failure) return noClient(process.failure)
  return process.exitCode === connectionFailed ? sshProblem(settings, process.complaints(), connected) : null
}

/** Why the client gave up, judged from its words. `connected`: something had already been heard from there. */
export function sshProblem(settings: SshShell, complaints: string, connected: boolean): Problem {
  const { host, port, user } = settings
  const said = complaints === '' ? '' : ` It said: ${complaints}`
  if (/host key verification failed|host key .* has changed/i.test(complaints))
    return new Problem('ssh-host-key', {
      subject: host,
      message: `The key of ${host} is not the known one, or no key is known.${said}`,
      hint: `Read the key on that machine itself: ssh-keygen -l -f C:\\ProgramData\\ssh\\ssh_host_ed25519_key.pub. Where it is the one that  ssh-keyscan -p ${port} ${host}  shows, put that line into ${settings.knownHosts ?? '~/.ssh/known_hosts of the account of the daemon'}.`,
    })
  if (/permission denied|too many authentication failures|no more authentication methods/i.test(complaints))
    return new Problem('ssh-login-refused', {
      subject: host,
      message: `${host} did not accept ${user} by ${method[settings.login.kind]}.${said}`,
      hint: 'Try the same account with ssh by hand. Check which methods sshd_config of that machine allows, and whether the account is locked or its password has expired.',
    })
  if (connected)
    return new Problem('ssh-connection-lost', {
      subject: host,
      message: `The connection to ${host} broke.${said}`,
      hint: 'Look at the event log of that machine (OpenSSH) and at the network in between. It is retried automatically.',
    })
  return new Problem('ssh-unreachable', {
    subject: host,
    message: `No connection to ${host} port ${port} could be made.${said}`,
    hint: `Check that the service sshd runs there and that no firewall is in the way:  ssh-keyscan -p ${port} ${host}`,
  })
}

const method = { password: 'password', kerberos: 'Kerberos ticket', key: 'key' } as const

function noClient({ message, cause }: NotStarted): Problem {
  return new Problem('ssh-client-missing', {
    message: `The OpenSSH client: ${message}`,
    cause,
    hint: 'Install it (Debian: apt install openssh-client) so that ssh is found in PATH of the daemon.',
  })
}
