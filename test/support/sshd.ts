import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { SshShell } from '../../src/config/config-shell.ts'
import { descendantsOf } from './processes.ts'
import { freePort } from './free-port.ts'
import { lacking, pathOf } from './programs.ts'
import { until } from './until.ts'

/** A real sshd of this machine on loopback, with keys of its own, that lets the account of the test in by its key. */
export interface Sshd extends AsyncDisposable {
  folder: string
  /** How it is reached. */
  settings(command: readonly string[], scratch: string): SshShell
  /** Starts it again on the same port, with these lines of sshd_config in place of its own. */
  start(lines?: readonly string[]): Promise<void>
  /** Ends it with every connection, as when the machine restarts. What ran in them stays, as it may there. */
  kill(): Promise<void>
  /** Cuts every connection at its end of the line; the server stays. */
  cut(): void
  /** Ends what runs in the connections; these stay until they notice. */
  endCommands(): void
  /** Stops the server and its connections without ending them: nothing answers any more. */
  freeze(): void
  thaw(): void
}

const subsystem = ['/usr/lib/openssh/sftp-server', '/usr/libexec/openssh/sftp-server', '/usr/lib/ssh/sftp-server'].find(
  (path) => existsSync(path),
)

/** Why no sshd can be had here; null: it can. */
export const sshdLacks = lacking('sshd') ?? (subsystem ? null : 'needs sftp-server')

/** The password by which a server may be asked to let the account in, see `startSshd`. */
export const password = 'correct horse "battery" $TAPLE'

/** With `withPassword` the server sees that password in place of the account's own, in a mount namespace of its own. */
export async function startSshd({ withPassword = false } = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-sshd-'))
  const at = (name: string): string => join(folder, name)
  const port = await freePort()
  for (const name of ['host_key', 'other_host_key', 'user_key', 'stranger_key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name)])
  copyFileSync(at('user_key.pub'), at('authorized_keys'))
  const key = readFileSync(at('host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${key}\n`)
  if (withPassword) writeShadow(at('shadow'))
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true }) // where it separates privileges
  let server: ChildProcess | null = null

  const signalAll = (signal: NodeJS.Signals): void => {
    if (server?.pid === undefined) return
    for (const pid of [server.pid, ...connections(server.pid)]) process.kill(pid, signal)
  }
  async function kill(): Promise<void> {
    if (!server) return
    const ended = once(server, 'exit')
    signalAll('SIGKILL')
    await ended
    server = null
  }
  async function start(lines: readonly string[] = []): Promise<void> {
    await kill()
    const given = lines.map((line) => line.split(' ')[0])
    const others = configuration(folder, port).filter((line) => !given.includes(line.split(' ')[0]))
    writeFileSync(at('sshd_config'), [...lines, ...others, ''].join('\n'))
    const command = [pathOf('sshd') ?? 'sshd', '-D', '-e', '-f', at('sshd_config')]
    const [program = '', ...argv] = withPassword ? inNamespace(at('shadow'), command) : command
    server = spawn(program, argv, { stdio: 'ignore' })
    await until(() => Promise.resolve(isListening(port) || undefined))
  }

  await start()
  return {
    folder,
    settings: (command, scratch) => ({
      ...{
        transport: 'ssh',
        command,
        scratch,
        deadlineSeconds: 7200,
        host: '127.0.0.1',
        port,
        user: userInfo().username,
      },
      login: { kind: 'key', identityFile: at('user_key') },
      knownHosts: at('known_hosts'),
    }),
    start,
    kill,
    cut() {
      for (const pid of connections(server?.pid ?? 0)) process.kill(pid, 'SIGKILL')
    },
    endCommands() {
      const own = new Set(connections(server?.pid ?? 0))
      for (const pid of descendantsOf(server?.pid ?? 0)) if (!own.has(pid)) process.kill(pid, 'SIGKILL')
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async [Symbol.asyncDispose]() {
      signalAll('SIGCONT')
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function configuration(folder: string, port: number): string[] {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host_key')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `PidFile ${join(folder, 'sshd.pid')}`,
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'MaxStartups 100',
    `Subsystem sftp ${subsystem ?? ''}`,
  ]
}

/** Processes of sshd itself that serve connections: not what they run. */
function connections(server: number): number[] {
  return descendantsOf(server).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('sshd')
    } catch {
      return false
    }
  })
}

function writeShadow(file: string): void {
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: `${password}\n`, encoding: 'utf8' }).trim()
  const name = userInfo().username
  const others = readFileSync('/etc/shadow', 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith(`${name}:`))
  writeFileSync(file, [`${name}:${hash}:20000:0:99999:7:::`, ...others].join('\n'))
  chmodSync(file, 0o600)
}

function inNamespace(shadow: string, command: readonly string[]): string[] {
  return ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/shadow && exec "$@"', shadow, ...command]
}

/** Whether a server may see another password than the system's here. */
export function canSetPassword(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '--bind', '/etc/hostname', '/etc/shadow'], { stdio: 'ignore' })
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** From the kernel's own table: a connection made to try it would count as a client. */
function isListening(port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`
  return readFileSync('/proc/net/tcp', 'utf8').includes(wanted)
}
