/** Services of a pool, over the real shell host of the lab. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { lookAtServices, startServices, stopServices } from '../../../src/act/restore/services.ts'
import type { Tools } from '../../../src/act/handler.ts'
import { hasty, meets, never, restoreBench, type RestoreBench } from './lab-sets.ts'

const pool = 'pool01.contoso.com'
const servers = ['fe01.contoso.com', 'fe02.contoso.com', 'fe03.contoso.com']

let bench: RestoreBench
let tools: Tools
/** Half an hour of waiting is over soon. */
let hurried: Tools
beforeAll(async () => {
  bench = await restoreBench()
  tools = bench.tools
  hurried = { ...tools, drivers: { ...bench.drivers, clock: hasty } }
})
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(() => void bench.asked())

async function states(): Promise<string[]> {
  const seen = await Promise.all(servers.map((server) => lookAtServices(server, tools, never)))
  return [...new Set(seen.flat().map(({ status }) => status))]
}

test.each([
  ['servers-together', ['start-services', 'start-services', 'start-services']],
  ['pool', ['start-pool']],
] as const)('all stop, and start together (%s); what has done so is left alone', async (how, started) => {
  expect(await states()).toEqual(['Running'])
  await stopServices(servers, tools, never)
  expect(await states()).toEqual(['Stopped'])
  await stopServices(servers, tools, never)
  await startServices({ pool, servers, how }, tools, never)
  expect(await states()).toEqual(['Running'])
  await startServices({ pool, servers, how }, tools, never)
  const asked = bench.asked()
  expect(asked.map(({ call }) => call)).toEqual([...servers.map(() => 'stop-services'), ...started])
  if (how === 'servers-together') expect(asked.at(-1)?.parameters).toEqual({ ComputerName: servers[2], NoWait: true })
})

test('too few of a pool never run: server, service and state are named', async () => {
  await stopServices(servers, tools, never)
  const start = startServices({ pool, servers: servers.slice(0, 2), how: 'servers-together' }, hurried, never)
  await expect(start).rejects.toMatchObject({
    code: 'services-not-settled',
    message: expect.stringMatching(/within 30 minutes\. fe01\.contoso\.com: .*RTCSRV is Stopped/) as string,
  })
  await startServices({ pool, servers, how: 'servers-together' }, tools, never)
})

test('what a cmdlet complained of is told where they do not stop', async () => {
  const { shell } = hurried.drivers
  const deaf: Tools = {
    ...hurried,
    drivers: {
      ...hurried.drivers,
      shell: {
        ...shell,
        call: (name, ...rest) =>
          name === 'stop-services'
            ? Promise.resolve({
                objects: [],
                warnings: [],
                errors: [{ message: 'RTCSRV hangs.', category: 'OperationTimeout', terminating: false }],
              })
            : shell.call(name, ...rest),
      },
    },
  }
  await expect(stopServices([servers[0]!], deaf, never)).rejects.toMatchObject({
    code: 'services-not-settled',
    message: expect.stringMatching(/RTCSRV is Running.*The cmdlet said: RTCSRV hangs\.$/) as string,
  })
  // A complaint of something that was done all the same spoils nothing.
  await stopServices([servers[0]!], meets(tools, 'stop-services', 'error-record'), never)
  await startServices({ pool, servers, how: 'servers-together' }, tools, never)
})

test('a right that is lacking is told at once, with the remedy', async () => {
  await bench.break('cmdlet', 'Stop-CsWindowsService', 'denied')
  await expect(stopServices(servers, tools, never)).rejects.toMatchObject({
    code: 'shell-call-failed',
    hint: expect.stringContaining('a local administrator there') as string,
  })
  await bench.repair('cmdlet', 'Stop-CsWindowsService')
})

test('waiting ends when it is aborted', async () => {
  await stopServices(servers, tools, never)
  const stop = new AbortController()
  const start = startServices({ pool, servers: servers.slice(0, 1), how: 'servers-together' }, tools, stop.signal)
  const reason = new Error('enough')
  stop.abort(reason)
  await expect(start).rejects.toMatchObject({ message: expect.stringContaining('enough') as string })
  await startServices({ pool, servers, how: 'servers-together' }, tools, never)
})
