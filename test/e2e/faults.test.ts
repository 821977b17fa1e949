import { readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'
import type { SetsJson, StatusJson } from '../support/shapes.ts'

type Made = { set: SetsJson['sets'][number] }

const share = '\\\\backup01.contoso.com\\LyncBackup'

let lab: TestLab

beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

/** The items of a set that are not ok, as `kind subject`. */
function notOk({ set }: Made): string[] {
  return set.items.filter(({ outcome }) => outcome !== 'ok').map(({ kind, subject }) => `${kind} ${subject}`)
}

// Before the others: who moves `$Backup` more than ten times in an hour is refused.
test('a set that lacks one file is what `$Backup` refers to, and the list beside it names the gap', async () => {
  const subject = '\\\\se01.contoso.com\\LyncShare'
  await lab.break('file-store', subject, 'denied')
  const { json } = await lab.json<Made>('backup', 'nightly', '--wait')
  await lab.holdfast('run', '--once')
  await lab.repair('file-store', subject)
  const current = (file: string): Promise<string> => readFile(join(lab.share, 'current', file), 'utf8')
  expect((await current('nightly.txt')).trim()).toBe(json.set.unc)
  const row = (await current('nightly.copies.csv')).split('\r\n').find((line) => line.includes(`"${subject}"`))
  expect(row).toContain('"1 file"')
}, 180_000)

test.each([
  [
    'a cmdlet that fails',
    'cmdlet',
    'Export-CsRgsConfiguration',
    'fails',
    ['response-groups pool01.contoso.com', 'response-groups pool02.contoso.com', 'response-groups se01.contoso.com'],
  ],
  [
    'fault 13: a cmdlet that writes nothing',
    'cmdlet',
    'Export-CsLisConfiguration',
    'writes-nothing',
    ['location-information contoso'],
  ],
  [
    'fault 13: a cmdlet that writes a cut ZIP',
    'cmdlet',
    'Export-CsConfiguration',
    'cut-zip',
    ['configuration contoso'],
  ],
  [
    'a cmdlet that is missing',
    'cmdlet',
    'Get-CsCpsConfiguration',
    'missing',
    ['call-park pool01.contoso.com', 'call-park se01.contoso.com'],
  ],
  [
    'a SQL Server that was killed',
    'server',
    'sql04.contoso.com',
    undefined,
    ['sql-database sql04.contoso.com\\chat/mgc'],
  ],
  [
    'a database that is suspect',
    'database',
    'sql05.contoso.com/LcsCDR',
    'suspect',
    ['sql-database sql05.contoso.com/LcsCDR'],
  ],
  [
    'a SQL Server that refuses the login',
    'sql',
    'sql04.contoso.com\\chat',
    'login-refused',
    ['sql-database sql04.contoso.com\\chat/mgc'],
  ],
  [
    'fault 10: a SQL Server that cuts its backup and tells no error',
    'sql',
    'sql05.contoso.com',
    'cut-backups',
    ['sql-database sql05.contoso.com/LcsCDR', 'sql-database sql05.contoso.com/QoEMetrics'],
  ],
  [
    'a file that cannot be opened',
    'file-store',
    '\\\\se01.contoso.com\\LyncShare',
    'denied',
    ['file-store \\\\se01.contoso.com\\LyncShare'],
  ],
  [
    'a file store that is gone',
    'file-store',
    '\\\\fs01.contoso.com\\LyncShare',
    undefined,
    ['file-store \\\\fs01.contoso.com\\LyncShare'],
  ],
])(
  '%s: its items are not ok, all others are, and nothing is called complete',
  async (_name, kind, subject, detail, failed) => {
    await lab.break(kind, subject, detail)

    const { code, json } = await lab.json<Made>('backup', 'nightly', '--wait')

    await lab.repair(kind, subject)
    expect(code).toBe(3)
    expect(json.set.state).toBe('partial')
    expect(notOk(json).sort()).toEqual([...failed].sort())
    for (const item of json.set.items) if (item.outcome !== 'ok') expect(item.code).toMatch(/^[a-z-]+$/)
  },
)

test.each([
  ['denied', 'Get-CsUser: Access is denied'],
  ['missing', "Get-CsUser: The term 'Get-CsUser' is not recognized"],
])(
  'a cmdlet of the directory that is %s: its record is suspect, a warning tells, the set is complete',
  async (detail, told) => {
    await lab.break('cmdlet', 'Get-CsUser', detail)
    const { code, json } = await lab.json<Made>('backup', 'nightly', '--wait')
    await lab.repair('cmdlet', 'Get-CsUser')
    expect(code).toBe(0)
    expect(json.set.state).toBe('complete')
    expect(notOk(json)).toEqual(['directory-record contoso'])
    const [record] = json.set.items.filter(({ outcome }) => outcome === 'suspect')
    expect(record?.message).toContain(told)
    expect(record?.message).toContain('RTCUniversalReadOnlyAdmins')
    expect(await readdir(join(json.set.path, 'data', 'directory'))).toHaveLength(4)
    const { json: drift } = await lab.json<{ findings: object[] }>('drift')
    expect(drift.findings).toContainEqual(
      expect.objectContaining({ ...{ code: 'item-suspect', severity: 'warning' }, subject: 'contoso' }),
    )
    const { json: status } = await lab.json<StatusJson>('status')
    expect(status.items.filter(({ kind }) => kind === 'directory-record')).toEqual([])
  },
)

test('a lost mirror partner: the other one is the principal, and the backup is made there', async () => {
  await lab.break('mirror', 'sql03.contoso.com\\archive')

  const { code, json } = await lab.json<Made>('backup', 'nightly', '--wait')

  await lab.repair('mirror', 'sql03.contoso.com\\archive')
  expect(code).toBe(0)
  expect(json.set.items.find(({ subject }) => subject === 'sql03.contoso.com\\archive/LcsLog')).toMatchObject({
    outcome: 'ok',
  })
})

test('fault 9: a connection dropped in the middle of a BACKUP that goes on and succeeds: one file, counted once', async () => {
  await lab.break('connection', 'sql05.contoso.com', 'backup-succeeds')

  const made = await lab.json<Made>('backup', 'nightly', '--wait')

  await lab.repair('connection', 'sql05.contoso.com')
  expect(made).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
  const files = await readdir(join(made.json.set.path, 'data', 'sql', 'sql05.contoso.com_default'))
  expect(files.sort()).toEqual(['LcsCDR.bak', 'QoEMetrics.bak'])
})

test('fault 9: a connection dropped in the middle of a BACKUP that fails: tried again, and only the good file is kept', async () => {
  await lab.break('connection', 'sql04.contoso.com\\chat', 'backup-fails')
  const asked = await backupsAsked()
  const running = lab.json<Made>('backup', 'nightly', '--wait')
  await until(async () => ((await backupsAsked()) > asked ? true : undefined))
  await lab.repair('connection', 'sql04.contoso.com\\chat')

  const made = await running

  expect(made).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
  const item = made.json.set.items.find(({ subject }) => subject === 'sql04.contoso.com\\chat/mgc')
  const folder = join(made.json.set.path, 'data', 'sql', 'sql04.contoso.com_chat')
  expect(await readdir(folder)).toEqual([item?.path.split('/').at(-1)])
})

test('fault 14: a cmdlet that hangs: ended at its deadline, only its items fail, and the next run heals', async () => {
  const config = await readFile(lab.config, 'utf8')
  await writeFile(lab.config, config.replace(/^shell:$/m, 'shell:\n  deadline: 5s'))
  await lab.break('cmdlet', 'Export-CsUserData', 'hangs')

  const made = await lab.json<Made>('backup', 'nightly', '--wait')

  await lab.repair('cmdlet', 'Export-CsUserData')
  expect(made).toMatchObject({ code: 3, json: { set: { state: 'partial' } } })
  expect(notOk(made.json).sort()).toEqual([
    'user-data pool01.contoso.com',
    'user-data pool02.contoso.com',
    'user-data se01.contoso.com',
  ])
  for (const item of made.json.set.items)
    if (item.outcome !== 'ok')
      expect([item.code, item.message]).toEqual([
        'shell-deadline',
        'Export-CsUserData did not end within 5s: its process was ended with everything it had started.',
      ])
  expect(await lab.json<Made>('backup', 'nightly', '--wait')).toMatchObject({
    code: 0,
    json: { set: { state: 'complete' } },
  })
  await writeFile(lab.config, config)
})

test('a pool that was emptied: its export is suspect, the set is partial, and the recovery point stays', async () => {
  const point = async (): Promise<string | undefined> =>
    (await lab.json<StatusJson>('status')).json.items.find(
      ({ kind, subject }) => kind === 'user-data' && subject === 'pool01.contoso.com',
    )?.recoveryPoint?.set
  const before = await point()
  await lab.break('database', 'sql01.contoso.com\\rtc/rtcxds', 'emptied')

  const made = await lab.json<Made>('backup', 'nightly', '--wait')

  await lab.repair('database', 'sql01.contoso.com\\rtc/rtcxds')
  expect(made).toMatchObject({ code: 3, json: { set: { state: 'partial' } } })
  expect(made.json.set.items.filter(({ outcome }) => outcome === 'suspect').map(({ kind }) => kind)).toEqual([
    'user-data',
  ])
  expect(await point()).toBe(before)
})

test('a share that is gone: the run is refused or fails, nothing is made elsewhere, and it heals', async () => {
  await lab.break('share', share, 'gone')

  const broken = await lab.holdfast('backup', 'file-stores', '--wait', '--output', 'json')
  const status = await lab.json<StatusJson>('status')

  await lab.repair('share', share)
  expect([1, 4]).toContain(broken.code)
  expect(JSON.parse(broken.err)).toHaveProperty('error.message')
  expect(status.json.conditions.find(({ type }) => type === 'LocationReady')).toMatchObject({ status: 'false' })
  expect(await lab.json<Made>('backup', 'file-stores', '--wait')).toMatchObject({
    code: 0,
    json: { set: { state: 'complete' } },
  })
})

test('an empty share in the place of ours is not claimed: the run is refused, and the sets come back with the share', async () => {
  const sets = (await lab.json<SetsJson>('sets')).json.sets.length
  await lab.break('share', share, 'another')

  const refused = await lab.holdfast('backup', 'file-stores', '--wait')

  await lab.repair('share', share)
  expect(refused).toMatchObject({ code: 4 })
  expect(refused.err).toContain('take-over backup01')
  expect((await lab.json<SetsJson>('sets')).json.sets).toHaveLength(sets)
})

test('a share that is owned by another daemon is refused until it is taken over, and the journal tells', async () => {
  await rename(join(lab.dir, 'owner.id'), join(lab.dir, 'owner.id.before'))

  const refused = await lab.holdfast('backup', 'file-stores', '--wait')
  const taken = await lab.holdfast('take-over', 'backup01')
  const made = await lab.json<Made>('backup', 'file-stores', '--wait')

  expect(refused.code).toBe(4)
  expect(refused.err).toContain('another daemon')
  expect(taken.code).toBe(0)
  expect(made).toMatchObject({ code: 0, json: { set: { state: 'complete' } } })
  const { json } = await lab.json<{ entries: { type: string; message: string }[] }>('audit', 'list')
  expect(json.entries.some((entry) => `${entry.type} ${entry.message}`.includes('take-over-location'))).toBe(true)
})

test('a share of another deployment: refused, named, and nothing is written there', async () => {
  const identity = join(lab.share, 'holdfast-location.json')
  const ours = await readFile(identity, 'utf8')
  await writeFile(identity, ours.replace('contoso', 'fabrikam'))
  const before = await readdir(lab.share, { recursive: true })

  const refused = await lab.holdfast('backup', 'file-stores', '--wait')

  const after = await readdir(lab.share, { recursive: true })
  await writeFile(identity, ours)
  expect(refused).toMatchObject({ code: 4, out: '' })
  expect(refused.err).toContain('belongs to the deployment fabrikam, not to contoso')
  expect(after).toEqual(before)
})

/** How many backups of the chat database the lab's SQL Server was asked for. */
async function backupsAsked(): Promise<number> {
  const lines = (await readFile(join(lab.dir, 'log', 'requests.jsonl'), 'utf8')).split('\n')
  return lines.filter((line) => line.includes('BACKUP DATABASE') && line.includes('mgc')).length
}
