/** Faults B4 and S2: one file of a store that nobody may read costs that file, is named, and nothing else is lost. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { timeOf } from '../../src/base/time.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import type { Item } from '../../src/domain/words.ts'
import { checkSet } from '../../src/sets/check.ts'
import { filesOf, runSet, whyOf } from '../act/run-set.ts'
import { copyTree } from '../support/copied-tree.ts'
import { denied } from '../support/denied.ts'
import { fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'
import { faultyFiles } from '../support/faulty-files.ts'
import { putFile } from '../support/put-file.ts'

const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }
const signal = new AbortController().signal
const files = ['1-WebServices-1/DataConf/a.xml', '1-WebServices-1/DataConf/b.xml', '1-WebServices-1/ABFiles/c.lsabs']

let world: FakeWorld
let root: string
beforeEach(async () => {
  world = await fakeWorld()
  root = join(world.sources, 'fs01.contoso.com', 'lyncshare')
  for (const name of files) await putFile(root, name)
})
afterEach(() => world[Symbol.asyncDispose]())

async function runWithout(...names: string[]): Promise<BackupSet> {
  using stack = new DisposableStack()
  for (const name of names) stack.use(denied(join(root, name)))
  return await runSet(world, [store])
}

test('a denied file of content: the others are in the set, it is named, and the item is suspect with gaps', async () => {
  const set = await runWithout('1-WebServices-1/DataConf/b.xml')
  expect(set).toMatchObject({ state: 'partial', items: [{ outcome: 'suspect', doubt: 'incomplete' }] })
  expect(whyOf(set)).toContain('1 of its files or folders could not be taken: 1-WebServices-1/DataConf/b.xml.')
  expect(set.items[0]?.notTaken).toEqual({ denied: { count: 1, names: ['1-WebServices-1/DataConf/b.xml'] } })
  expect(await filesOf(set)).toEqual(['a.xml', 'c.lsabs', 'fs01.contoso.com_lyncshare.listing.jsonl'])
  expect(await checkSet(set, 'checksum', signal)).toMatchObject({ problems: [] })
  const listing = await readFile(join(set.path, `${set.items[0]?.path ?? ''}.listing.jsonl`), 'utf8')
  expect(listing).toMatch(/"name":"1-WebServices-1\/DataConf\/b.xml","notTaken":"denied","reason":"could not be read/)
})

test('a denied address-book file is told, and the item is ok: the server makes it anew', async () => {
  const set = await runWithout('1-WebServices-1/ABFiles/c.lsabs')
  expect(set).toMatchObject({ state: 'complete', items: [{ outcome: 'ok', notTaken: { remade: { count: 1 } } }] })
})

test('a store of which nothing can be read has failed', async () => {
  const set = await runWithout(...files.slice(0, 2))
  expect(set.items).toMatchObject([{ outcome: 'suspect' }])
  using _faults = faultyFiles((call, path) =>
    call === 'readdir' && path.endsWith('1-WebServices-1') ? 'EACCES' : null,
  )
  world.clock.jump(60)
  const next = await runSet(world, [store])
  expect(next.items).toMatchObject([{ outcome: 'failed', code: 'file-store-unreadable' }])
})

test('what is refused is tried again by itself', async () => {
  let refusals = 2
  const options = {
    skip: () => null,
    escape: (names: readonly unknown[]) => names.map(String),
    signal,
    clock: { now: () => timeOf(0), monotonic: () => 0, sleep: () => Promise.resolve() },
  }
  using _faults = faultyFiles((call, path) =>
    call === 'readdir' && path.endsWith('DataConf') && refusals-- > 0 ? 'EBUSY' : null,
  )
  const tree = await copyTree(root, join(world.share, 'target'), options)
  expect(tree.skipped).toEqual([])
  expect(tree.files.map(({ name }) => name)).toEqual(files.toSorted())
})

test('a store that goes away in the middle of its copy has failed, and nothing of it counts', async () => {
  let gone = false
  using _faults = faultyFiles((call, path) => {
    gone ||= call === 'readdir' && path.endsWith('1-WebServices-1')
    return gone && path.startsWith(root) ? 'ESTALE' : null
  })
  const set = await runSet(world, [store])
  expect(set.items).toMatchObject([{ outcome: 'failed', bytes: 0 }])
})
