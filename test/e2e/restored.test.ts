/** A SQL Server is lost, rebuilt empty, and restored by its administrators: its flag clears by itself, and not before. */
import { cp, readFile, writeFile } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import mssql from 'mssql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import type { World } from '../../src/lab/world.ts'
import type { ExplainView } from '../../src/views/explain/explain.ts'
import type { StatusView } from '../../src/views/status.ts'
import { startedDaemon } from '../support/daemon-process.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'
import { until } from '../support/until.ts'

const host = 'sql05.contoso.com'
const standard = 'se01.contoso.com'

let lab: TestLab
let daemon: ChildProcess

beforeAll(async () => {
  lab = await startLab()
  await lab.commit(join('desired-state', 'deployment.yaml'), (text) => text.replace('grace: 1m', 'grace: 1s'))
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
  daemon = await startedDaemon(lab)
}, 240_000)
afterAll(async () => {
  daemon.kill('SIGTERM')
  if (daemon.exitCode === null) await once(daemon, 'exit')
  await lab[Symbol.asyncDispose]()
})

async function flags(): Promise<string[]> {
  return (await lab.json<StatusView>('status')).json.flags.map(({ subject, scenario }) => `${scenario} ${subject}`)
}

/** The class of a host, with its reason. */
async function verdict(of = host): Promise<string> {
  const { json } = await lab.json<ExplainView>('explain', of)
  return json.verdicts.map((one) => one.verdict).join('\n')
}

/** Path of the backup of a database in the newest set, as SQL Server reaches it. */
async function backupOf(database: string): Promise<string> {
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'nightly')
  const set = json.sets.find(({ state }) => state === 'complete')
  const item = set?.items.find(({ subject }) => subject === `${host}/${database}`)
  if (!set || !item) throw new Error(`no backup of ${database}`)
  return `${set.unc}\\${item.path.replaceAll('/', '\\')}`
}

/** Connects as an administrator of the instance; the lab takes the changed state up. */
async function administrator(): Promise<mssql.ConnectionPool> {
  const file = join(lab.dir, 'lab.json')
  const world = JSON.parse(await readFile(file, 'utf8')) as World
  const facts = world.sqlServers.map((server) => server.facts).find((one) => one.host === host)
  for (const login of facts?.logins ?? []) login.sysadmin = true
  const text = JSON.stringify(world)
  await writeFile(file, text)
  await until(async () => (await readFile(file, 'utf8')) !== text || undefined)
  const config = await readConfig(lab.config)
  const sql = config.hosts[host]?.sql
  if (!sql) throw new Error(`The lab has no SQL Server on ${host}.`)
  return new mssql.ConnectionPool({
    ...{ server: '127.0.0.1', port: sql.instances['']!, user: facts?.logins[0]?.user ?? '' },
    ...{ password: facts?.logins[0]?.password ?? '', requestTimeout: 0 },
    options: { encrypt: true, trustServerCertificate: true },
  }).connect()
}

test('a rebuilt SQL Server keeps its flag while its databases are empty, and loses it when they are restored', async () => {
  const backups = new Map<string, string>()
  for (const name of ['LcsCDR', 'QoEMetrics']) backups.set(name, await backupOf(name))
  const expected = [`archiving-monitoring ${host}`]

  await lab.break('wipe', host)
  await until(async () => ((await flags()).includes(expected[0]!) ? true : undefined))

  // SQL Server was installed again, and setup created the databases.
  await lab.break('wipe', host, 'rebuilt')
  await until(async () => ((await verdict()).includes('created after the loss') ? true : undefined))
  expect(await flags()).toEqual(expected)

  await using pool = await administrator().then((connected) => ({
    query: (text: string) => connected.request().query(text),
    [Symbol.asyncDispose]: () => connected.close(),
  }))
  // Front Ends hold the call records.
  const restore = async (name: string): Promise<void> => {
    await pool.query(`ALTER DATABASE [${name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE`)
    await pool.query(`RESTORE DATABASE [${name}] FROM DISK = N'${backups.get(name) ?? ''}' WITH REPLACE, CHECKSUM`)
    await pool.query(`ALTER DATABASE [${name}] SET MULTI_USER`)
  }

  await restore('LcsCDR')
  await until(async () => ((await verdict()).includes('LcsCDR was created after the loss') ? undefined : true))
  expect(await verdict()).toContain('QoEMetrics was created after the loss')
  expect(await flags()).toEqual(expected)

  await restore('QoEMetrics')
  await until(async () => ((await flags()).length === 0 ? true : undefined))
  const { json } = await lab.json<StatusView>('status')
  expect(json.servers.find(({ fqdn }) => fqdn === host)).toMatchObject({ class: 'healthy', flag: null })
  expect((await lab.holdfast('drift')).out).not.toContain('database-recreated')
}, 240_000)

test('a rebuilt Standard Edition server keeps its flag until somebody finishes its restore in Git', async () => {
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'file-stores')
  const item = json.sets[0]?.items.find(({ subject }) => subject.includes(standard))
  const copy = join(json.sets[0]?.path ?? '', item?.path ?? '')

  await lab.break('wipe', standard)
  // Its emptied share may be seen, and flagged, before the machine.
  await until(async () => ((await flags()).includes(`standard-edition ${standard}`) ? true : undefined))

  await lab.break('wipe', standard, 'rebuilt')
  await until(async () => ((await verdict(standard)).includes('created after the loss') ? true : undefined))
  await cp(copy, join(lab.dir, 'shares', standard, 'LyncShare'), { recursive: true })

  const at = new Date().toISOString()
  await lab.commit(
    join('desired-state', 'deployment.yaml'),
    (text) => `${text}
---
apiVersion: holdfast/v1
kind: Recovery
metadata: { name: se01 }
spec:
  server: ${standard}
  scenario: standard-edition
  finished: { by: Jane Doe, at: '${at}', note: user data imported }
`,
  )
  await until(async () => ((await flags()).length === 0 ? true : undefined))
  expect((await lab.json<StatusView>('status')).json.servers.find(({ fqdn }) => fqdn === standard)).toMatchObject({
    class: 'healthy',
    flag: null,
  })
}, 240_000)
