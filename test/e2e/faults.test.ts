import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson, StatusJson } from '../support/shapes.ts'

type Made = { set: SetsJson['sets'][number] }

let lab: TestLab

beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

/** The items of a set that are not ok, as `kind subject`. */
function notOk({ set }: Made): string[] {
  return set.items.filter(({ outcome }) => outcome !== 'ok').map(({ kind, subject }) => `${kind} ${subject}`)
}

test.each([
  ['a cmdlet that fails', 'cmdlet', 'Export-CsRgsConfiguration', 'fails', ['response-groups pool01.contoso.com', 'response-groups pool02.contoso.com', 'response-groups se01.contoso.com']],
  ['a cmdlet that writes nothing', 'cmdlet', 'Export-CsLisConfiguration', 'writes-nothing', ['location-information contoso']],
  ['a cmdlet that writes a cut ZIP', 'cmdlet', 'Export-CsConfiguration', 'cut-zip', ['configuration contoso']],
  ['a cmdlet that is missing', 'cmdlet', 'Get-CsCpsConfiguration', 'missing', ['call-park pool01.contoso.com', 'call-park se01.contoso.com']],
  ['a SQL Server that was killed', 'server', 'sql04.contoso.com', undefined, ['sql-database sql04.contoso.com\\chat/mgc']],
  ['a database that is suspect', 'database', 'sql05.contoso.com/LcsCDR', 'suspect', ['sql-database sql05.contoso.com/LcsCDR']],
  ['a file store that is gone', 'file-store', '\\\\fs01.contoso.com\\LyncShare', undefined, ['file-store \\\\fs01.contoso.com\\LyncShare']],
])('%s: its items fail, all others are ok, and nothing is called complete', async (_name, kind, subject, detail, failed) => {
  await lab.break(kind, subject, detail)

  const { code, json } = await lab.json<Made>('backup', 'nightly', '--wait')

  await lab.repair(kind, subject)
  expect(code).toBe(3)
  expect(json.set.state).toBe('partial')
  expect(notOk(json).sort()).toEqual([...failed].sort())
  for (const item of json.set.items) if (item.outcome !== 'ok') expect(item.message).toMatch(/\[[a-z-]+\]$/)
})

test('a lost mirror partner: the other one is the principal, and the backup is made there', async () => {
  await lab.break('mirror', 'sql03.contoso.com\\archive')

  const { code, json } = await lab.json<Made>('backup', 'nightly', '--wait')

  await lab.repair('mirror', 'sql03.contoso.com\\archive')
  expect(code).toBe(0)
  expect(json.set.items.find(({ subject }) => subject === 'sql03.contoso.com\\archive/LcsLog')).toMatchObject({ outcome: 'ok' })
})

test.each([
  ['backup-succeeds', 0, 'complete'],
  ['backup-fails', 0, 'complete'],
])('a connection dropped in the middle of a BACKUP (%s on the server): one file, counted once', async (detail, code, state) => {
  await lab.break('connection', 'sql05.contoso.com', detail)

  const made = await lab.json<Made>('backup', 'nightly', '--wait')

  await lab.repair('connection', 'sql05.contoso.com')
  expect(made).toMatchObject({ code, json: { set: { state } } })
})

test('a share that is gone: the run is refused or fails, nothing is made elsewhere, and it heals', async () => {
  await lab.break('share', '\\\\backup01.contoso.com\\LyncBackup', 'gone')

  const broken = await lab.holdfast('backup', 'file-stores', '--wait', '--output', 'json')
  const status = await lab.json<StatusJson>('status')

  await lab.repair('share', '\\\\backup01.contoso.com\\LyncBackup')
  expect([1, 4]).toContain(broken.code)
  expect(JSON.parse(broken.err)).toHaveProperty('error.message')
  expect(status.json.conditions.find(({ type }) => type === 'LocationReady')).toMatchObject({ status: 'false' })
  expect(await lab.json<Made>('backup', 'file-stores', '--wait')).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
})

test('a location of another owner is refused until it is taken over, which is journalled', async () => {
  await lab.break('share', '\\\\backup01.contoso.com\\LyncBackup', 'another')

  const refused = await lab.holdfast('backup', 'file-stores', '--wait')

  expect(refused.code).toBe(4)
  await lab.repair('share', '\\\\backup01.contoso.com\\LyncBackup')
})
