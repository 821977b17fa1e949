/** The one user of simple-git: how Git is started, and with which login. */
import { simpleGit, type SimpleGit } from 'simple-git'
import type { GitConfig } from '../config/config-git.ts'
import { answers, askpass } from '../drivers/askpass.ts'
import { environmentWithoutSecrets } from '../drivers/child/environment.ts'
import { pathValue } from '../drivers/shell/ssh/client.ts'
import { groupLeader } from './bounded.ts'

/** How Git gets to the server: for a call that goes there, and for no other. */
export type Access = Pick<GitConfig, 'login' | 'ca' | 'ssh'>

const nobody: Access = { login: null, ca: null, ssh: null }

/** The only factory. Its errors go by the exit code: by itself simple-git takes a silent failure for success. */
export function client(
  folder: string,
  { access = nobody, input }: { access?: Access; input?: Buffer } = {},
): SimpleGit {
  const environment = gitEnvironment(access)
  return simpleGit({
    baseDir: folder,
    binary: groupLeader === null ? 'git' : [groupLeader, 'git'],
    config: [
      'gc.auto=0',
      'maintenance.auto=false',
      'core.quotePath=false',
      'http.followRedirects=initial',
      // Windows' own TLS would go by its own store, although a file is named.
      'http.schannelUseSSLCAInfo=true',
      // No store of logins of this machine is asked, and none learns ours.
      'credential.helper=',
      // The copy may have been made by another account; Git is started in it and nowhere else.
      'safe.directory=*',
      // Commands that read bring the same branches here at the same time as the daemon.
      'core.filesRefLockTimeout=2000',
    ],
    allowEnvironment: Object.keys(environment),
    unsafe: {
      allowUnsafeSshCommand: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeAskPass: true,
    },
    errors: (error, { exitCode, stdErr }) =>
      exitCode === 0 ? undefined : (error ?? new Error(Buffer.concat(stdErr).toString() || `exit code ${exitCode}`)),
    ...(input ? { input: () => input } : {}),
  }).env({ ...plainEnvironment(), ...environment })
}

/** Without what would open an editor, a pager or a question, or point Git elsewhere: npm sets EDITOR, a hook GIT_DIR. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const isForGit = /^(git_.*|editor|visual|pager|prefix|ssh_askpass)$/i
  return Object.fromEntries(Object.entries(environmentWithoutSecrets()).filter(([name]) => !isForGit.test(name)))
}

const inherited = ['GIT_SSH_COMMAND', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_SSL_CAINFO']

/** Nothing asks a person, nothing takes a lock that it can do without, and only these protocols are spoken. */
function gitEnvironment({ login, ca, ssh }: Access): Record<string, string> {
  return {
    GIT_SSH_COMMAND: sshCommand({}),
    ...Object.fromEntries(
      inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    ...(ssh ? { GIT_SSH_COMMAND: sshCommand(optionsOf(ssh), '-F none ') } : {}),
    ...(ca === null ? {} : { GIT_SSL_CAINFO: ca }),
    ...(login ? { GIT_ASKPASS: askpass, ...answers(login) } : { GIT_ASKPASS: '' }),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: 'file:ssh:https',
    LC_ALL: 'C',
  }
}

function optionsOf({ key, knownHosts }: NonNullable<Access['ssh']>): Record<string, string> {
  return {
    IdentityFile: pathValue(forSsh(key)),
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    PreferredAuthentications: 'publickey',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    ...(knownHosts === null ? {} : { UserKnownHostsFile: pathValue(forSsh(knownHosts)) }),
  }
}

/** A line for `sh`, by which Git runs it on every system. */
function sshCommand(options: Record<string, string>, first = ''): string {
  const given = { BatchMode: 'yes', ConnectTimeout: '15', ServerAliveInterval: '15', ...options }
  const words = Object.entries(given).map(([name, value]) => `-o ${quoted(`${name}=${value}`)}`)
  return `ssh ${first}${words.join(' ')}`
}

function quoted(word: string): string {
  return /^[\w=.]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** The client of Git for Windows takes a backslash for an escape. */
function forSsh(path: string): string {
  return process.platform === 'win32' ? path.replaceAll('\\', '/') : path
}
