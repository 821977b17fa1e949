import { describe, expect, it } from 'vitest'
import { foldSubject, itemKey, parseDatabase, sameSubject, setId, sqlSubject } from '../../src/domain/subject.ts'

describe('subjects of SQL Server', () => {
  it.each([
    [{ host: 'sql01.contoso.com', instance: 'rtc' }, undefined, 'sql01.contoso.com\\rtc'],
    [{ host: 'sql01.contoso.com', instance: 'rtc' }, 'LcsCDR', 'sql01.contoso.com\\rtc/LcsCDR'],
    [{ host: 'sql01.contoso.com', instance: '' }, 'LcsCDR', 'sql01.contoso.com/LcsCDR'],
    [{ host: 'sql01.contoso.com', instance: 'MSSQLServer' }, undefined, 'sql01.contoso.com'],
  ])('of %j and database %s', (store, database, subject) => {
    expect(sqlSubject(store, database)).toBe(subject)
  })

  it.each([
    ['sql01.contoso.com\\rtc/LcsCDR', { host: 'sql01.contoso.com', instance: 'rtc', database: 'LcsCDR' }],
    ['sql01.contoso.com/a/b', { host: 'sql01.contoso.com', instance: '', database: 'a/b' }],
    ['sql01.contoso.com\\rtc', null],
    ['\\\\fs01.contoso.com\\Share', null],
    ['\\\\fs01.contoso.com/Share', null],
  ])('%s is parsed', (subject, parts) => {
    expect(parseDatabase(subject)).toEqual(parts)
  })
})

it('subjects are compared without case', () => {
  expect(foldSubject('POOL01.Contoso.com')).toBe('pool01.contoso.com')
  expect(sameSubject('SQL01\\RTC', 'sql01\\rtc')).toBe(true)
  expect(sameSubject('sql01', 'sql02')).toBe(false)
  expect(itemKey({ kind: 'user-data', subject: 'A' })).toBe(itemKey({ kind: 'user-data', subject: 'a' }))
  expect(itemKey({ kind: 'user-data', subject: 'a' })).not.toBe(itemKey({ kind: 'call-park', subject: 'a' }))
})

it('the id of a set is its policy and its folder', () => {
  expect(setId('nightly', '20260729T020000Z-abcd')).toBe('nightly/20260729T020000Z-abcd')
})
