import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DriftView } from '../../src/views/drift.ts'
import type { ExplainView } from '../../src/views/explain/explain.ts'
import type { RecoverabilityView } from '../../src/views/recoverability.ts'
import { cli, git, startLab, type TestLab } from '../support/lab.ts'

let lab: TestLab

beforeAll(async () => {
  lab = await startLab()
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
}, 180_000)
afterAll(() => lab[Symbol.asyncDispose]())

async function recoverability(...subject: string[]): Promise<RecoverabilityView['subjects']> {
  return (await lab.json<RecoverabilityView>('recoverability', ...subject)).json.subjects
}

// Written from the domain reference: sections 2.3, 6.1 and, for what is restored, 6.3 to 6.10.
const nothing: string[] = []
const expected: Record<string, [string, string[]]> = {
  'chat01.contoso.com': ['member-server', nothing],
  'chat02.contoso.com': ['member-server', nothing],
  'dir01.contoso.com': ['member-server', nothing],
  'edge01.contoso.com': ['member-server', nothing],
  'edge02.contoso.com': ['member-server', nothing],
  'fe01.contoso.com': ['member-server', nothing],
  'fe02.contoso.com': ['member-server', nothing],
  'fe03.contoso.com': ['member-server', nothing],
  'fe11.contoso.com': ['member-server', nothing],
  'fe12.contoso.com': ['member-server', nothing],
  'fe13.contoso.com': ['member-server', nothing],
  'fs01.contoso.com': ['file-store', ['file-store']],
  'med01.contoso.com': ['member-server', nothing],
  'med02.contoso.com': ['member-server', nothing],
  'se01.contoso.com': ['standard-edition', ['user-data', 'response-groups', 'file-store']],
  'sql01.contoso.com': ['mirror-partner', nothing],
  'sql02.contoso.com': ['mirror-partner', nothing],
  'sql03.contoso.com': ['mirror-partner', nothing],
  'sql04.contoso.com': ['persistent-chat', ['sql-database']],
  'sql05.contoso.com': ['archiving-monitoring', ['sql-database', 'sql-database']],
  'sql11.contoso.com': ['mirror-partner', nothing],
  'sql12.contoso.com': ['mirror-partner', nothing],
  'sql13.contoso.com': ['mirror-partner', nothing],
}

describe('recoverability on the healthy Contoso', () => {
  test('is right for every server, each item has its set, and nothing blocks', async () => {
    const rows = await recoverability()
    expect(
      Object.fromEntries(
        rows.map(({ server, scenario, items }) => [server, [scenario, items.map(({ kind }) => kind)]]),
      ),
    ).toEqual(expected)
    for (const { items, blockers, steps, estimateSeconds } of rows) {
      expect(blockers).toEqual([])
      for (const { from, dataLossSeconds } of items) {
        expect(from).toMatch(/^(?:nightly|file-stores)\//)
        expect(dataLossSeconds).toBeLessThan(900)
      }
      expect(steps.length).toBeGreaterThan(3)
      expect(estimateSeconds).toBeGreaterThan(3600)
    }
  })

  test('names the artefact of the set in the command that restores it', async () => {
    const [row] = await recoverability(String.raw`sql04.contoso.com\chat/mgc`)
    const command = row?.steps.find(({ id }) => id === 'restore-databases')?.command
    expect(command).toMatch(
      /FROM DISK = N'\\\\backup01\.contoso\.com\\LyncBackup\\nightly\\\S+\\data\\sql\\sql04\.contoso\.com_chat\\mgc\.bak'/,
    )
    // The files as they lay, from the set: the lab's own places.
    expect(command).toMatch(/MOVE N'mgc' TO N'[^<']+\.mdf',\n {2}MOVE N'mgc_log' TO N'[^<']+\.ldf';/)
  })
})

test('after a change of DNS it names the blocker, for that server alone', async () => {
  await lab.break('dns', 'fe02.contoso.com')
  await lab.holdfast('run', '--once')
  const blocked = (await recoverability()).filter(({ blockers }) => blockers.length > 0)
  await lab.repair('dns', 'fe02.contoso.com')
  expect(blocked.map(({ server, blockers }) => [server, blockers.map(({ code }) => code)])).toEqual([
    ['fe02.contoso.com', ['environment-changed']],
  ])
  expect(blocked[0]?.blockers[0]?.message).toMatch(/^fe02\.contoso\.com: DNS was 10\./)
})

test('explain says of the compliance queue, which no set holds, what its loss means', async () => {
  const { json } = await lab.json<ExplainView>('explain', String.raw`sql04.contoso.com\chat/mgccomp`)
  expect(json.verdicts.flatMap(({ because }) => because.map(({ value }) => value))).toContain(
    'Microsoft.Rtc.Internal.Chat.Server.Compliance.XmlAdapter,compliance takes it out: what it has not taken out yet is lost with the database',
  )
})

test('explain names the facts behind the class of a server', async () => {
  const { json } = await lab.json<ExplainView>('explain', 'fe01.contoso.com')
  const [first] = json.verdicts
  expect(first?.verdict).toMatch(/^fe01\.contoso\.com is healthy since /)
  expect(first?.because.map(({ fact, source }) => [fact, source])).toEqual([
    ['ports fe01.contoso.com', 'TCP'],
    ['services fe01.contoso.com', 'Get-CsWindowsService'],
  ])
  for (const { ageSeconds } of first?.because ?? []) expect(ageSeconds).toBeLessThan(900)
})

// The topology of the lab is published by a program of its own: what is read from it is what desired state would say.
test('the live deployment, imported, is valid and has no drift', async () => {
  const folder = join(lab.dir, 'imported')
  const imported = await lab.holdfast('import', '--live', '--to', folder)
  expect([imported.code, imported.out]).toEqual([0, expect.stringContaining('resources written')])
  expect((await cli('validate', folder)).code).toBe(0)
  const desired = join(lab.clone, 'desired-state')
  for (const site of ['berlin', 'munich']) await rm(join(desired, site), { recursive: true })
  for (const file of await readdir(folder))
    if (/^(?:pool|sql-store|file-store)-/.test(file)) await cp(join(folder, file), join(desired, file))
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--message', 'Take the topology over as it is published')
  await git(lab.clone, 'push', '--quiet')
  const run = await lab.holdfast('run', '--once')
  expect([run.code, run.err]).toEqual([0, expect.any(String)])
  const { json, code } = await lab.json<DriftView>('drift', '--detailed-exit-code')
  expect(json).toMatchObject({ findings: [], ignored: [] })
  expect(code).toBe(0)
  expect(json.coverage?.protected).toBe(json.coverage?.existing)
})
