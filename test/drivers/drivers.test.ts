import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { Config } from '../../src/config/config.ts'
import { openDrivers } from '../../src/drivers/drivers.ts'

const never = new AbortController().signal
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-drivers-'))
})
afterEach(() => rm(folder, { recursive: true }))

function config(port: number, shell = 'good'): Config {
  return {
    file: join(folder, 'holdfast.yaml'),
    git: { url: folder, branch: 'main', path: '.', intervalSeconds: 60, login: null, ca: null, ssh: null },
    state: join(folder, 'state.db'),
    owner: 'abc',
    listen: { host: '127.0.0.1', port: 0 },
    pathMap: [{ unc: '\\\\backup01.contoso.com\\LyncBackup', local: join(folder, 'share') }],
    shell: {
      transport: 'local',
      command: [process.execPath, join(import.meta.dirname, 'shell', 'fixtures', 'host.mjs'), shell],
      scratch: join(folder, 'scratch'),
      deadlineSeconds: 7200,
    },
    dns: { servers: [] },
    looks: { atLeastEverySeconds: null },
    limits: { sqlInstance: 1, share: 4, shellHost: 1, overall: 8 },
    hosts: { 'sql01.contoso.com': { address: '127.0.0.1', ports: { 1433: port }, sql: null } },
    sql: {
      authentication: { kind: 'sql', user: 'u', password: 'p' },
      encrypt: false,
      ca: null,
      trustServerCertificate: false,
      odbcDriver: 'ODBC Driver 18 for SQL Server',
    },
    log: { level: 'info' },
  }
}

test('one SQL Server for one instance, however its name is written', async () => {
  await using drivers = openDrivers(config(1), systemClock, systemRandom)
  const server = drivers.sql({ host: 'sql01.contoso.com', instance: 'rtc', port: null })
  expect(drivers.sql({ host: 'SQL01.contoso.com', instance: 'RTC', port: null })).toBe(server)
  expect(drivers.sql({ host: 'sql01.contoso.com', instance: '', port: null })).not.toBe(server)
  expect(server.subject).toBe('sql01.contoso.com\\rtc')
})

test('the configuration reaches every driver', async () => {
  await using drivers = openDrivers(config(1), systemClock, systemRandom)
  expect(drivers.localPath('\\\\BACKUP01.contoso.com\\LyncBackup\\nightly')).toBe(join(folder, 'share', 'nightly'))
  await using scratch = await drivers.shell.scratch()
  expect(scratch.path('Config.zip').startsWith(join(folder, 'scratch'))).toBe(true)
  expect((await drivers.shell.call('call-park-settings', {}, never)).objects).toHaveLength(1)
  const silent = drivers.network.certificate('sql01.contoso.com', 1433, never)
  await expect(silent).rejects.toMatchObject({ code: 'tls-failed', subject: 'sql01.contoso.com' })
})

test('a call that hangs in the session of the probes leaves the other session alone', async () => {
  await using drivers = openDrivers(config(1, 'services-hang'), systemClock, systemRandom)
  const stop = new AbortController()
  const looking = drivers.probeShell.call('services', { ComputerName: 'fe01.contoso.com' }, stop.signal)
  const ended = expect(looking).rejects.toMatchObject({ code: 'shell-deadline' })
  expect((await drivers.shell.call('call-park-settings', {}, never)).objects).toHaveLength(1)
  stop.abort(new Error('late'))
  await ended
})

test('closing ends what still waits for a server that says nothing', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const drivers = openDrivers(config((server.address() as AddressInfo).port), systemClock, systemRandom)
  const facts = drivers.sql({ host: 'sql01.contoso.com', instance: '', port: null }).facts(never)
  const ended = expect(facts).rejects.toMatchObject({ code: 'interrupted' })
  await once(server, 'connection')
  await drivers[Symbol.asyncDispose]()
  await ended
  server.close()
})
