import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { descendantsOf } from './processes.ts'
import { freePort } from './free-port.ts'
import { lacking, pathOf } from './programs.ts'
import { until } from './until.ts'

/** A share that a Samba server serves and a FUSE client (rclone) has mounted. Nothing is cached between the two. */
export interface Samba extends AsyncDisposable {
  /** The share as a client sees it. */
  mount: string
  /** The folder that stands behind it, on the server's side. Its files belong to `nobody`. */
  served: string
  /** Ends the server as a power cut would. */
  kill(): Promise<void>
  /** Starts the server, with these settings of the share in place of the former ones. */
  start(settings?: Record<string, string>): Promise<void>
}

/** What is lacking here to serve and mount a share; null: nothing. */
export function sambaNeeds(): string | null {
  const programs = lacking('smbd', 'rclone', 'fusermount3')
  if (programs !== null) return programs
  if (process.getuid?.() !== 0) return 'needs root'
  try {
    closeSync(openSync('/dev/fuse', 'r+'))
    return null
  } catch {
    return 'needs /dev/fuse'
  }
}

export async function startSamba(): Promise<Samba> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-samba-'))
  await chmod(folder, 0o755)
  const [mount, served, state] = [join(folder, 'mount'), join(folder, 'served'), join(folder, 'state')]
  for (const path of [mount, served, state]) await mkdir(path)
  await chmod(served, 0o777)
  const port = await freePort()
  let server: ChildProcess | null = null

  async function kill(): Promise<void> {
    if (!server) return
    const pid = server.pid ?? 0
    const ended = once(server, 'exit')
    for (const one of [pid, ...descendantsOf(pid)]) killIfThere(one)
    await ended
    server = null
  }

  async function start(settings: Record<string, string> = {}): Promise<void> {
    await kill()
    const file = join(state, 'smb.conf')
    await writeFile(file, configuration(port, state, { path: served, ...settings }))
    server = spawn(pathOf('smbd') ?? '', ['--foreground', '--no-process-group', `--configfile=${file}`], {
      stdio: 'ignore',
    })
    await until(() => isListening(port))
    if (isMounted(mount)) await until(() => answers(mount))
  }

  await start()
  const client = spawn('rclone', [
    'mount',
    `:smb,host=127.0.0.1,port=${port},user=guest:share`,
    mount,
    ...options(state),
  ])
  const atExit = (): void => {
    // A test that ran out of time disposes of nothing.
    execFileSync('fusermount3', ['-uz', mount], { stdio: 'ignore' })
    for (const pid of [client.pid, server?.pid]) if (pid !== undefined) killIfThere(pid)
  }
  process.once('exit', atExit)
  await until(() => Promise.resolve(isMounted(mount) || undefined))
  return {
    mount,
    served,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      process.off('exit', atExit)
      await once(spawn('fusermount3', ['-uz', mount]), 'exit')
      if (client.exitCode === null && client.kill('SIGKILL')) await once(client, 'exit')
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The client asks the server each time, writes on closing a file, and gives up soon. */
function options(state: string): string[] {
  return [
    ...['--config', '/dev/null', '--cache-dir', join(state, 'cache')],
    ...['--vfs-cache-mode', 'minimal', '--dir-cache-time', '0s', '--attr-timeout', '0s', '--vfs-case-insensitive'],
    ...['--low-level-retries', '1', '--contimeout', '2s', '--timeout', '10s', '--smb-idle-timeout', '1s'],
  ]
}

function configuration(port: number, state: string, share: Record<string, string>): string {
  const lines = (settings: Record<string, string>): string[] =>
    Object.entries(settings).map(([key, value]) => `  ${key} = ${value}`)
  return [
    '[global]',
    ...lines({
      'server role': 'standalone server',
      'map to guest': 'Bad User',
      'guest account': 'nobody',
      'smb ports': `${port}`,
      interfaces: '127.0.0.1',
      'bind interfaces only': 'yes',
      'passdb backend': `smbpasswd:${state}/smbpasswd`,
      'log file': `${state}/smbd.log`,
      'disable spoolss': 'yes',
      'load printers': 'no',
    }),
    ...['private dir', 'lock directory', 'state directory', 'cache directory', 'pid directory'].map(
      (name) => `  ${name} = ${state}`,
    ),
    `  ncalrpc dir = ${state}/ncalrpc`,
    '[share]',
    ...lines({ 'read only': 'no', 'guest ok': 'yes', 'guest only': 'yes', ...share }),
    '',
  ].join('\n')
}

/** From the kernel's own table: a connection made to try it would count as a client. */
function isListening(port: number): Promise<true | undefined> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`
  return Promise.resolve(readFileSync('/proc/net/tcp', 'utf8').includes(wanted) || undefined)
}

/** A connection that was cut is noticed by the first who uses it, and made again for the next. */
function answers(folder: string): Promise<true | undefined> {
  return readdir(folder).then(
    () => true,
    () => undefined,
  )
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

function isMounted(folder: string): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(` ${folder} `)
}
