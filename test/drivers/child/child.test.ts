import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { outputOf, startChild, type Child } from '../../../src/drivers/child/child.ts'
import { notStarted } from '../../../src/drivers/child/not-started.ts'
import { alive } from '../../support/processes.ts'
import { patience } from '../../support/until.ts'

const never = new AbortController().signal
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-child-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function start(command: readonly string[], where = folder): Child {
  return startChild({ command, folder: where, environment: { PATH: process.env['PATH'] }, clock: systemClock })
}

function write(name: string, content: string, mode: number): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  chmodSync(file, mode)
  return file
}

describe('a program that cannot be started is told, and nothing is thrown', () => {
  test.each<[string, () => readonly string[], string]>([
    [
      'not in PATH',
      () => ['no-such-program'],
      'no-such-program cannot be started: no folder in PATH holds it (ENOENT).',
    ],
    ['no such file', () => ['/nowhere/pwsh'], '/nowhere/pwsh cannot be started: there is no such file (ENOENT).'],
    // Node throws these at once, and reports the others later.
    ['below a file', () => [join(write('file', '', 0o644), 'pwsh')], '/file/pwsh cannot be started: spawn ENOTDIR.'],
    ['a name that no program has', () => ['pw\0sh'], 'without null bytes'],
    ['no name at all', () => [], 'cannot be empty'],
  ])('%s', async (_name, command, words) => {
    const child = start(command())

    expect(await outputOf(child, never)).toBe('')
    expect(child.failure?.message).toContain(words)
    expect([await child.ended, await child.closed, child.exitCode]).toEqual([
      'before it began',
      'before it began',
      null,
    ])
    expect(await child.end(null)).toBe(true)
  })

  test.skipIf(process.getuid?.() === 0)('no right to run it (not as root, who has every right)', async () => {
    const child = start([write('program', '#!/bin/sh\n', 0o644)])
    await child.ended
    expect(child.failure?.message).toContain('this account may not run it (EACCES)')
  })

  test('in a folder that is not there: the program is not to blame', async () => {
    const gone = join(folder, 'gone')
    const child = start([process.execPath], gone)
    await child.ended
    expect(child.failure?.message).toBe(
      `${process.execPath} cannot be started: its folder ${gone} does not exist (ENOENT).`,
    )
  })

  test('fault G6: a batch file, which Node refuses on Windows', () => {
    const thrown = Object.assign(new Error('spawn EINVAL'), { code: 'EINVAL' })
    expect(notStarted('C:\\Holdfast\\shell.cmd', folder, thrown)).toMatchObject({
      message:
        'C:\\Holdfast\\shell.cmd cannot be started: it is a batch file, which Windows runs only through cmd.exe (EINVAL).',
      hint: "Name the program that the batch file starts, or write the command as  [cmd.exe, /d, /c, 'C:\\Holdfast\\shell.cmd']",
    })
  })
})

test('a child is told apart by how it ended, and what it complained of', async () => {
  const child = start(['sh', '-c', 'cat; echo broken >&2; exit 3'])
  child.write('question\n')
  expect(await outputOf(child, never)).toBe('question\n')
  expect([await child.ended, child.exitCode, child.complaints()]).toEqual(['with code 3', 3, 'broken'])
  expect(child.failure).toBeNull()
})

test('a child is ended with all it started when nobody wants its output any more, even if both ignore being asked', async () => {
  const hasty = { ...systemClock, sleep: (milliseconds: number) => systemClock.sleep(milliseconds / 50) }
  const script = `trap '' TERM; sh -c "trap '' TERM; echo $$ \\$\\$; while :; do sleep 1; done"`
  const child = startChild({ command: ['sh', '-c', script], folder, environment: process.env, clock: hasty })
  const stop = new AbortController()
  const pids = Promise.withResolvers<number[]>()
  const heard = {
    ...child,
    lines: (async function* () {
      for await (const piece of child.lines) {
        pids.resolve(String(piece).trim().split(' ').map(Number))
        yield piece
      }
    })(),
  }
  const output = expect(outputOf(heard, stop.signal)).rejects.toThrow('enough')
  const [parent, grandchild] = await pids.promise
  expect([alive(parent), alive(grandchild)]).toEqual([true, true])

  stop.abort(new Error('enough'))
  await output

  await vi.waitFor(() => {
    expect([alive(parent), alive(grandchild)]).toEqual([false, false])
  }, patience)
})

test('what outlived its parent goes with the rest', async () => {
  const child = start(['sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'])
  const pid = Number(await text(child.lines))
  await child.ended
  expect(alive(pid)).toBe(true)

  expect(await child.end()).toBe(true)

  await vi.waitFor(() => {
    expect(alive(pid)).toBe(false)
  }, patience)
})
