/** What Holdfast expects of any management host: of the lab's always, and of the real one that the environment names. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { writeDurably } from '../../src/drivers/files/durable.ts'
import { checkZip } from '../../src/drivers/files/zip.ts'
import type { CallName, CallResult, ShellHost } from '../../src/drivers/shell/host.ts'
import { openShellHost } from '../../src/drivers/shell/shell-host.ts'
import { sshdLacks } from '../support/sshd.ts'
import { labManagementHost, realManagementHost, type ManagementHost } from './management-host.ts'

const never = new AbortController().signal
/** A real export of a large pool takes its time. */
const timeout = 600_000

describe('the management host of the lab', () => contract(() => labManagementHost('local')))
describe.skipIf(sshdLacks)(`the management host of the lab over ssh${sshdLacks ? `: ${sshdLacks}` : ''}`, () =>
  contract(() => labManagementHost('ssh')),
)
const real = realManagementHost(process.env)
if (real) describe('a real management host', () => contract(real))
else test.skip('shell: needs a real management host (HOLDFAST_TEST_SHELL_CONFIG)', () => {})

function contract(start: () => Promise<ManagementHost>): void {
  const stack = new AsyncDisposableStack()
  let host: ManagementHost
  let shell: ShellHost
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-contract-'))
    stack.defer(() => rm(folder, { recursive: true }))
    host = stack.use(await start())
    shell = open()
  }, timeout)
  afterAll(() => stack.disposeAsync())

  const open = (): ShellHost =>
    stack.use(openShellHost({ settings: host.settings, folder, clock: systemClock, random: systemRandom }))

  /** Runs an export to a file that does not exist yet, and fetches it. */
  async function exported(call: CallName, parameters: Record<string, string>, file: string): Promise<string> {
    await using scratch = await shell.scratch()
    const { errors } = await shell.call(call, { ...parameters, FileName: scratch.path(file) }, never)
    expect(errors).toEqual([])
    const target = join(folder, file)
    expect((await writeDurably(target, await scratch.open(file))).bytes).toBeGreaterThan(0)
    return target
  }

  test.each([
    ['Export-CsConfiguration', 'FileName'],
    ['Export-CsLisConfiguration', 'FileName'],
    ['Export-CsUserData', 'PoolFqdn'],
    ['Get-CsTopology', 'AsXml'],
  ])('it has %s, with -%s', { timeout }, async (cmdlet, parameter) => {
    const { objects } = await shell.call('commands', { Name: cmdlet }, never)
    expect(JSON.stringify(objects)).toContain(`-${parameter}`)
  })

  test('it reads the published topology: the session reaches the Central Management store', { timeout }, async () => {
    const { objects } = await shell.call('published-topology', { AsXml: true }, never)
    expect(objects).toEqual([expect.stringMatching(/^\s*<.*Topology/s) as string])
  })

  test('the configuration is a whole ZIP file', { timeout }, async () => {
    const { problem, entries } = await checkZip(await exported('export-configuration', {}, 'Config.zip'), {
      signal: never,
    })
    expect(problem).toBeNull()
    expect(entries.length).toBeGreaterThan(0)
  })

  test('the location information comes back', { timeout }, async () => {
    await exported('export-location-information', {}, 'LIS.bak')
  })

  test('the user data of the pool is a whole ZIP file', { timeout }, async (context) => {
    if (host.pool === null) return context.skip('needs a pool (HOLDFAST_TEST_SHELL_POOL)')
    const file = await exported('export-user-data', { PoolFqdn: host.pool }, 'user-data.zip')
    expect((await checkZip(file, { signal: never })).problem).toBeNull()
  })

  test('an export refuses a file that is there, and says so', { timeout }, async () => {
    await using scratch = await shell.scratch()
    await scratch.write('LIS.bak', 'there before')
    expect(
      await complaints(shell.call('export-location-information', { FileName: scratch.path('LIS.bak') }, never)),
    ).not.toBe('')
  })

  test('a pool that nobody knows is an error, and the session goes on', { timeout }, async () => {
    await using scratch = await shell.scratch()
    const parameters = { PoolFqdn: `none-${randomUUID().slice(0, 8)}.contoso.invalid`, FileName: scratch.path('x.zip') }
    expect(await complaints(shell.call('export-user-data', parameters, never))).not.toBe('')
    expect((await shell.call('commands', { Name: 'Get-CsTopology' }, never)).objects).toHaveLength(1)
  })

  test('a call that is given up ends its process, and the next one is answered', { timeout }, async () => {
    await shell.call('commands', { Name: 'Get-CsTopology' }, never)
    const stop = new AbortController()
    const call = shell.call('published-topology', { AsXml: true }, stop.signal).catch((thrown: unknown) => thrown)
    await nextTurn()
    stop.abort(new Error('given up'))
    expect(await call).toMatchObject({
      code: 'shell-deadline',
      message: expect.stringContaining('was ended') as string,
    })
    expect((await shell.call('commands', { Name: 'Get-CsTopology' }, never)).objects).toHaveLength(1)
  })

  test('two sessions answer at the same time', { timeout }, async () => {
    const other = open()
    const both = [shell, other].map((one) => one.call('commands', { Name: 'Get-CsTopology' }, never))
    expect((await Promise.all(both)).map(({ objects }) => objects.length)).toEqual([1, 1])
  })
}

/** What went wrong, in words: some cmdlets end by an error, others only report one. */
async function complaints(call: Promise<CallResult>): Promise<string> {
  try {
    return (await call).errors.map(({ message }) => message).join('\n')
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'shell-call-failed' })
    return String(thrown)
  }
}
