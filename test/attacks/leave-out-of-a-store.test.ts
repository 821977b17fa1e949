/** Nothing of a file store is left out in silence (invariant 13): each thing is counted by reason, named and told. */
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { load } from '../../src/desired/load.ts'
import { checksOf } from '../../src/doctor/check.ts'
import { fileStoreChecks } from '../../src/doctor/checks/file-store.ts'
import { describeSet } from '../../src/cli/render.ts'
import type { Item } from '../../src/domain/words.ts'
import { listFolders } from '../../src/sets/folders.ts'
import { setView } from '../../src/views/sets.ts'
import { runSet } from '../act/run-set.ts'
import { desiredState, fileStore, location } from '../support/desired.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'
import { faultyFiles, type Rule } from '../support/faulty-files.ts'
import { putFile } from '../support/put-file.ts'

const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }

let world: FakeWorld
let root: string
beforeEach(async () => {
  world = await fakeWorld()
  root = join(world.sources, 'fs01.contoso.com', 'lyncshare')
})
afterEach(() => world[Symbol.asyncDispose]())

const put = (name: string, content?: string): Promise<void> => putFile(root, name, content)

async function runUnder(rule: Rule): ReturnType<typeof runSet> {
  using _faults = faultyFiles(rule)
  return await runSet(world, [store])
}

const refused =
  (...names: string[]): Rule =>
  (call, path) =>
    call === 'readdir' && names.some((name) => path.endsWith(name)) ? 'EACCES' : null

test('what is left out by rule, as a link or as no file is in record, listing, RESTORE.md and `sets`', async () => {
  await put('1-WebServices-1/a.xml')
  await put('1-WebServices-1/Meeting.Active')
  await put('1-CentralMgmt-1/CMSFileStore/spool.zip')
  await put('System Volume Information/tracking.log')
  await symlink('/etc', join(root, 'etc'))
  const set = await runSet(world, [store])
  const notTaken = {
    link: { count: 1, names: ['etc'] },
    rule: { count: 2, names: ['1-CentralMgmt-1/CMSFileStore', '1-WebServices-1/Meeting.Active'] },
    'volume-folder': { count: 1, names: ['System Volume Information'] },
  }
  expect(set.items).toMatchObject([{ outcome: 'ok', counts: { files: 1 }, notTaken }])
  const record = JSON.parse(await readFile(join(set.path, 'backup-set.json'), 'utf8')) as { items: unknown[] }
  expect(record.items).toMatchObject([{ notTaken }])
  const listing = await readFile(join(set.path, `${set.items[0]?.path ?? ''}.listing.jsonl`), 'utf8')
  expect(listing).toContain('{"type":"skipped","name":"etc","notTaken":"link","reason":"a link"}')
  expect(await readFile(join(set.path, 'RESTORE.md'), 'utf8')).toContain('1 a link, not followed: etc')
  expect(setView(set).items).toMatchObject([{ notTaken }])
  expect(describeSet(set, 80)).toContain('1 a link, not followed: etc')
})

test('what Git excludes is left out with its reason, whatever its case, and a folder goes with all that is in it', async () => {
  await put('1-WebServices-1/DeviceUpdateLogs/a/b.log')
  await put('1-WebServices-1/DataConf/x.TMP')
  await put('1-WebServices-1/DataConf/x.xml')
  const exclude = [
    { pattern: '*/deviceupdatelogs', reason: 'logs of phones' },
    { pattern: '**/*.tmp', reason: 'made anew' },
  ]
  const desired = desiredState({ fileStores: [fileStore(store.subject, { exclude })] })
  const set = await runSet(world, [store], desired)
  const names = ['1-WebServices-1/DataConf/x.TMP', '1-WebServices-1/DeviceUpdateLogs']
  expect(set.items).toMatchObject([
    { outcome: 'ok', counts: { files: 1 }, notTaken: { excluded: { count: 2, names } } },
  ])
  const listing = await readFile(join(set.path, `${set.items[0]?.path ?? ''}.listing.jsonl`), 'utf8')
  expect(listing).toContain('"notTaken":"excluded","reason":"excluded by */deviceupdatelogs: logs of phones"')
  const [check] = fileStoreChecks(desired, checksOf([]), world.drivers)
  expect(await check?.attempt(new AbortController().signal)).toBe('1 files can be read')
})

test.each(['**', '*', '**/*', '/a', 'a\\\\b', 'a//b', ''])('the pattern %j is refused', (pattern) => {
  const text = `apiVersion: holdfast/v1\nkind: FileStore\nmetadata: { name: s }\nspec:\n  path: '\\\\fs09.contoso.com\\Share'\n  exclude: [{ pattern: ${JSON.stringify(pattern)}, reason: x }]\n`
  const loaded = load('r', [
    { path: 'a.yaml', text: smallDeployment },
    { path: 'b.yaml', text },
  ])
  expect(loaded).toMatchObject({ ok: false, errors: [{ code: 'invalid-value', line: 6 }] })
})

test('fault B6: an unreadable folder of the volume fails no store and hides no location', async () => {
  await put('1-WebServices-1/a.xml')
  for (const name of ['System Volume Information', '$RECYCLE.BIN', 'DfsrPrivate', 'lost+found']) {
    await put(`${name}/kept`)
    await mkdir(join(world.share, name))
  }
  const rule = refused('System Volume Information', '$RECYCLE.BIN', 'DfsrPrivate', 'lost+found')
  const set = await runUnder(rule)
  expect(set).toMatchObject({ state: 'complete', items: [{ notTaken: { 'volume-folder': { count: 4 } } }] })
  using _faults = faultyFiles(rule)
  expect(await listFolders(location(), world.share, world.clock.now())).toMatchObject({ odd: [], unlisted: new Set() })
})
