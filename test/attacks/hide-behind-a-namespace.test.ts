/** A holder of the lease that a second process cannot see: in a container beside it, or behind hidepid. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import { startLab } from '../support/lab.ts'
import { TestClock } from '../support/test-clock.ts'
import { until } from '../support/until.ts'
import { startChild } from '../store/processes.ts'
import { freshFile, opened } from '../store/rooms.ts'

const root = join(import.meta.dirname, '..', '..')
const bin = join(root, 'src', 'cli', 'holdfast.js')
const child = (name: string): string => join(root, 'test', 'store', 'children', `${name}.ts`)

/** As the first process of a PID namespace of its own, with a /proc that shows only that. */
const alone = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
/** As another account, which sees no process of others. */
const hidden = [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" "$@"',
]

/** Why this machine lets nobody do so; null where it does. */
function refusal(way: readonly string[]): string | null {
  const [program = '', ...words] = way
  try {
    execFileSync(program, [...words, 'true'], { stdio: 'pipe' })
    return null
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.split('\n').slice(0, 2).join(' ') : String(thrown)
  }
}

const started: ChildProcess[] = []
afterEach(() => {
  for (const one of started.splice(0)) one.kill('SIGKILL')
})

function start(way: readonly string[], ...words: string[]): { process: ChildProcess; line(): Promise<string> } {
  const [program = '', ...before] = way
  const one = spawn(program, [...before, ...words], { stdio: ['pipe', 'pipe', 'ignore'] })
  started.push(one)
  const lines = createInterface(one.stdout)[Symbol.asyncIterator]()
  return { process: one, line: async () => String((await lines.next()).value) }
}

const noNamespace = refusal(alone)
describe.skipIf(noNamespace !== null)(`a PID namespace of its own${noNamespace ? ` (${noNamespace})` : ''}`, () => {
  test('a holder that cannot be seen from the host keeps the lease until it expires', async () => {
    const file = freshFile()
    const holder = start(alone, process.execPath, child('holder'), file)
    expect(await holder.line()).toBe('taken 1')
    expect(opened(file).lease.take()).toBe(false)
    expect(opened(file, 'read').lease.holder()).toMatchObject({ pid: 1 })

    const exited = new Promise((resolve) => holder.process.once('exit', resolve))
    holder.process.kill('SIGKILL')
    await exited
    const clock = new TestClock(new Date().toISOString())
    expect(opened(file, 'act', clock).lease.take()).toBe(false)
    await clock.advance(31)
    expect(opened(file, 'act', clock).lease.take()).toBe(true)
  })

  test('a holder on the host keeps the lease against a process of a container', async () => {
    const file = freshFile()
    const holder = startChild('holder', file)
    expect(await holder.line()).toMatch(/^taken/)
    expect(await start(alone, process.execPath, child('racer'), file, '0').line()).toBe('refused')
  })

  test('a /proc of another namespace shows nothing of ours: two processes behind it do not take each other for dead', async () => {
    const file = freshFile()
    const both = [process.execPath, child('holder'), file, process.execPath, child('racer'), file, '0']
    const script = '"$1" "$2" "$3" & read go; exec "$4" "$5" "$6" "$7"'
    const pair = start(['unshare', '--pid', '--fork', '--kill-child'], 'sh', '-c', script, 'sh', ...both)
    expect(await pair.line()).toMatch(/^taken/)
    pair.process.stdin?.write('go\n')
    expect(await pair.line()).toBe('refused')
  })

  test('a daemon in a container and commands on its host: exactly one acts', async () => {
    await using lab = await startLab()
    const daemon = start(alone, process.execPath, bin, 'run', '--config', lab.config)
    await until(async () => {
      const { json } = await lab.json<{ daemon: { lastPassAt: string | null } }>('status')
      return json.daemon.lastPassAt ?? undefined
    })

    const refused = await lab.holdfast('run', '--once')
    const served = await lab.json<{ set: { state: string } }>('backup', 'file-stores', '--wait')

    expect(refused).toMatchObject({ code: 4 })
    expect(refused.err).toContain('another-daemon')
    expect(served).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
    expect(daemon.process.exitCode).toBeNull()
    const exited = new Promise((resolve) => daemon.process.once('exit', resolve))
    daemon.process.kill('SIGKILL')
    await exited
  }, 60_000)
})

const noHiding = refusal(hidden)
describe.skipIf(noHiding !== null)(`hidepid${noHiding ? ` (${noHiding})` : ''}`, () => {
  test('a holder whose account hides its processes keeps the lease', async () => {
    const file = freshFile()
    const holder = startChild('holder', file)
    expect(await holder.line()).toMatch(/^taken/)
    chmodSync(dirname(file), 0o777)
    for (const name of [file, `${file}-wal`, `${file}-shm`]) chmodSync(name, 0o666)
    expect(await start(hidden, process.execPath, child('racer'), file, '0').line()).toBe('refused')
  })
})
