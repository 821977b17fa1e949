import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../src/base/clock.ts'
import { createLog, registerSecret } from '../../../src/base/log.ts'
import { Problem } from '../../../src/base/problem.ts'
import { systemRandom } from '../../../src/base/random.ts'
import type { ShellHost } from '../../../src/drivers/shell/host.ts'
import { openShellHost } from '../../../src/drivers/shell/shell-host.ts'
import { hurriedClock } from '../../support/hurried-clock.ts'
import { TestClock } from '../../support/test-clock.ts'

const script = join(import.meta.dirname, 'fixtures', 'host.mjs')
const never = new AbortController().signal
let folder: string
let diary: string
let shell: ShellHost & AsyncDisposable
let logged = ''
const log = createLog({ write: (line) => void (logged += line) }, 'info')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-shell-'))
  diary = join(folder, 'diary')
  logged = ''
})
afterEach(async () => {
  await shell[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function open(mode: string, clock: Clock = systemClock, deadlineSeconds = 7200): ShellHost & AsyncDisposable {
  const settings = {
    transport: 'local' as const,
    command: [process.execPath, script, mode, diary],
    scratch: join(folder, 'scratch'),
    deadlineSeconds,
  }
  return (shell = openShellHost({ settings, folder, clock, random: systemRandom, log }))
}

const settingsCall = (signal = never): ReturnType<ShellHost['call']> => shell.call('call-park-settings', {}, signal)

async function failure(work: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Problem)) throw new Error(`no Problem: ${String(thrown)}`)
  return thrown
}

async function told(): Promise<string[]> {
  return (await readFile(diary, 'utf8')).trim().split('\n')
}

/** A zombie counts as gone. */
async function alive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone Z')
  return !/ Z/.test(state)
}

describe('a good shell host', () => {
  test('starts at the first call and no earlier, and stays', async () => {
    open('good')
    expect(existsSync(diary)).toBe(false)
    await settingsCall()
    await settingsCall()
    expect((await told()).filter((line) => line.startsWith('start'))).toHaveLength(1)
  })

  test('gives back objects, warnings and error records', async () => {
    open('good')
    expect(await settingsCall()).toEqual({
      objects: [{ Identity: 'Global', Text: 'Zürich 東京' }],
      warnings: ['Slow today.'],
      errors: [{ message: 'One user skipped.', category: 'InvalidData', terminating: false }],
    })
  })

  test('is asked one thing at a time, in order', async () => {
    open('good')
    const pools = ['a.contoso.com', 'b.contoso.com', 'c.contoso.com']
    const file = join(folder, 'out')
    await Promise.all(pools.map((PoolFqdn) => shell.call('export-user-data', { PoolFqdn, FileName: file }, never)))
    expect((await told()).slice(1)).toEqual(
      pools.map((PoolFqdn) => `export-user-data ${JSON.stringify({ PoolFqdn, FileName: file })}`),
    )
  })

  test('may begin with a byte order mark and end lines as Windows does', async () => {
    open('bom')
    expect((await settingsCall()).objects).toHaveLength(1)
  })

  test('may add something to an answer that is over', async () => {
    open('late')
    await settingsCall()
    expect((await settingsCall()).warnings).toEqual(['Slow today.'])
  })

  test('inherits nothing of our environment but what an engine needs', async () => {
    process.env['SQL_PASSWORD'] = 'hunter2'
    try {
      open('environment')
      await settingsCall()
    } finally {
      delete process.env['SQL_PASSWORD']
    }
    const environment = (await told()).find((line) => line.startsWith('environment')) ?? ''
    expect(environment).toContain('"PATH"')
    expect(environment).not.toContain('hunter2')
  })

  test('ends when the driver is closed', async () => {
    open('good')
    await settingsCall()
    await shell[Symbol.asyncDispose]()
    expect(await alive(Number((await told())[0]?.split(' ')[1]))).toBe(false)
  })
})

describe('what is printed between the messages (fault D1)', () => {
  test('is for the log, in one line each and without secrets; the answer is as it was', async () => {
    registerSecret('Exporting')
    open('noisy')
    for (let turn = 1; turn <= 30; turn++) expect((await settingsCall()).objects).toHaveLength(1)
    expect((await told()).filter((line) => line.startsWith('start'))).toHaveLength(1)
    const said = logged
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { said: string }).said)
    expect(said.slice(0, 4)).toEqual([
      'WARNING: something',
      'Gr\ufffd\ufffde\ufffd\ufffd',
      '{"id":"2","event":"end","ok":false}',
      '[2J[secret] ... 10 %WARNING: something',
    ])
    expect(said).toHaveLength(21)
    expect(said.at(-1)).toBe('More of it is not told.')
  })

  test('a module that is there and could not be loaded is for the log, where another was loaded (fault D4)', async () => {
    open('one-module')
    await settingsCall()
    expect(logged).toContain('The module SkypeForBusiness was not loaded: The assembly is missing.')
  })
})

describe('what is refused before anything is sent', () => {
  test.each([
    ['an unknown call', 'remove-everything', {}],
    ['a name from the prototype', 'constructor', {}],
    ['a parameter that the table does not list', 'export-user-data', { Force: true }],
    ['text for a switch', 'published-topology', { AsXml: 'yes' }],
    ['a switch for text', 'export-user-data', { PoolFqdn: true }],
    ['a line break in a name', 'export-user-data', { PoolFqdn: 'a\nb' }],
  ])('%s', async (_, call, parameters) => {
    open('good')
    const problem = await failure(shell.call(call as never, parameters, never))
    expect(problem.code).toBe('shell-call-refused')
    expect(existsSync(diary)).toBe(false)
  })

  test('anything, when no shell host is configured', async () => {
    shell = openShellHost({ settings: null, folder, clock: systemClock, random: systemRandom })
    expect((await failure(settingsCall())).code).toBe('shell-not-configured')
    expect((await failure(shell.scratch())).code).toBe('shell-not-configured')
  })
})

describe('a shell host that misbehaves', () => {
  test.each([
    ['old-protocol', 'shell-protocol', 'version 0'],
    ['unmarked', 'shell-protocol', 'an older version'],
    ['no-module', 'shell-module-failed', 'The module Lync was not loaded: The assembly is missing.'],
    ['pid-one', 'shell-protocol', '"pid\\":1'],
    ['stillborn', 'shell-unreachable', 'holdfast.ps1 is not recognized'],
    ['dies', 'shell-died', 'Out of memory.'],
    ['garbage', 'shell-protocol', 'WARNING: something'],
    ['no-utf8', 'shell-protocol', 'is not UTF-8'],
    ['stranger', 'shell-protocol', '99'],
    ['unknown-event', 'shell-protocol', 'progress'],
    ['cut-off', 'shell-died', 'with code 9'],
    ['unreadable', 'shell-protocol', 'The request is not JSON.'],
    ['endless', 'shell-protocol', 'longer than'],
    ['refuses', 'shell-call-failed', 'Cannot find pool. (ObjectNotFound)'],
  ])('%s: %s', async (mode, code, words) => {
    open(mode)
    const problem = await failure(settingsCall())
    expect(problem.code).toBe(code)
    expect(problem.message).toContain(words)
  })

  test('no such program', async () => {
    const settings = {
      transport: 'local' as const,
      command: [join(folder, 'nothing')],
      scratch: folder,
      deadlineSeconds: 7200,
    }
    shell = openShellHost({ settings, folder, clock: systemClock, random: systemRandom })
    const problem = await failure(settingsCall())
    expect(problem.code).toBe('shell-unreachable')
    expect(problem.message).toBe(`${join(folder, 'nothing')} cannot be started: there is no such file (ENOENT).`)
    expect(problem.hint).toContain('shell.command in holdfast.yaml')
  })

  test('a program that Node refuses to start at once, as a batch file on Windows', async () => {
    const command = [join(script, 'pwsh')]
    const settings = { transport: 'local' as const, command, scratch: folder, deadlineSeconds: 7200 }
    shell = openShellHost({ settings, folder, clock: systemClock, random: systemRandom })
    expect(await failure(settingsCall())).toMatchObject({
      code: 'shell-unreachable',
      message: `${join(script, 'pwsh')} cannot be started: spawn ENOTDIR.`,
    })
  })

  test('one that says hello only in words of its own is silent, and its words are quoted', async () => {
    const clock = new TestClock('2026-07-29T02:00:00Z')
    open('banner', clock)
    const call = failure(settingsCall())
    await until(() => logged.includes('Windows PowerShell'))
    await clock.advance(121)
    expect(await call).toMatchObject({
      code: 'shell-silent',
      message: expect.stringContaining('It said: Windows PowerShell'),
    })
  })

  test('one that never says hello is ended', async () => {
    const clock = new TestClock('2026-07-29T02:00:00Z')
    open('silent', clock)
    const call = failure(settingsCall())
    await until(() => existsSync(diary))
    await clock.advance(121)
    const problem = await call
    expect(problem.code).toBe('shell-silent')
    expect(await alive(Number((await told())[0]?.split(' ')[1]))).toBe(false)
  })

  test('objects that somebody takes are not in the result', async () => {
    open('good')
    const taken: unknown[] = []
    const result = await shell.call('call-park-settings', {}, never, (value) => Promise.resolve(void taken.push(value)))
    expect(result.objects).toEqual([])
    expect(taken).toEqual([{ Identity: 'Global', Text: 'Zürich 東京' }])
  })

  test('what cannot be taken fails its call, and leaves the session as it is', async () => {
    open('good')
    const full = new Problem('file-no-space', { message: 'The disk is full.' })
    const refuse = (): Promise<void> => Promise.reject(full)
    expect(await failure(shell.call('call-park-settings', {}, never, refuse))).toBe(full)
    expect((await settingsCall()).objects).toHaveLength(1)
    expect((await told()).filter((line) => line.startsWith('start'))).toHaveLength(1)
  })

  test('a failed call leaves the session as it is', async () => {
    open('refuses')
    await failure(settingsCall())
    await failure(settingsCall())
    expect((await told()).filter((line) => line.startsWith('start'))).toHaveLength(1)
  })

  test('after a death the next call starts anew, later each time', async () => {
    const clock = new TestClock('2026-07-29T02:00:00Z')
    open('dies', clock)
    await failure(settingsCall())
    for (const seconds of [1, 2, 4]) {
      const call = failure(settingsCall())
      await until(() => clock.sleeping > 0)
      const before = (await told()).length
      await clock.advance(seconds - 0.1)
      expect(await told()).toHaveLength(before)
      await clock.advance(0.2)
      expect((await call).code).toBe('shell-died')
    }
  })
})

test('nobody waits for a shell host that failed again and again', async () => {
  const clock = new TestClock('2026-07-29T02:00:00Z')
  open('dies', clock)
  for (let failed = 1; failed <= 4; failed++) {
    const call = failure(settingsCall())
    if (failed > 1) {
      await until(() => clock.sleeping > 0)
      await clock.advance(2 ** (failed - 2) + 0.1)
    }
    await call
  }
  expect((await failure(settingsCall())).code).toBe('shell-died') // at once: no time passes here
  expect((await told()).filter((line) => line.startsWith('start'))).toHaveLength(4)
  await clock.advance(9)
  expect((await failure(settingsCall())).code).toBe('shell-died')
  expect((await told()).filter((line) => line.startsWith('start'))).toHaveLength(5)
})

describe('a call that takes too long', () => {
  test.each(['hangs', 'stubborn'])('fault 14: is ended with all it started: %s', async (mode) => {
    const clock = hurriedClock()
    open(mode, clock)
    const stop = new AbortController()
    const call = failure(settingsCall(stop.signal))
    await until(async () => existsSync(diary) && (await told()).some((line) => line.startsWith('child')))
    stop.abort(new Error('too late'))
    if (mode === 'stubborn') {
      await until(async () => (await told()).includes('asked to end'))
      clock.hurry()
    }
    const problem = await call
    expect(problem.code).toBe('shell-deadline')
    expect(problem.message).toContain('was ended')
    for (const line of (await told()).filter((line) => /^(start|child)/.test(line)))
      await until(async () => !(await alive(Number(line.split(' ')[1]))))
  })

  test('fault 14: is ended at the deadline of the settings, whatever it warns of; the next one runs at once', async () => {
    const clock = new TestClock('2026-07-29T02:00:00Z')
    open('export-hangs', clock, 7200)
    for (let turn = 1; turn <= 5; turn++) {
      let over = false
      const parameters = { PoolFqdn: 'pool01.contoso.com', FileName: join(folder, 'out') }
      const call = failure(shell.call('export-user-data', parameters, never)).finally(() => (over = true))
      await until(async () => existsSync(diary) && (await told()).length === 2 * turn)
      await clock.advance(7199)
      expect(over).toBe(false)
      await clock.advance(1)
      await until(async () => {
        await clock.advance(0.1) // it is looked whether the process is gone
        return over
      })
      const problem = await call
      expect(problem).toMatchObject({
        code: 'shell-deadline',
        message: 'Export-CsUserData did not end within 2h: its process was ended with everything it had started.',
      })
      expect(problem.hint).toContain('shell.deadline')
      expect(await alive(Number((await told()).at(-2)?.split(' ')[1]))).toBe(false)
    }
    expect((await settingsCall()).objects).toHaveLength(1) // no time passes here
  })

  test('gives the next one a new process', async () => {
    open('hangs')
    for (let turn = 1; turn <= 2; turn++) {
      const stop = new AbortController()
      const call = failure(settingsCall(stop.signal))
      await until(
        async () => existsSync(diary) && (await told()).filter((line) => line.startsWith('child')).length === turn,
      )
      stop.abort(new Error('too late'))
      expect((await call).code).toBe('shell-deadline')
    }
    expect((await told()).filter((line) => line.startsWith('start'))).toHaveLength(2)
  })

  const notBegun = {
    code: 'shell-deadline',
    message: 'Get-CsCpsConfiguration was given up before it began: never mind',
  }

  test('while it waits for its turn it is given up, and the one before goes on', async () => {
    open('good')
    const first = settingsCall()
    const stop = new AbortController()
    const second = failure(settingsCall(stop.signal))
    stop.abort(new Error('never mind'))
    expect(await second).toMatchObject(notBegun)
    expect((await first).objects).toHaveLength(1)
  })

  test('fault F9: before its session has begun it is given up; the process is ended with the driver', async () => {
    open('silent')
    const stop = new AbortController()
    const call = failure(settingsCall(stop.signal))
    await until(() => existsSync(diary))
    stop.abort(new Error('never mind'))
    expect(await call).toMatchObject(notBegun)
    await shell[Symbol.asyncDispose]()
    expect(await alive(Number((await told())[0]?.split(' ')[1]))).toBe(false)
  })

  test('fault F9: before it was asked it is given up, and nothing is started', async () => {
    open('good')
    expect(await failure(settingsCall(AbortSignal.abort(new Error('never mind'))))).toMatchObject(notBegun)
    expect(existsSync(diary)).toBe(false)
  })

  test('fault F9: while it waits for the next start it is given up', async () => {
    const clock = new TestClock('2026-07-29T02:00:00Z')
    open('dies', clock)
    await failure(settingsCall())
    const stop = new AbortController()
    const call = failure(settingsCall(stop.signal))
    await until(() => clock.sleeping > 0)
    stop.abort(new Error('never mind'))
    expect(await call).toMatchObject(notBegun)
  })

  test('what gave it up is told as it is where it says so itself', async () => {
    open('silent')
    const stop = new AbortController()
    const call = failure(settingsCall(stop.signal))
    stop.abort(new Problem('interrupted', { message: 'Stopped by SIGINT.' }))
    expect(await call).toMatchObject({ code: 'interrupted', message: 'Stopped by SIGINT.' })
  })
})

describe('the scratch folder', () => {
  test('is fresh, for its owner alone, and gone afterwards', async () => {
    open('good')
    const [one, two] = [await shell.scratch(), await shell.scratch()]
    const file = one.path('user-data.zip')
    expect(dirname(file)).not.toBe(dirname(two.path('user-data.zip')))
    expect((await stat(dirname(file))).mode & 0o777).toBe(0o700)
    await shell.call('export-user-data', { PoolFqdn: 'pool01.contoso.com', FileName: file }, never)
    expect(await text(await one.open('user-data.zip'))).toBe('content')
    await one[Symbol.asyncDispose]()
    await two[Symbol.asyncDispose]()
    expect(existsSync(dirname(file))).toBe(false)
  })

  test('tells when the cmdlet wrote nothing', async () => {
    open('writes-nothing')
    await using scratch = await shell.scratch()
    await shell.call('export-configuration', { FileName: scratch.path('Config.zip') }, never)
    expect((await failure(scratch.open('Config.zip'))).code).toBe('shell-no-output')
  })

  test.each(['../x', 'a/b', '', '..', 'a\\b', '.hidden'])('has no place for %j', async (name) => {
    open('good')
    await using scratch = await shell.scratch()
    expect(() => scratch.path(name)).toThrow(Problem)
  })
})

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(10)
}
