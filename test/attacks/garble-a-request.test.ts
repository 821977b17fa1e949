/**
 * Fault D2: a request that was spoilt on its way ran its cmdlet without parameters, or was never answered: its caller
 * waited for hours. It is refused at once, nothing runs, and the next one is answered.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { toProblem } from '../../src/base/problem.ts'
import { systemRandom } from '../../src/base/random.ts'
import { openShellHost } from '../../src/drivers/shell/shell-host.ts'
import { contosoLab } from '../lab/support.ts'
import { engine } from '../shell/engine.ts'
import { managementHost, type ManagementHost } from '../shell/management-host.ts'
import { lackingEngine, powershell } from '../support/engines.ts'

const garbling = join(import.meta.dirname, 'fixtures', 'garbling-host.mjs')
const labHost = join(import.meta.dirname, '..', '..', 'src', 'lab', 'shell-host.ts')
const never = new AbortController().signal
/** Where the script can say whose answer it is, the session goes on; else a new one begins. */
const deeds = [
  ['cut off', 'shell-protocol'],
  ['in pieces', 'shell-protocol'],
  ['without an id', 'shell-protocol'],
  ['without parameters', 'shell-call-failed'],
  ['in another code page', 'shell-call-failed'],
] as const

/** What the call comes to, and then the first question, which is not spoilt. */
async function callThrough(deed: string, command: readonly string[], folder: string): Promise<string[]> {
  const settings = {
    ...{ transport: 'local' as const, scratch: folder, deadlineSeconds: 7200 },
    command: [process.execPath, garbling, deed, ...command],
  }
  await using shell = openShellHost({ settings, folder, clock: systemClock, random: systemRandom })
  const refused = await shell.call('call-park-settings', {}, never).catch(toProblem)
  const next = await shell.call('commands', { Name: 'Get-CsTopology' }, never)
  return ['code' in refused ? refused.code : 'it ran', `${next.objects.length} answer`]
}

describe('the shell host of the lab', () => {
  let lab: Awaited<ReturnType<typeof contosoLab>>
  beforeAll(async () => {
    lab = await contosoLab()
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  test.each(deeds)('%s: %s', async (deed, code) => {
    const { directory } = lab.paths
    expect(await callThrough(deed, [process.execPath, labHost, directory], directory)).toEqual([code, '1 answer'])
    expect(readFileSync(lab.paths.requests, 'utf8')).not.toContain('call-park')
  })
})

describe.skipIf(engine === null)(`the script${engine === null ? `: ${lackingEngine(powershell)}` : ''}`, () => {
  let host: ManagementHost
  beforeAll(async () => {
    host = await managementHost(engine ?? '')
    await host.behave('dies') // whatever runs
  })
  afterAll(() => host[Symbol.asyncDispose]())

  test.each(deeds)('%s: %s', async (deed, code) => {
    expect(await callThrough(deed, host.command, host.scratch)).toEqual([code, '1 answer'])
  })
})
