import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { timeOf } from '../../../src/base/time.ts'
import type { Item } from '../../../src/domain/words.ts'
import { fakeWorld, type FakeWorld } from '../../support/fake-drivers.ts'
import { seen, world as observedWorld } from '../../support/observed.ts'
import { filesOf, runSet, whyOf } from '../run-set.ts'

const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

async function put(path: string, content: string): Promise<string> {
  const file = join(world.sources, 'fs01.contoso.com', 'lyncshare', path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
  return file
}

test('a share is copied with its listing; what belongs to live meetings and replication is left out, and told', async () => {
  await put('1-WebServices-1/CollabMetadata/a.xml', 'a')
  await put('1-WebServices-1/Meeting.Active', 'live')
  await put('1-CentralMgmt-1/CMSFileStore/spool.zip', 'spool')
  const set = await runSet(world, [store])
  expect(set).toMatchObject({ state: 'complete', items: [{ outcome: 'ok', counts: { files: 1 } }] })
  expect(await filesOf(set)).toEqual(['a.xml', 'fs01.contoso.com_lyncshare.listing.jsonl'])
  const listing = await readFile(join(set.path, `${set.items[0]?.path ?? ''}.listing.jsonl`), 'utf8')
  expect(listing).toContain('Meeting.Active')
  expect(listing).toContain('CMSFileStore')
})

test('the listing and the manifest are written to the byte as the format says', async () => {
  const contents = {
    'a/x=1.txt': 'one',
    'a-b': 'two',
    'a/Ä.txt': 'three',
    'b/Same': 'four',
    'b/same': 'five',
    'Meeting.Active': '',
  }
  for (const [name, content] of Object.entries(contents)) await put(name, content)
  const root = join(world.sources, 'fs01.contoso.com', 'lyncshare')
  await mkdir(join(root, 'empty'))
  for (const name of [...Object.keys(contents), 'a', 'b', 'empty'])
    await utimes(join(root, name), 1_000_000_000, 1_000_000_000)
  const set = await runSet(world, [store])
  const path = 'data/file-stores/fs01.contoso.com_lyncshare'
  const born = async (name: string): Promise<string> => timeOf(Math.round((await stat(join(root, name))).birthtimeMs))
  const sum = (content: string): string => createHash('sha256').update(content).digest('hex')
  const file = async (name: string, at: string, content: string): Promise<string> =>
    `{"type":"file","name":"${name}","path":"${at}","bytes":${content.length},"sha256":"${sum(content)}","modifiedAt":"2001-09-09T01:46:40.000Z","createdAt":"${await born(name)}","readOnly":false}`
  const folder = async (name: string, empty: boolean): Promise<string> =>
    `{"type":"folder","name":"${name}","path":"${name}","modifiedAt":"2001-09-09T01:46:40.000Z","createdAt":"${await born(name)}","readOnly":false,"empty":${empty}}`
  const listing = await readFile(join(set.path, `${path}.listing.jsonl`), 'utf8')
  expect(listing.split('\n')).toEqual([
    expect.stringMatching(
      /^{"type":"listing","format":"holdfast\/file-store-listing\/v1","root":"\\\\\\\\fs01.contoso.com\\\\LyncShare","at":"2026-07-29T02:00:..\.000Z"}$/,
    ),
    expect.stringMatching(/^{"type":"skipped","name":"Meeting.Active","notTaken":"rule","reason":".+"}$/),
    await folder('a', false),
    await file('a-b', 'a-b', 'two'),
    await file('a/x=1.txt', 'a/x=3D1.txt', 'one'),
    await file('a/Ä.txt', 'a/Ä.txt', 'three'),
    await folder('b', false),
    await file('b/Same', 'b/=53ame', 'four'),
    await file('b/same', 'b/same', 'five'),
    await folder('empty', true),
    '',
  ])
  expect(await readFile(join(set.path, 'manifest-sha256.txt'), 'utf8')).toBe(
    [
      `${sum('two')}  ${path}/a-b`,
      `${sum('one')}  ${path}/a/x=3D1.txt`,
      `${sum('three')}  ${path}/a/Ä.txt`,
      `${sum('four')}  ${path}/b/=53ame`,
      `${sum('five')}  ${path}/b/same`,
      `${sum(listing)}  ${path}.listing.jsonl`,
      '',
    ]
      .toSorted((a, b) => (a === '' ? 1 : b === '' ? -1 : a.slice(66) < b.slice(66) ? -1 : 1))
      .join('\n'),
  )
  expect(set).toMatchObject({ files: 6, bytes: 19 + Buffer.byteLength(listing) })
  expect(set.items[0]).toMatchObject({ bytes: set.bytes, counts: { files: 5 } })
  expect((await readdir(set.path)).toSorted()).toEqual([
    'RESTORE.md',
    'backup-set.json',
    'bag-info.txt',
    'bagit.txt',
    'data',
    'manifest-sha256.txt',
    'tagmanifest-sha256.txt',
  ])
})

test('a share that is not there fails the item, and leaves nothing', async () => {
  const set = await runSet(world, [store])
  expect(set).toMatchObject({ state: 'partial', items: [{ outcome: 'failed', bytes: 0 }] })
  expect(whyOf(set)).toMatch(/\[file-gone\]$/)
  expect(await filesOf(set)).toEqual([])
})

test('the empty folder below a mount that is gone is no copy', async () => {
  const folder = join(world.sources, 'fs01.contoso.com', 'lyncshare')
  await mkdir(folder, { recursive: true })
  const record = { [store.subject]: { mountPoint: folder } }
  const seenThen = new Map([['nightly/before', seen('nightly/before', { record })]])
  const tools = world.tools.bind(world)
  world.tools = (desired) => ({ ...tools(desired), observed: () => observedWorld([], { environmentRecord: seenThen }) })
  const set = await runSet(world, [store])
  expect(whyOf(set)).toMatch(/Nothing is mounted at .*lyncshare.*\[file-store-unreadable\]$/)
  expect(await filesOf(set)).toEqual([])
})
