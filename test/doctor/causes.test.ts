import { expect, test } from 'vitest'
import { causesOf } from '../../src/doctor/causes.ts'
import type { CheckResult } from '../../src/doctor/check.ts'

function failed(name: string, subject: string, message: string, remedy = 'Do it.'): CheckResult {
  return { name, subject, outcome: 'failed', message, remedy }
}
function skipped(name: string, subject: string, because: CheckResult): CheckResult {
  const { name: cause, subject: at } = because
  return { name, subject, outcome: 'skipped', message: 'Not tried.', because: { name: cause, subject: at } }
}

test('failures that differ in the name of their subject only are one cause', () => {
  const [one, two] = ['sql01', 'SQL02'].map((host) =>
    failed(
      'sql-login',
      `${host}.contoso.com\\rtc`,
      `${host}.contoso.com\\rtc refuses; ${host.toLowerCase()}.contoso.com is there. [sql-login-failed]`,
      `Test-NetConnection ${host}.contoso.com`,
    ),
  )
  const below = skipped('sql-rights', 'SQL02.contoso.com\\rtc', two!)
  expect(causesOf([one!, two!, below])).toEqual([
    {
      name: 'sql-login',
      subjects: ['sql01.contoso.com\\rtc', 'SQL02.contoso.com\\rtc'],
      message: '<subject> refuses; <host> is there. [sql-login-failed]',
      remedies: ['Test-NetConnection <host>'],
      skipped: [below],
    },
  ])
})

test('one alone keeps its words', () => {
  const [cause] = causesOf([failed('machine', 'fs01.contoso.com', 'fs01.contoso.com takes no connection.')])
  expect(cause).toMatchObject({ subjects: ['fs01.contoso.com'], message: 'fs01.contoso.com takes no connection.' })
})

test('another text, another code or another check is another cause', () => {
  const results = [
    failed('certificate', 'fe01.contoso.com', 'It ran out at 2026-01-01T00:00:00Z. [certificate-expired]'),
    failed('certificate', 'fe02.contoso.com', 'It ran out at 2026-02-02T00:00:00Z. [certificate-expired]'),
    failed('share', 'backup01', 'No answer within 60 s. [look-timed-out]'),
    failed('copy', 'backup01', 'No answer within 60 s. [look-timed-out]'),
    failed('copy', 'backup02', 'No answer within 60 s. [location-unreachable]'),
  ]
  expect(causesOf(results).map(({ name, subjects }) => [name, ...subjects])).toEqual([
    ['certificate', 'fe01.contoso.com'],
    ['certificate', 'fe02.contoso.com'],
    ['share', 'backup01'],
    ['copy', 'backup01'],
    ['copy', 'backup02'],
  ])
})

test('remedies that differ are all named, each once', () => {
  const results = ['a', 'b', 'c'].map((name, index) =>
    failed(
      'name',
      `${name}.contoso.com`,
      'Nobody knows it.',
      index === 1 ? 'Add the SRV record.' : 'Add the A record.',
    ),
  )
  expect(causesOf(results).map(({ remedies }) => remedies)).toEqual([['Add the A record.', 'Add the SRV record.']])
})
