import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import type { BackupSet } from '../../../src/domain/backup-set.ts'
import type { Item } from '../../../src/domain/words.ts'
import { itemCalls } from '../../../src/drivers/shell/item-calls.ts'
import { failure, fakeWorld, type CmdletAnswer, type FakeWorld } from '../../support/fake-drivers.ts'
import { filesOf, runSet } from '../run-set.ts'

const users: Item = { kind: 'user-data', subject: 'se01.contoso.com' }

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

async function zipOf(files: Record<string, string>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name)
  zip.end()
  return buffer(zip.outputStream)
}

const run = (items: Item[]): Promise<BackupSet> => runSet(world, items)

describe('an export that came', () => {
  test('stands in the set with its sum, the items in it are counted, the scratch folder is gone', async () => {
    const document = '<DocItemSet><DocItem Name="urn:lcd:a@contoso.com"/><DocItem Name="2"/></DocItemSet>'
    world.cmdlets['export-user-data'] = [await zipOf({ 'DocItemSet.xml': document })]
    const set = await run([users])
    expect(set).toMatchObject({
      state: 'complete',
      items: [{ outcome: 'ok', counts: { entries: 1, elements: 3, documents: 2, users: 1 } }],
    })
    expect(world.calls).toMatchObject([{ name: 'export-user-data', parameters: { PoolFqdn: 'se01.contoso.com' } }])
    expect(await filesOf(set)).toEqual(['user-data.zip'])
    expect(world.scratches.size).toBe(0)
  })

  test.each<[Item, string, object]>([
    [{ kind: 'configuration', subject: 'contoso' }, 'export-configuration', {}],
    [
      { kind: 'response-groups', subject: 'se01.contoso.com' },
      'export-response-groups',
      { Source: 'service:ApplicationServer:se01.contoso.com' },
    ],
    [
      { kind: 'persistent-chat', subject: 'sql01.contoso.com\\rtc/mgc' },
      'export-persistent-chat',
      { DBInstance: 'sql01.contoso.com\\rtc' },
    ],
  ])('of %o is that of %s', async (item, call, parameters) => {
    world.cmdlets[call] = [await zipOf({ 'x.xml': '<x/>' })]
    expect(await run([item])).toMatchObject({ state: 'complete' })
    expect(world.calls).toMatchObject([{ name: call, parameters }])
    expect(itemCalls[item.kind]?.call).toBe(call)
  })

  test('of location information need not be a ZIP file', async () => {
    world.cmdlets['export-location-information'] = ['whatever it writes']
    expect(await run([{ kind: 'location-information', subject: 'contoso' }])).toMatchObject({ state: 'complete' })
  })
})

describe('fault 13: an export that is no backup', () => {
  test.each<[string, CmdletAnswer[], string]>([
    ['wrote no file', [null], 'shell-no-output'],
    ['is empty', [''], 'export-empty'],
    ['is no ZIP file', ['PK is not enough'], 'export-damaged'],
    ['reported errors', [{ errors: ['User u42 could not be exported.'] }], 'export-reported-errors'],
    ['was ended at its deadline', [failure('shell-deadline')], 'shell-deadline'],
    ['is not known to the shell', [failure('shell-call-failed')], 'shell-call-failed'],
  ])('because it %s fails its item only, and leaves nothing', async (_why, answers, code) => {
    world.cmdlets['export-user-data'] = answers
    world.cmdlets['export-location-information'] = ['the locations']
    const set = await run([users, { kind: 'location-information', subject: 'contoso' }])
    expect(set.state).toBe('partial')
    expect(set.items.find(({ kind }) => kind === 'user-data')).toMatchObject({
      outcome: 'failed',
      bytes: 0,
      message: expect.stringContaining(`[${code}]`),
    })
    expect(await filesOf(set)).toEqual(['E911Config.zip'])
    expect(await readFile(join(set.path, 'manifest-sha256.txt'), 'utf8')).not.toContain('user-data')
    expect(world.scratches.size).toBe(0)
  })

  test('because it is cut leaves nothing', async () => {
    const whole = await zipOf({ 'DocItemSet.xml': '<DocItem/>'.repeat(100) })
    world.cmdlets['export-user-data'] = [whole.subarray(0, whole.length - 30)]
    const set = await run([users])
    expect(set.items).toMatchObject([{ outcome: 'failed', message: expect.stringContaining('[export-damaged]') }])
    expect(await filesOf(set)).toEqual([])
  })

  test.each([
    [
      'user-data',
      'DocItemSet.xml',
      '<Set><DocItem Name="urn:lcd:a@contoso.com"/><x/></Set>',
      '<Set><x/></Set>',
      'users',
    ],
    ['user-data', 'Other.xml', '<Set><ConferenceDirectory Id="1"/></Set>', '<Set/>', 'conferenceDirectories'],
    ['response-groups', 'Rgs.xml', '<Rgs><Workflow Id="1"/><Queue/></Rgs>', '<Rgs><Queue/></Rgs>', 'workflows'],
  ] as const)(
    'of %s (%s), because nothing is left of what was there, is suspect and kept',
    async (kind, name, full, empty, what) => {
      const item: Item = { kind, subject: 'se01.contoso.com' }
      world.cmdlets[`export-${kind}`] = [await zipOf({ [name]: full })]
      const before = await run([item])
      expect(before).toMatchObject({ state: 'complete', items: [{ counts: { [what]: 1 } }] })
      world.known.push(before)
      await world.clock.advance(86_400)
      world.cmdlets[`export-${kind}`] = [await zipOf({ [name]: empty })]
      const set = await run([item])
      expect(set).toMatchObject({ state: 'partial', items: [{ outcome: 'suspect', counts: { [what]: 0 } }] })
      expect(await filesOf(set)).toHaveLength(1)
    },
  )
})

test('a shell that died is asked once more', async () => {
  world.cmdlets['export-user-data'] = [failure('shell-died'), await zipOf({ 'DocItemSet.xml': '<DocItem/>' })]
  expect(await run([users])).toMatchObject({ state: 'complete' })
  expect(world.calls).toHaveLength(2)
})
