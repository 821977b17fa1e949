import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SetRecord } from '../../src/sets/record.ts'
import { sha256sumCheck, startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson, StatusJson } from '../support/shapes.ts'

// What a set of Contoso must hold, listed by hand from the data inventory of the domain reference (section 3).
const nightly = [
  'configuration contoso',
  'location-information contoso',
  'environment contoso',
  'user-data pool01.contoso.com',
  'user-data pool02.contoso.com',
  'user-data se01.contoso.com',
  'response-groups pool01.contoso.com',
  'response-groups pool02.contoso.com',
  'response-groups se01.contoso.com',
  'call-park pool01.contoso.com',
  'call-park se01.contoso.com',
  'sql-database sql03.contoso.com\\archive/LcsLog',
  'sql-database sql04.contoso.com\\chat/mgc',
  'sql-database sql05.contoso.com/LcsCDR',
  'sql-database sql05.contoso.com/QoEMetrics',
  'file-store \\\\contoso.com\\Lync',
  'file-store \\\\fs01.contoso.com\\LyncShare',
  'file-store \\\\se01.contoso.com\\LyncShare',
]

async function recordOf(set: SetsJson['sets'][number] | undefined): Promise<SetRecord> {
  return JSON.parse(await readFile(join(set?.path ?? '', 'backup-set.json'), 'utf8')) as SetRecord
}

const parse = (line: string): { Identity: string } => JSON.parse(line) as { Identity: string }

let lab: TestLab

beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

test('from a commit to complete backup sets, which a stranger can check', async () => {
  const first = await lab.json<{ actions: { kind: string; outcome: string }[] }>('run', '--once')
  const { json } = await lab.json<SetsJson>('sets')

  expect(first.code, first.err).toBe(0)
  expect(first.json.actions.every(({ outcome }) => outcome === 'done')).toBe(true)
  expect(json.sets.map(({ policy, state }) => `${policy} ${state}`).sort()).toEqual([
    'file-stores complete',
    'nightly complete',
  ])
  for (const set of json.sets) {
    expect(await sha256sumCheck(set.path, 'manifest-sha256.txt')).toMatchObject({ code: 0 })
    expect(await sha256sumCheck(set.path, 'tagmanifest-sha256.txt')).toMatchObject({ code: 0 })
    expect(set.verifications).toContainEqual(expect.objectContaining({ level: 'checksum', outcome: 'ok' }))
  }
  const set = json.sets.find(({ policy }) => policy === 'nightly')
  expect(set?.items.map(({ kind, subject, outcome }) => `${kind} ${subject} ${outcome}`).sort()).toEqual(
    [...nightly, 'directory-record contoso'].map((item) => `${item} ok`).sort(),
  )
  const { required } = await recordOf(set)
  expect(required.map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual([...nightly].sort())
  for (const item of set?.items ?? []) expect(await readable(join(set?.path ?? '', item.path))).toBe(true)
})

test('the pointer names the newest whole set, as SQL Server and people reach it', async () => {
  const { json } = await lab.json<SetsJson>('sets')
  const set = json.sets.find(({ policy }) => policy === 'nightly')

  const pointer = await readFile(join(lab.share, 'current', 'nightly.txt'), 'utf8')

  expect(pointer.trim()).toBe(set?.unc)
  expect(set?.unc).toMatch(/^\\\\backup01\.contoso\.com\\LyncBackup\\nightly\\\d{8}T\d{6}Z-[a-z2-7]{4}$/)
})

test('the list beside it names the file or folder of each item, in whichever set is its newest', async () => {
  const { json } = await lab.json<SetsJson>('sets')
  const text = await readFile(join(lab.share, 'current', 'nightly.copies.csv'), 'utf8')
  const rows = text.split('\r\n').slice(1, -1)
  expect(rows).toHaveLength(nightly.length)
  for (const row of rows) {
    const [, , , missing, path = '', id] = row.slice(1, -1).split('","')
    expect(missing).toBe('')
    expect(json.sets.map((one) => one.id)).toContain(id)
    const local = path.replace('\\\\backup01.contoso.com\\LyncBackup', '').replaceAll('\\', '/')
    expect(await readable(join(lab.share, local)), path).toBe(true)
  }
})

test('the record of the directory: the users that the exports hold, sorted by name, in a line each', async () => {
  const { json } = await lab.json<SetsJson>('sets')
  const set = json.sets.find(({ policy }) => policy === 'nightly')
  const { items } = await recordOf(set)
  const record = items.find(({ kind }) => kind === 'directory-record')
  const exported = items.filter(({ kind }) => kind === 'user-data').map(({ counts }) => counts?.['users'] ?? 0)
  expect(record?.counts?.['users']).toBe(exported.reduce((sum, one) => sum + one, 0))
  const lists = { users: 'users', accessNumbers: 'dial-in-access-numbers', umContacts: 'exchange-um-contacts' }
  const more = { commonAreaPhones: 'common-area-phones', trustedEndpoints: 'trusted-application-endpoints' }
  for (const [holds, name] of Object.entries({ ...lists, ...more })) {
    const text = await readFile(join(set?.path ?? '', 'data', 'directory', `${name}.jsonl`), 'utf8')
    const objects = text.trim().split('\n').map(parse)
    expect(objects.length).toBeGreaterThan(0)
    expect(objects).toHaveLength(record?.counts?.[holds] ?? 0)
    const names = objects.map(({ Identity }) => Identity.toLowerCase())
    expect(names).toEqual(names.toSorted())
  }
  const users = await readFile(join(set?.path ?? '', 'data', 'directory', 'users.jsonl'), 'utf8')
  expect(parse(users.slice(0, users.indexOf('\n')))).toMatchObject({ SipAddress: 'sip:user0001@contoso.com' })
  expect(new Set(users.match(/"SipAddress":"[^"]+"/g)).size).toBe(record?.counts?.['users'])
})

test('an unchanged world is left alone: no action, no journal entry', async () => {
  const before = await lab.json<{ entries: unknown[] }>('audit', 'list')

  const again = await lab.json<{ actions: unknown[]; passes: number }>('run', '--once')

  const after = await lab.json<{ entries: unknown[] }>('audit', 'list')
  expect(again).toMatchObject({ code: 0, json: { actions: [], passes: 1 } })
  expect(after.json.entries).toEqual(before.json.entries)
})

test('status tells the revision, every promise, and the recovery point of every item', async () => {
  const { json, code } = await lab.json<StatusJson>('status')

  expect(code).toBe(0)
  expect(json.revision).toMatch(/^[0-9a-f]{40}$/)
  const row = (type: string): string[] =>
    json.conditions.filter((one) => one.type === type).map((one) => `${one.subject} ${one.status}`)
  expect(row('SourceValid')).toEqual(['contoso true'])
  expect(row('LocationReady')).toEqual(['backup01 true'])
  expect(row('BackupCurrent').sort()).toEqual(['file-stores true', 'nightly true'])
  expect(json.items.map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual([...nightly].sort())
  expect(json.items.every(({ recoveryPoint }) => recoveryPoint !== null)).toBe(true)
  expect(json.servers.map(({ fqdn }) => fqdn)).toEqual(
    expect.arrayContaining(['fe01.contoso.com', 'sql02.contoso.com', 'fs01.contoso.com', 'edge01.contoso.com']),
  )
  expect(json.servers.every((server) => server.class === 'healthy' && server.flag === null)).toBe(true)
})

test('a changed byte is named, the set is damaged for good, and the recovery point goes back to the set before', async () => {
  const older = (await lab.json<SetsJson>('sets')).json.sets.find(({ policy }) => policy === 'nightly')
  const made = await lab.json<{ set: SetsJson['sets'][number] }>('backup', 'nightly', '--wait')
  const item = made.json.set.items.find(({ kind, subject }) => kind === 'user-data' && subject === 'pool01.contoso.com')
  const file = join(made.json.set.path, item?.path ?? '')
  const bytes = await readFile(file)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  await writeFile(file, bytes)

  const verify = await lab.json<{ results: { set: string; outcome: string; problems: { file: string }[] }[] }>(
    'verify',
    '--level',
    'checksum',
  )

  expect(made.code).toBe(0)
  expect(verify.code).toBe(1)
  expect(verify.json.results.find(({ set }) => set === made.json.set.id)).toMatchObject({
    outcome: 'damaged',
    problems: [{ file: item?.path }],
  })
  expect(verify.json.results.filter(({ outcome }) => outcome === 'damaged')).toHaveLength(1)
  const { json } = await lab.json<SetsJson>('sets')
  expect(json.sets.find(({ id }) => id === made.json.set.id)).toMatchObject({ state: 'damaged' })
  const { json: status } = await lab.json<StatusJson>('status')
  const point = (kind: string): string | undefined =>
    status.items.find((one) => one.kind === kind && one.subject === 'pool01.contoso.com')?.recoveryPoint?.set
  expect(point('user-data')).toBe(older?.id)
  expect(point('response-groups')).toBe(made.json.set.id)
})

test('the journal holds, and the secret of the lab is in no file of it', async () => {
  expect(await lab.json('audit', 'verify')).toMatchObject({ code: 0, json: { ok: true } })
  const secret = (await readFile(join(lab.dir, 'sql-password'), 'utf8')).trim()
  const everything = await Promise.all([
    lab.holdfast('audit', 'list', '--output', 'json'),
    lab.holdfast('status', '--output', 'json'),
    lab.holdfast('sets', '--output', 'json'),
  ])
  for (const { out } of everything) expect(out).not.toContain(secret)
})

async function readable(path: string): Promise<boolean> {
  const content = await readFile(path).catch(() => readdir(path))
  return content.length > 0
}
