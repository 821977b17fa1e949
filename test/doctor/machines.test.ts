import { expect, test } from 'vitest'
import { Problem } from '../../src/base/problem.ts'
import type { ProblemCode } from '../../src/base/problem-codes.ts'
import type { CheckResult } from '../../src/doctor/check.ts'
import { machineChecks } from '../../src/doctor/checks/machines.ts'
import { dnsCheck, nameChecks } from '../../src/doctor/checks/names.ts'
import { runChecks } from '../../src/doctor/run-checks.ts'
import { systemClock } from '../../src/base/clock.ts'
import { desiredState, sqlStore } from '../support/desired.ts'
import { nothing } from './lab.ts'

const desired = desiredState({
  locations: [],
  pools: [],
  fileStores: [],
  sqlStores: [sqlStore('sql01.contoso.com', 'rtc')],
})
const signal = (): AbortSignal => new AbortController().signal

async function machine(accepts: () => Promise<boolean>, sql: ProblemCode | 'ok'): Promise<CheckResult | undefined> {
  const facts = () => (sql === 'ok' ? Promise.resolve({}) : Promise.reject(new Problem(sql, { message: 'So.' })))
  const drivers = { network: { accepts }, sql: () => ({ facts }) } as never
  const [result] = await runChecks(machineChecks(desired, nothing, drivers).all, systemClock, signal())
  return result
}
const closed = (): Promise<boolean> => Promise.resolve(false)

test.each<[ProblemCode | 'ok', CheckResult['outcome']]>([
  ['ok', 'ok'],
  ['sql-login-failed', 'ok'],
  ['sql-certificate-not-trusted', 'ok'],
  ['sql-instance-unknown', 'ok'],
  ['sql-refused', 'failed'],
  ['sql-timeout', 'failed'],
  ['sql-browser-silent', 'failed'],
])('no port takes a connection, and SQL Server says %s: %s', async (sql, outcome) => {
  expect(await machine(closed, sql)).toMatchObject({ name: 'machine', subject: 'sql01.contoso.com', outcome })
})

test('one port that takes a connection is enough', async () => {
  expect(await machine(() => Promise.resolve(true), 'sql-refused')).toMatchObject({
    outcome: 'ok',
    message: 'accepts connections on port 445',
  })
})

test('DNS: one question that is answered is enough, even by nothing', async () => {
  const network = {
    resolve: (name: string) =>
      name === 'sql01.contoso.com'
        ? Promise.resolve([])
        : Promise.reject(new Problem('dns-failed', { message: 'No.' })),
  }
  const check = dnsCheck(desired, { dns: { servers: [] } }, { network } as never)
  expect(await runChecks([check], systemClock, signal())).toMatchObject([{ subject: 'this machine', outcome: 'ok' }])
})

test('a connection stands on the name, on DNS alone where the address is another name, on nothing where it is given', () => {
  const dns = dnsCheck(desired, { dns: { servers: [] } }, { network: {} } as never)
  const standsOn = (address: string | null): string[] => {
    const hosts = { 'sql01.contoso.com': { address, ports: {}, sql: null } } as never
    const checks = nameChecks(desired, [dns], { hosts }, { network: {} } as never)
    return checks.of('SQL01.contoso.com').map(({ name }) => name)
  }
  expect(standsOn(null)).toEqual(['name'])
  expect(standsOn('sql01.internal')).toEqual(['dns'])
  expect(standsOn('192.0.2.7')).toEqual([])
})
