import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { openShellHost } from '../../src/drivers/shell/shell-host.ts'
import { alive, descendantsOf, processesNaming } from '../support/processes.ts'
import { until } from '../support/until.ts'

// Fault S15: at the end of a call the process that the hello named was sent a signal, whosever it was.

const host = join(import.meta.dirname, 'fixtures', 'hostile-host.mjs')
let folder: string
let bystander: ChildProcess
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-attack-'))
  bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
})
afterEach(async () => {
  bystander.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

/** What a call of this host comes to that is given up once it was sent. */
async function giveUp(...deed: readonly string[]): Promise<unknown> {
  const command = [process.execPath, host, ...deed, folder]
  const settings = { transport: 'local' as const, command, scratch: folder, deadlineSeconds: 1 }
  await using shell = openShellHost({ settings, folder, clock: systemClock, random: systemRandom })
  return await shell.call('call-park-settings', {}, new AbortController().signal).catch((thrown: unknown) => thrown)
}

describe('a process that is not ours lives on, and nobody claims that it was ended', () => {
  test.each<[string, () => number]>([
    ['a bystander', () => bystander.pid ?? 0],
    ['this process', () => process.pid],
    ['the one that started this process', () => process.ppid],
  ])('%s', async (_name, pid) => {
    expect(await giveUp('names', String(pid()))).toMatchObject({
      code: 'shell-deadline',
      message: expect.stringContaining('could not be ended, what it does now is unknown') as string,
    })
    expect(alive(pid())).toBe(true)
    expect(processesNaming(folder)).toEqual([])
  })

  test('a process of another machine: no number of this one, and what it does is unknown', async () => {
    expect(await giveUp('names', '4194305')).toMatchObject({
      message: expect.stringContaining('what it does now is unknown') as string,
    })
    expect(processesNaming(folder)).toEqual([])
  })

  test.each(['1', '0', '-1', String(-process.pid), '1.5', '1e300'])('the number %s, which no host has', async (pid) => {
    expect(await giveUp('names', pid)).toMatchObject({ code: 'shell-protocol' })
    await until(() => Promise.resolve(processesNaming(folder).length === 0 || undefined))
    expect(alive(process.pid)).toBe(true)
  })
})

test('what hangs below the command is ended, though it left its group and its session', async () => {
  expect(await giveUp('wrapped')).toMatchObject({
    code: 'shell-deadline',
    message: expect.stringContaining('was ended with everything it had started') as string,
  })
  expect(descendantsOf(process.pid).filter((pid) => pid !== bystander.pid && alive(pid))).toEqual([])
})
