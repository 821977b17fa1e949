/** Fault B1: a listing calls what a deduplicated or tiered volume has moved away a link; it is an ordinary file. */
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checksOf } from '../../src/doctor/check.ts'
import { fileStoreChecks } from '../../src/doctor/checks/file-store.ts'
import { readFolder } from '../../src/desired/folder.ts'
import type { Item } from '../../src/domain/words.ts'
import { fileStoreProbe } from '../../src/observed/probes/file-store.ts'
import { checkSet } from '../../src/sets/check.ts'
import { filesOf, runSet } from '../act/run-set.ts'
import { claimedLinks } from '../support/deduplicated.ts'
import { desiredState, fileStore } from '../support/desired.ts'
import { fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'
import { putFile } from '../support/put-file.ts'

const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }
const signal = new AbortController().signal
/** A fifth of the entries, folders among them. */
const aFifth = (path: string): boolean => /(?:0|5)(?:\.txt)?$/.test(path)

const everything = (): boolean => true

let world: FakeWorld
let root: string
beforeEach(async () => {
  world = await fakeWorld()
  root = join(world.sources, 'fs01.contoso.com', 'lyncshare')
})
afterEach(() => world[Symbol.asyncDispose]())

const put = (name: string): Promise<void> => putFile(root, name)

async function underClaims<T>(claims: (path: string) => boolean, work: () => Promise<T>): Promise<T> {
  using _listing = claimedLinks(claims)
  return await work()
}

const names = Array.from({ length: 100 }, (_, at) => `${at % 10}/${at}.txt`)

test('all files of the store are in the set, and a real link is not followed', async () => {
  for (const name of names) await put(name)
  await symlink(dirname(root), join(root, '1', 'link-to-a-folder'))
  await symlink(join(root, '1', '1.txt'), join(root, '1', 'link-to-a-file'))
  const set = await underClaims(aFifth, () => runSet(world, [store]))
  expect(set).toMatchObject({ state: 'complete', items: [{ outcome: 'ok', counts: { files: names.length } }] })
  expect(set.items[0]?.notTaken).toEqual({ link: { count: 2, names: ['1/link-to-a-file', '1/link-to-a-folder'] } })
  expect((await filesOf(set)).filter((name) => name.endsWith('.txt')).length).toBe(names.length)
})

test('a set on such a share is whole, at each look', async () => {
  for (const name of names) await put(name)
  const work = async (): Promise<unknown> => checkSet(await runSet(world, [store]), 'checksum', signal)
  expect(await underClaims((path) => path.startsWith(world.share), work)).toMatchObject({ problems: [] })
})

test('the probe and the doctor see what the copy sees', async () => {
  await mkdir(join(root, '1-WebServices-1'), { recursive: true })
  await put('1-WebServices-1/5.txt')
  const wanted = desiredState({ fileStores: [fileStore(store.subject)] })
  await underClaims(everything, async () => {
    const context = { desired: wanted, drivers: world.drivers, owner: '', written: null }
    const seen = await fileStoreProbe.look(store.subject, context, signal, null)
    expect(seen).toMatchObject({ folders: ['1-WebServices-1'], entries: 1 })
    const [check] = fileStoreChecks(wanted, checksOf([]), world.drivers)
    expect(await check?.attempt(signal)).toBe('1 files can be read')
  })
})

test('desired state in such a folder is read', async () => {
  await put('below/deployment.yaml')
  expect((await underClaims(everything, () => readFolder(root))).map(({ path }) => path)).toEqual([
    'below/deployment.yaml',
  ])
})
