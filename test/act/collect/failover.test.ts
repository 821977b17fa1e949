import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Item } from '../../../src/domain/words.ts'
import type { SqlAddress } from '../../../src/drivers/sql/sql-server.ts'
import { openSqlServer } from '../../../src/drivers/sql/connected-server.ts'
import type { SqlServerFacts } from '../../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../../src/lab/sql/server.ts'
import { desiredState, sqlStore } from '../../support/desired.ts'
import { fakeWorld, type FakeWorld } from '../../support/fake-drivers.ts'
import { hastyClock } from '../../support/hasty-clock.ts'
import { labDatabase, labInstance, labTarget } from '../../support/lab-sql.ts'
import { until } from '../../support/until.ts'
import { filesOf, runSet, whyOf } from '../run-set.ts'

const item: Item = { kind: 'sql-database', subject: 'sql01.contoso.com\\rtc/LcsLog' }
const partner = { host: 'sql02.contoso.com', instance: 'rtc' }
const store = sqlStore('sql01.contoso.com', 'rtc', { highAvailability: { kind: 'mirror', partner, witness: null } })
const hasty = hastyClock(40)

let closing: AsyncDisposableStack
let world: FakeWorld
let sql01: SqlServerFacts
let sql02: SqlServerFacts

beforeEach(async () => {
  closing = new AsyncDisposableStack()
  world = closing.use(await fakeWorld())
  sql01 = partnerFacts('sql01.contoso.com', 'sql02.contoso.com\\rtc')
  sql02 = partnerFacts('sql02.contoso.com', 'sql01.contoso.com\\rtc')
  be(sql01, 'PRINCIPAL')
  be(sql02, 'MIRROR')
  const open = new Map([sql01, sql02].map((facts) => [facts.host, facts]))
  const servers = new Map(
    await Promise.all([...open].map(async ([host, facts]) => [host, await start(facts)] as const)),
  )
  Object.assign(world.drivers, { sql: ({ host }: SqlAddress) => servers.get(host) })
})
afterEach(() => closing.disposeAsync())

function partnerFacts(host: string, partnerInstance: string): SqlServerFacts {
  const mirroring = { role: 'MIRROR', state: 'SYNCHRONIZED', witness: null, safety: 'FULL', partnerInstance } as const
  return labInstance(host, [labDatabase('LcsLog', { recoveryModel: 'FULL', sizeBytes: 4 * 1024 * 1024, mirroring })])
}

function be({ databases: [database] }: SqlServerFacts, role: 'PRINCIPAL' | 'MIRROR'): void {
  if (!database?.mirroring) return
  database.mirroring.role = role
  database.state = role === 'PRINCIPAL' ? 'ONLINE' : 'RESTORING'
}

function failOver(): void {
  be(sql01, 'MIRROR')
  be(sql02, 'PRINCIPAL')
}

async function start(facts: SqlServerFacts) {
  const server = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (path) => world.drivers.localPath(path),
    certificate: null,
    record: () => {},
  })
  closing.defer(() => server.close())
  return closing.use(openSqlServer(labTarget(facts, server.port), hasty))
}

test('fault 27: a failover in the middle of a BACKUP: the half file is not kept, and the new principal is backed up', async () => {
  sql01.faults = { slowBackupSeconds: 20 }
  const made = runSet(world, [item], desiredState({ sqlStores: [store] }))
  const server = world.drivers.sql(store)
  const name = (): string => `holdfast ${world.noted[0] ?? ''} LcsLog 1`
  const { signal } = new AbortController()
  await until(async () => ((await server.backupByName(name(), signal)).state === 'running' ? true : undefined))

  failOver()

  const set = await made
  expect(set).toMatchObject({ state: 'complete', items: [{ outcome: 'ok' }] })
  expect(whyOf(set)).toBe(
    'backed up on sql02.contoso.com\\rtc, PRINCIPAL, database_guid 6F9619FF-8B86-D011-B42D-00C04FC964FF',
  )
  expect([sql01.backups.length, sql02.backups.length]).toEqual([0, 1])
  expect(await filesOf(set)).toEqual(['LcsLog.2.bak'])
})

test('a failover right after the server said that it finished: not counted, and the new principal is backed up', async () => {
  const backups = sql01.backups
  backups.push = (...backup) => {
    failOver()
    return Array.prototype.push.apply(backups, backup)
  }
  const set = await runSet(world, [item], desiredState({ sqlStores: [store] }))
  expect([sql01.backups.length, sql02.backups.length]).toEqual([1, 1])
  expect(set).toMatchObject({ state: 'complete', items: [{ outcome: 'ok' }] })
  expect(await filesOf(set)).toEqual(['LcsLog.2.bak'])
})
