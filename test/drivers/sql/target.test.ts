import { expect, test } from 'vitest'
import type { HostConfig, SqlConfig, SqlDefaults } from '../../../src/config/config.ts'
import { targetOf } from '../../../src/drivers/sql/target.ts'
import { canCompress, hasAvailabilityGroups } from '../../../src/drivers/sql/versions.ts'

const everywhere: SqlDefaults = {
  authentication: { kind: 'integrated' },
  encrypt: true,
  ca: null,
  trustServerCertificate: false,
  odbcDriver: 'ODBC Driver 18 for SQL Server',
}
const here: SqlConfig = {
  ...everywhere,
  authentication: { kind: 'sql', user: 'u', password: 'p' },
  instances: { rtc: 21433 },
  allowOldTls: true,
}
const host = (of: Partial<HostConfig>): HostConfig => ({ address: null, ports: {}, sql: null, ...of })

function target(hosts: Record<string, HostConfig>, host: string, instance: string, port: number | null) {
  const { server, port: real, fqdn, login, subject } = targetOf({ hosts, sql: everywhere }, { host, instance, port })
  return { server, port: real, fqdn, login: login.authentication.kind, subject }
}

test('as published, with the settings for every host', () => {
  expect(target({}, 'sql01.contoso.com', '', null)).toEqual({
    server: 'sql01.contoso.com',
    port: 1433,
    fqdn: 'sql01.contoso.com',
    login: 'integrated',
    subject: 'sql01.contoso.com',
  })
})

test('a named instance without a port is looked up by SQL Server Browser', () => {
  expect(target({}, 'sql01.contoso.com', 'rtc', null).port).toBe(null)
  expect(target({}, 'sql01.contoso.com', 'rtc', 49152).port).toBe(49152)
})

test('MSSQLSERVER is the default instance', () => {
  expect(target({}, 'sql01.contoso.com', 'MSSQLSERVER', null)).toMatchObject({
    port: 1433,
    subject: 'sql01.contoso.com',
  })
})

test('address, port and login of the host, written in any case', () => {
  const hosts = { 'sql01.contoso.com': host({ address: '10.0.0.5', sql: here }) }
  expect(target(hosts, 'SQL01.contoso.com', 'RTC', 1500)).toEqual({
    server: '10.0.0.5',
    port: 21433,
    fqdn: 'SQL01.contoso.com',
    login: 'sql',
    subject: 'SQL01.contoso.com\\RTC',
  })
  expect(target(hosts, 'sql01.contoso.com', 'other', 1500).port).toBe(1500)
})

test('old TLS is allowed of the host that says so, and of no other', () => {
  const hosts = { 'sql01.contoso.com': host({ sql: here }) }
  const allowed = (name: string): boolean =>
    targetOf({ hosts, sql: everywhere }, { host: name, instance: 'rtc', port: null }).allowOldTls
  expect([allowed('SQL01.contoso.com'), allowed('sql02.contoso.com')]).toEqual([true, false])
})

test('a published port that is forwarded', () => {
  const hosts = { 'sql01.contoso.com': host({ ports: { 1433: 31433, 1500: 31500 } }) }
  expect(target(hosts, 'sql01.contoso.com', '', null).port).toBe(31433)
  expect(target(hosts, 'sql01.contoso.com', 'rtc', 1500).port).toBe(31500)
  expect(target(hosts, 'sql01.contoso.com', 'rtc', null).port).toBe(null)
})

test.each([
  ['10.0.6556.0', 'Standard Edition (64-bit)', false],
  ['10.0.6556.0', 'Enterprise Edition (64-bit)', true],
  ['10.50.6560.0', 'Standard Edition (64-bit)', true],
  ['10.50.6560.0', 'Express Edition with Advanced Services', false],
  ['10.50.6560.0', 'Workgroup Edition', false],
  ['11.0.7507.2', 'Business Intelligence Edition (64-bit)', true],
  ['13.0.6455.2', 'Web Edition (64-bit)', false],
  ['16.0.4135.4', 'Developer Edition (64-bit)', true],
  ['16.0.4135.4', 'Express Edition (64-bit)', false],
])('version %s, %s: compressed backups %s', (version, edition, expected) => {
  expect(canCompress(version, edition)).toBe(expected)
})

test.each([
  ['10.50.6560.0', null, false],
  ['11.0.7507.2', 1, true],
  ['11.0.7507.2', 0, false],
  ['16.0.4135.4', null, true],
])('version %s with IsHadrEnabled %s: availability groups %s', (version, hadr, expected) => {
  expect(hasAvailabilityGroups(version, hadr)).toBe(expected)
})
