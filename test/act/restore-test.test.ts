import { execFile } from 'node:child_process'
import { lstat, mkdir, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Ending } from '../../src/act/handler.ts'
import { verifyBackupSet } from '../../src/act/verify-backup-set.ts'
import type { ActionOf } from '../../src/domain/action.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import type { Desired, RestoreTest } from '../../src/domain/model.ts'
import type { Item } from '../../src/domain/words.ts'
import type { SqlAddress } from '../../src/drivers/sql/sql-server.ts'
import { desiredState, fileStore, policy, sqlStore } from '../support/desired.ts'
import { database, fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'
import { seal } from '../support/sealed.ts'
import { runSet } from './run-set.ts'

const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }
const files = '\\\\scratch01.contoso.com\\Restore'
const payload = 'data/file-stores/fs01.contoso.com_lyncshare'

let world: FakeWorld
let root: string
let scratch: string
beforeEach(async () => {
  world = await fakeWorld()
  root = join(world.sources, 'fs01.contoso.com', 'lyncshare')
  scratch = join(world.sources, 'scratch01.contoso.com', 'restore')
  for (const folder of [root, scratch]) await mkdir(folder, { recursive: true })
  await mkdir(join(root, '1-WebServices-1', 'empty'), { recursive: true })
  await writeFile(join(root, '1-WebServices-1', 'a.xml'), 'one')
  await writeFile(join(root, 'b.txt'), 'two', { mode: 0o444 })
})
afterEach(() => world[Symbol.asyncDispose]())

/** Everything below a folder: names, kinds, content, times and rights. */
async function treeOf(folder: string): Promise<string> {
  const line = "find . -printf '%p %y %T@ %m\\n' | LC_ALL=C sort; find . -type f -exec sha256sum {} + | LC_ALL=C sort"
  return (await promisify(execFile)('sh', ['-c', line], { cwd: folder })).stdout
}

function desired(more: Partial<RestoreTest> = {}): Desired {
  const restoreTest = { databases: null, files, imports: false, everyDays: null, validDays: null, ...more }
  return desiredState({
    fileStores: [fileStore(store.subject)],
    policies: [policy('nightly', { verification: { onCreate: 'structure', everyDays: null, restoreTest } })],
  })
}

const actionOn = (set: BackupSet): ActionOf<'verify-backup-set'> => ({
  ...{ id: 'a', kind: 'verify-backup-set', subject: set.id, set: set.id, level: 'restore', turn: 'newest' },
  ...{ location: set.location, cause: 'scheduled', reason: '', request: null },
})

async function restoreTest(set: BackupSet, of = desired()): Promise<Ending> {
  world.known.splice(0, world.known.length, set)
  return verifyBackupSet.run(actionOn(set), world.tools(of), new AbortController().signal)
}

async function spoil(set: BackupSet, file: string): Promise<void> {
  await using handle = await open(join(set.path, payload, file), 'r+')
  await handle.write('X', 0)
}

describe('a restore test of a file store', () => {
  test('brings all of it back beside, proves it, and leaves neither a trace there nor a change in the store', async () => {
    const set = await runSet(world, [store])
    const before = await treeOf(root)
    const { outcome, problems, proved } = await restoreTest(set)
    expect({ outcome, problems }).toEqual({ outcome: 'done', problems: [] })
    expect(proved).toMatchObject([{ kind: 'file-store', bytes: 6 }])
    expect(world.proofs).toContainEqual({ set: set.id, level: 'restore', outcome: 'ok' })
    expect(await readdir(scratch)).toEqual([])
    expect(await treeOf(root)).toEqual(before)
  })

  test('finds the copy that rotted, and the file that is gone', async () => {
    const set = await runSet(world, [store])
    await spoil(set, 'b.txt')
    await rm(join(set.path, payload, '1-WebServices-1', 'a.xml'))
    const { outcome, problems, proved } = await restoreTest(set)
    expect(outcome).toBe('done')
    expect(problems?.map(({ file, kind }) => [file, kind])).toEqual(
      expect.arrayContaining([
        [`${payload}/1-WebServices-1/a.xml`, 'missing'],
        [`${payload}/b.txt`, 'checksum'],
      ]),
    )
    expect(proved).toEqual([])
    expect(world.proofs).toContainEqual({ set: set.id, level: 'restore', outcome: 'damaged' })
    expect(await readdir(scratch)).toEqual([])
  })

  test('says nothing of the set where the place of the test is gone', async () => {
    const set = await runSet(world, [store])
    await rm(scratch, { recursive: true })
    await expect(restoreTest(set)).rejects.toMatchObject({ code: 'file-gone' })
    expect(world.proofs.filter(({ level }) => level === 'restore')).toEqual([])
  })

  test('removes what a killed one of ours left, and touches nothing else', async () => {
    const set = await runSet(world, [store])
    const left = async (id: string, owner: string | null): Promise<string> => {
      const name = `holdfast-restore-test-${id.repeat(32)}`
      await mkdir(join(scratch, name, 'data'), { recursive: true })
      await writeFile(join(scratch, name, 'data', 'x'), 'half')
      if (owner !== null) await writeFile(join(scratch, name, 'holdfast-restore-test.json'), JSON.stringify({ owner }))
      return name
    }
    await left('a', 'owner-1')
    await mkdir(join(scratch, `holdfast-restore-test-${'e'.repeat(32)}`))
    const odd = await left('f', null)
    await promisify(execFile)('mkfifo', [join(scratch, odd, 'holdfast-restore-test.json')])
    const others = [await left('b', 'owner-2'), await left('c', null), odd, 'mine.txt', 'link']
    await writeFile(join(scratch, 'mine.txt'), 'mine')
    await symlink(root, join(scratch, 'link'))
    await restoreTest(set)
    expect((await readdir(scratch)).sort()).toEqual([...others].sort())
    await left('d', 'owner-1')
    const ending = await verifyBackupSet.resolve(actionOn(set), null, world.tools(desired()))
    expect(ending.outcome).toBe('interrupted')
    expect((await readdir(scratch)).sort()).toEqual([...others].sort())
    expect(await readFile(join(root, 'b.txt'), 'utf8')).toBe('two')
  })

  test.each(['the file store', 'a folder in the file store', 'the share of the sets'])(
    'is refused where a link makes %s of its folder',
    async (what) => {
      const set = await runSet(world, [store])
      const before = await treeOf(root)
      await rm(scratch, { recursive: true })
      const target =
        what === 'the share of the sets'
          ? world.share
          : what === 'the file store'
            ? root
            : join(root, '1-WebServices-1')
      await symlink(target, scratch)
      await expect(restoreTest(set)).rejects.toMatchObject({ code: 'scratch-in-use' })
      expect(await treeOf(root)).toEqual(before)
      expect((await lstat(scratch)).isSymbolicLink()).toBe(true)
    },
  )
})

test('a restore test of databases is refused on an instance that holds one of the product', async () => {
  const set = await runSet(world, [store])
  const copy = {
    kind: 'sql-database',
    subject: 'sql05.contoso.com/LcsCDR',
    path: 'data/x.bak',
    outcome: 'ok',
    bytes: 1,
  } as const
  world.instance('test.contoso.com').databases = [database('Mine'), database('RTCXDS')]
  const databases = { sqlStore: sqlStore('test.contoso.com', ''), folder: 'D:\\Test' }
  const attempt = restoreTest({ ...set, items: [copy] }, desired({ databases, files: null }))
  await expect(attempt).rejects.toMatchObject({
    code: 'scratch-in-use',
    message: expect.stringContaining('RTCXDS') as string,
  })
  expect(world.proofs.filter(({ level }) => level === 'restore')).toEqual([])
})

test('a database is restored for a test from the very file that the set holds', async () => {
  const item: Item = { kind: 'sql-database', subject: 'sql05.contoso.com/LcsCDR' }
  const set = await runSet(world, [store])
  const file = join(set.path, 'data', 'LcsCDR.bak')
  await writeFile(file, 'as it was backed up')
  set.commitSha256 = seal(set.path)
  const copy = { ...item, path: 'data/LcsCDR.bak', outcome: 'ok', bytes: 19 } as const
  const sqlStoreOfTest = sqlStore('test.contoso.com', '')
  const restored: string[] = []
  const sql = world.drivers.sql.bind(world.drivers)
  Object.assign(world.drivers, {
    sql: (address: SqlAddress) => ({
      ...sql(address),
      restoreTest: ({ path }: { path: string }) => Promise.resolve(restored.push(path)),
    }),
  })
  const run = (): Promise<Ending> =>
    restoreTest(
      { ...set, items: [copy] },
      desired({ databases: { sqlStore: sqlStoreOfTest, folder: 'D:\\Test' }, files: null }),
    )
  expect((await run()).proved).toMatchObject([{ kind: 'sql-database' }])
  await writeFile(file, 'something else here')
  expect((await run()).problems).toMatchObject([{ file: 'data/LcsCDR.bak', kind: 'content' }])
  seal(set.path)
  expect((await run()).problems).toContainEqual(expect.objectContaining({ file: 'tagmanifest-sha256.txt' }))
  expect(restored).toHaveLength(1)
})
