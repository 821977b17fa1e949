// What a person starts, where the Node in PATH is older than ours: the launcher starts another one.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { descendantsOf } from '../support/processes.ts'
import { temporaryFolder } from '../lab/support.ts'
import { holdfast } from '../support/terminal.ts'

const bin = join(import.meta.dirname, '..', '..', 'src', 'cli', 'holdfast.js')
const windows = join(import.meta.dirname, 'fixtures', 'older-node-on-windows.mjs')
let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => {
  folder[Symbol.dispose]()
})

function launch(...argv: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', windows, bin, ...argv], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** A lab that serves until it is asked to end, which is no failure. */
async function labIsUp(): Promise<ChildProcess> {
  const launcher = launch('lab', 'up', 'lab')
  const isUp = Promise.withResolvers<undefined>()
  launcher.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    if (piece.includes('The lab is up')) isUp.resolve(undefined)
  })
  await isUp.promise
  expect(existsSync(join(folder.path, 'lab', 'control.json'))).toBe(true)
  return launcher
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'fault G1: a %s to the launcher asks the command to stop, and does not end it hard',
  async (signal) => {
    const launcher = await labIsUp()

    process.kill(launcher.pid ?? 0, signal)

    expect(await once(launcher, 'exit')).toEqual([0, null])
    expect(existsSync(join(folder.path, 'lab', 'control.json'))).toBe(false)
  },
)

test('Ctrl+C reaches the launcher and the command: it is one request, not two', async () => {
  const launcher = await labIsUp()

  for (const pid of [launcher.pid ?? 0, ...descendantsOf(launcher.pid ?? 0)]) process.kill(pid, 'SIGINT')

  expect(await once(launcher, 'exit')).toEqual([0, null])
})

test('a command that ends by itself ends the launcher, with its exit code', async () => {
  expect(await once(launch('sets'), 'exit')).toEqual([2, null])
})

test('--version says which Holdfast and which Node.js', async () => {
  expect(await holdfast(folder.path, '--version')).toMatchObject({
    code: 0,
    out: `holdfast ${manifest.version}, Node.js ${process.versions.node}\n`,
    err: '',
  })
})
