import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

// Root reads whatever it likes.
test.skipIf(process.getuid?.() === 0)(
  'one file that may not be read fails the whole share (as another user than root)',
  async () => {
    await put('1-WebServices-1/a.xml', 'a')
    await chmod(await put('1-WebServices-1/b.xml', 'b'), 0)
    const set = await runSet(world, [store])
    expect(whyOf(set)).toMatch(/b\.xml could not be read.*\[file-store-unreadable\]$/)
    expect(await filesOf(set)).toEqual([])
  },
)
