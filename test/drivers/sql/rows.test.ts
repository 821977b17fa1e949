import { expect, test } from 'vitest'
import { backupReceipt, databaseFacts, tapeFacts, toTime, utcOffset } from '../../../src/drivers/sql/rows.ts'

test.each([
  [0, 0],
  [120, 120],
  [119, 120],
  [121, 120],
  [-300, -300],
  [-299, -300],
  [345, 345],
  [344, 345],
  [null, 0],
])('a clock difference of %s minutes, which may be one off, is %i', (counted, expected) => {
  expect(utcOffset({ utcOffset: counted })).toBe(expected)
})

test('times of the server are turned into UTC', () => {
  const asHandedOver = new Date('2026-07-29T04:00:00.000Z') // 04:00 on the server's clock, two hours ahead of UTC
  expect(toTime(asHandedOver, 120)).toBe('2026-07-29T02:00:00.000Z')
  expect(toTime(asHandedOver, -300)).toBe('2026-07-29T09:00:00.000Z')
  expect(toTime(null, 0)).toBe(null)
  expect(toTime(new Date(NaN), 0)).toBe(null)
})

test('a database whose identity and role are not shown', () => {
  const row = {
    name: 'LcsCDR',
    state: 'OFFLINE',
    recoveryModel: 'SIMPLE',
    created: null,
    mirroringRole: null,
  }
  expect(databaseFacts(row, 0, null, undefined)).toEqual({
    name: 'LcsCDR',
    guid: null,
    family: null,
    state: 'OFFLINE',
    recoveryModel: 'SIMPLE',
    createdAt: null,
    mirroringRole: null,
    replicaRole: null,
    mirroringState: null,
    mirroringPartner: null,
    mirroringWitnessState: null,
    collation: null,
    encrypted: false,
  })
})

const history = {
  name: 'x',
  guid: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
  started: new Date('2026-07-29T04:00:00Z'),
  finished: new Date('2026-07-29T04:01:00Z'),
  bytes: '9007199254740993',
  compressedBytes: 1000,
  utcOffset: 120,
}

test('a receipt counts what was written, in UTC', () => {
  expect(backupReceipt(history)).toEqual({
    name: 'x',
    databaseGuid: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
    startedAt: '2026-07-29T02:00:00.000Z',
    finishedAt: '2026-07-29T02:01:00.000Z',
    bytes: 1000,
  })
  expect(backupReceipt({ ...history, compressedBytes: null, bytes: '2048' })?.bytes).toBe(2048)
})

test('no receipt for a backup without its times', () => {
  expect(backupReceipt({ ...history, finished: null })).toBe(null)
})

const header = {
  BackupName: 'x',
  BackupType: 1,
  DatabaseName: 'LcsCDR',
  ServerName: 'SQL01\\RTC',
  BindingID: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
  BackupFinishDate: new Date('2026-07-29T02:01:00Z'),
  HasBackupChecksums: true,
  IsDamaged: false,
  IsCopyOnly: true,
}

test('a header as it should be', () => {
  expect(tapeFacts(header, 0)).toEqual({
    name: 'x',
    database: 'LcsCDR',
    databaseGuid: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
    server: 'SQL01\\RTC',
    full: true,
    copyOnly: true,
    checksums: true,
    damaged: false,
    finishedAt: '2026-07-29T02:01:00.000Z',
    collation: null,
    family: null,
    set: null,
  })
})

test('a header of something else', () => {
  const other = { ...header, BackupType: 2, IsCopyOnly: 0, HasBackupChecksums: 0, IsDamaged: 1 }
  expect(tapeFacts(other, 0)).toMatchObject({ full: false, copyOnly: false, checksums: false, damaged: true })
})

test('an incomplete set has no name of a database', () => {
  expect(tapeFacts({ ...header, DatabaseName: null }, 0)).toBe(null)
})
