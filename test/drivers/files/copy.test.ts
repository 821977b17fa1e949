import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs, { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import {
  chmod,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Skip } from '../../../src/domain/not-taken.ts'
import type { CopyOptions } from '../../../src/drivers/files/copy.ts'
import { hashFile, hashFiles } from '../../../src/drivers/files/hash.ts'
import { copyTreeWhileMoving } from '../../../src/drivers/files/moving.ts'
import { copyOne, makeReadOnly } from '../../../src/drivers/files/tasks.ts'
import { settleFiles } from '../../../src/drivers/files/settle.ts'
import { copyTree, type Copied } from '../../support/copied-tree.ts'
import { TestClock } from '../../support/test-clock.ts'
import { until } from '../../support/until.ts'

const plain: Omit<CopyOptions, 'take'> = {
  skip: () => null,
  escape: (names) => names.map((name) => Buffer.from(name).toString('latin1')),
  signal: new AbortController().signal,
}
let from: string
let to: string

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-copy-'))
  from = join(folder, 'from')
  to = join(folder, 'to')
})

async function put(name: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(from, name)), { recursive: true })
  await writeFile(join(from, name), content)
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function names(tree: Copied): string[] {
  return tree.files.map(({ name }) => name)
}

describe('a copy', () => {
  test('holds the same bytes, small and large, and tells their checksums, times and empty folders', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024 + 17, 'large')
    const exact = Buffer.alloc(1024 * 1024, 'exact')
    await put('empty.txt', '')
    await put('a/b/c/small.txt', 'small')
    await put('large.bin', large)
    await put('exact.bin', exact)
    await put('over.bin', Buffer.concat([exact, Buffer.from('1')]))
    await mkdir(join(from, 'nothing/here'), { recursive: true })
    await utimes(join(from, 'empty.txt'), 1_000_000_000, 1_000_000_000)
    await chmod(join(from, 'empty.txt'), 0o444)
    const tree = await copyTree(from, to, plain)
    expect(names(tree)).toEqual(['a/b/c/small.txt', 'empty.txt', 'exact.bin', 'large.bin', 'over.bin'])
    expect(tree.files.find(({ name }) => name === 'large.bin')).toMatchObject({
      path: 'large.bin',
      bytes: large.length,
      sha256: sha256(large),
      changed: false,
    })
    expect(tree.files[1]).toMatchObject({ modifiedMs: 1_000_000_000_000, readOnly: true, bytes: 0, sha256: sha256('') })
    expect(tree.folders.filter(({ empty }) => empty).map(({ name }) => name)).toEqual(['nothing/here'])
    expect(tree).toMatchObject({ skipped: [], bytes: 5 + large.length + exact.length * 2 + 1 })
    for (const { path, sha256: sum } of tree.files) expect(sha256(await readFile(join(to, path)))).toBe(sum)
    expect((await stat(join(to, 'nothing/here'))).isDirectory()).toBe(true)
  })

  test('fault 20: follows no link, and tells it', async () => {
    await put('real.txt', 'real')
    const outside = join(dirname(from), 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'secret.txt'), 'secret')
    await symlink(outside, join(from, 'folder'))
    await symlink(join(outside, 'secret.txt'), join(from, 'file'))
    await symlink('.', join(from, 'loop'))
    const tree = await copyTree(from, to, plain)
    expect(names(tree)).toEqual(['real.txt'])
    expect(tree.skipped).toEqual(['file', 'folder', 'loop'].map((name) => ({ name, reason: 'link', why: 'a link' })))
    expect(await readdir(to)).toEqual(['real.txt'])
  })

  test('fault 20: takes the names of one file as files of their own, and its holes as zeros', async () => {
    await put('one', 'shared')
    await link(join(from, 'one'), join(from, 'two'))
    await put('holes', '')
    await truncate(join(from, 'holes'), 3 * 1024 * 1024)
    const tree = await copyTree(from, to, plain)
    expect(names(tree)).toEqual(['holes', 'one', 'two'])
    await writeFile(join(to, 'one'), 'changed')
    expect(await readFile(join(to, 'two'), 'utf8')).toBe('shared')
    expect(sha256(await readFile(join(to, 'holes')))).toBe(sha256(Buffer.alloc(3 * 1024 * 1024)))
  })

  test('fault 17: takes a tree as deep as paths may be, and files of no length', async () => {
    const deep = Array.from({ length: 300 }, (_, level) => `d${level}`).join('/')
    await put(`${deep}/empty`, '')
    const tree = await copyTree(from, to, plain)
    expect(tree).toMatchObject({ skipped: [] })
    expect(tree.files).toMatchObject([{ name: `${deep}/empty`, bytes: 0, sha256: sha256('') }])
    expect(await readFile(join(to, deep, 'empty'), 'utf8')).toBe('')
  })

  test.each([
    ['EBUSY', 'file-busy'],
    ['EACCES', 'file-denied'],
  ])('fault 16: tells a file that another program holds (%s), and writes nothing for it', async (system, fault) => {
    await put('locked', 'content')
    const open = fs.openSync
    fs.openSync = (path, ...more) => {
      if (path === join(from, 'locked')) throw Object.assign(new Error(system), { code: system })
      return open(path, ...more)
    }
    syncBuiltinESMExports()
    try {
      await mkdir(to)
      const way = { alone: false, spare: false, keepFree: 0, stopped: () => false }
      expect(await copyOne(join(from, 'locked'), join(to, 'locked'), way)).toEqual({ fault, system, side: 'source' })
    } finally {
      fs.openSync = open
      syncBuiltinESMExports()
    }
    expect(await readdir(to)).toEqual([])
  })

  test('fault 16: leaves out what the rule names, with its reason', async () => {
    await put('Meeting.Active', 'locked')
    await put('1-CentralMgmt-1/CMSFileStore/spool.xml', 'x')
    await put('kept.txt', 'x')
    const rule = (name: string, kind: string): Skip | null =>
      kind === 'folder' && name.endsWith('CMSFileStore')
        ? { reason: 'rule', why: 'spool' }
        : name === 'Meeting.Active'
          ? { reason: 'rule', why: 'in use' }
          : null
    const tree = await copyTree(from, to, { ...plain, skip: rule })
    expect(names(tree)).toEqual(['kept.txt'])
    expect(tree.skipped).toEqual([
      { name: '1-CentralMgmt-1/CMSFileStore', reason: 'rule', why: 'spool' },
      { name: 'Meeting.Active', reason: 'rule', why: 'in use' },
    ])
  })

  test('writes names as it is told, also those that are no UTF-8', async () => {
    await put('plain', '1')
    await writeFile(Buffer.concat([Buffer.from(`${from}/x`), Buffer.from([0xff])]), 'bytes')
    await writeFile(join(from, 'a\nb'), 'line')
    const escape: CopyOptions['escape'] = (list) => list.map((name) => `_${Buffer.from(name).toString('hex')}`)
    const tree = await copyTree(from, to, { ...plain, escape })
    expect((await readdir(to)).sort()).toEqual(['_610a62', '_706c61696e', '_78ff'])
    expect(tree.files.find(({ path }) => path === '_78ff')).toMatchObject({
      rawName: Buffer.from([0x78, 0xff]),
      bytes: 5,
    })
    expect(tree.files.find(({ path }) => path === '_610a62')).toMatchObject({ name: 'a\nb', rawName: null })
  })

  test('fault 15: skips what vanished between listing and opening', async () => {
    await put('stays', '1')
    await put('goes', '2')
    const tree = await copyTree(from, to, { ...plain, escape: vanish(join(from, 'goes')) })
    expect(names(tree)).toEqual(['stays'])
    expect(tree.skipped).toEqual([{ name: 'goes', reason: 'vanished', why: 'vanished after it was listed' }])
  })

  /** Deletes a file right when its folder has been listed. */
  function vanish(file: string): CopyOptions['escape'] {
    return (list) => {
      rmSync(file, { force: true })
      return list.map(String)
    }
  }

  test('fault 15: keeps a file that goes on changing, marked, and never half a checksum', async () => {
    await put('busy.log', Buffer.alloc(8 * 1024 * 1024, 'x'))
    const descriptor = openSync(join(from, 'busy.log'), 'a')
    const stop = new AbortController()
    const writing = (async () => {
      while (!stop.signal.aborted) {
        writeSync(descriptor, 'more')
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const tree = await copyTree(from, to, plain)
    stop.abort()
    await writing
    closeSync(descriptor)
    expect(tree.files).toMatchObject([{ name: 'busy.log', changed: true }])
    expect(sha256(await readFile(join(to, 'busy.log')))).toBe(tree.files[0]!.sha256)
  })

  const canBeDenied = process.getuid?.() !== 0
  test.runIf(canBeDenied)(
    `fault 16: tells what is denied and copies the rest${canBeDenied ? '' : ' (skipped: root is denied nothing)'}`,
    async () => {
      await put('open.txt', '1')
      await put('closed.txt', '2')
      await chmod(join(from, 'closed.txt'), 0)
      const tree = await copyTree(from, to, plain)
      expect(names(tree)).toEqual(['open.txt'])
      expect(tree.skipped).toMatchObject([{ name: 'closed.txt', reason: 'denied' }])
    },
  )

  test.runIf(existsSync('/proc/self/mem'))(
    'fault 28: tells what cannot be read and copies the rest (needs /proc)',
    async () => {
      // A file below /proc that opens, but answers every read with an I/O error.
      const tree = await copyTree('/proc/self/task', to, {
        ...plain,
        skip: (name, kind) =>
          (kind === 'folder' ? /^\d+$/ : /\/(mem|comm)$/).test(name) ? null : { reason: 'rule', why: 'no' },
      })
      expect(tree.skipped.find(({ reason }) => reason === 'unreadable')).toMatchObject({
        name: expect.stringMatching(/\/mem$/),
        why: 'could not be read (EIO)',
      })
      expect(names(tree).some((name) => name.endsWith('/comm'))).toBe(true)
    },
  )

  test('fails as a whole where the source or the target is not there', async () => {
    await expect(copyTree(from, to, plain)).rejects.toMatchObject({ code: 'file-gone' })
    await put('a', '1')
    await expect(copyTree(from, join(to, 'deep'), plain)).rejects.toMatchObject({ code: 'file-gone' })
    await mkdir(to)
    await expect(copyTree(from, to, plain)).rejects.toMatchObject({ code: 'file-failed' })
  })

  test('stops when it is told to', async () => {
    for (let index = 0; index < 300; index++) await put(`d${index % 7}/f${index}`, 'x')
    const stop = new AbortController()
    let seen = 0
    const skip = (): null => {
      if (++seen === 100) stop.abort(new Error('enough'))
      return null
    }
    await expect(copyTree(from, to, { ...plain, skip, signal: stop.signal })).rejects.toThrow('enough')
  })

  test('of many files in many folders holds them all', async () => {
    for (let index = 0; index < 700; index++) await put(`${index % 5}/${index % 13}/f${index}`, `content ${index}`)
    const tree = await copyTree(from, to, plain)
    expect(tree.files).toHaveLength(700)
    for (const { name, path, sha256: sum } of tree.files) {
      expect(sum).toBe(sha256(await readFile(join(from, name))))
      expect(sha256(await readFile(join(to, path)))).toBe(sum)
    }
  })
})

describe('hashing', () => {
  test('gives size and checksum, and a Problem where it cannot', async () => {
    const content = Buffer.alloc(2_500_000, 'abc')
    await put('x', content)
    const steps = new Int32Array(new SharedArrayBuffer(4))
    const hashed = await hashFile(join(from, 'x'), plain.signal, steps)
    expect(hashed).toEqual({ bytes: content.length, sha256: sha256(content) })
    expect(steps[0], 'who watches it sees that it gets on').toBeGreaterThan(1)
    await expect(hashFile(join(from, 'none'), plain.signal)).rejects.toMatchObject({ code: 'file-gone' })
    await symlink(join(from, 'x'), join(from, 'link'))
    expect(await readlink(join(from, 'link'))).toBe(join(from, 'x'))
    await expect(hashFile(join(from, 'link'), plain.signal)).rejects.toMatchObject({ code: 'file-failed' })
  })

  test('of many files tells each, and what went wrong with one', async () => {
    const paths: string[] = []
    for (let index = 0; index < 200; index++) {
      await put(`f${index}`, `content ${index}`)
      paths.push(join(from, `f${index}`))
    }
    await rm(paths[7]!)
    const results = new Map<string, unknown>()
    const files = paths.map((path) => ({ path }))
    for await (const { path, result } of hashFiles(files, plain.signal)) results.set(path, result)
    expect(results.size).toBe(200)
    expect(results.get(paths[7]!)).toMatchObject({ fault: 'file-gone' })
    expect(results.get(paths[8]!)).toEqual({ bytes: 9, sha256: sha256('content 8') })
  })
})

test.each([3, 200])('settling %i files tells those that are gone or of another size', async (count) => {
  for (let index = 0; index < count; index++) await put(`f${index}`, `content ${index % 10}`)
  await rm(join(from, 'f0'))
  const files = Array.from({ length: count }, (_, index) => ({
    path: join(from, `f${index}`),
    bytes: index === 1 ? 5 : 9,
  }))
  expect(await Array.fromAsync(settleFiles(files, plain.signal))).toEqual([
    { path: join(from, 'f0'), bytes: 9, message: 'ENOENT' },
    { path: join(from, 'f1'), bytes: 5, message: 'has 9 bytes and not 5' },
  ])
})

test('the right to write is taken from the very file that was put there, and through no link', async () => {
  const [file, other, link] = ['file', 'other', 'link'].map((name) => join(dirname(from), name)) as [
    string,
    string,
    string,
  ]
  for (const path of [file, other]) await writeFile(path, 'x', { mode: 0o644 })
  await symlink(other, link)
  const { ino } = await stat(file)
  const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777
  expect(() => makeReadOnly(link, ino)).toThrow('ELOOP')
  makeReadOnly(other, ino)
  expect(await modeOf(other)).toBe(0o644)
  makeReadOnly(file, ino)
  expect(await modeOf(file)).toBe(0o444)
})

describe('a share that answers no more', () => {
  test('fault 4: in the middle of a copy it is given up after half an hour', async () => {
    await put('hangs.txt', 'x')
    await put('other.txt', 'y')
    const clock = new TestClock('2026-07-29T02:00:00Z')
    const skip = (name: string): null => {
      if (name !== 'hangs.txt') return null
      rmSync(join(from, name))
      execFileSync('mkfifo', [join(from, name)]) // opening it ends only when somebody writes to it
      return null
    }
    let over = false
    const given = copyTreeWhileMoving(from, to, { ...plain, skip, take: () => {} }, clock).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    void given.then(() => (over = true))
    await until(async () => {
      await clock.advance(60)
      return over || undefined
    })
    expect(await given).toMatchObject({ code: 'file-stalled', subject: from, message: expect.stringContaining('30m') })
    expect(clock.monotonic()).toBeGreaterThanOrEqual(30 * 60_000)
    await (await open(join(from, 'hangs.txt'), 'w')).close() // it answers, too late
    expect(await readdir(to)).not.toContain('hangs.txt')
  })

  test.each([10, 2_000_000])('a file of %d bytes that was opened after the end makes nothing', async (bytes) => {
    await put('late', Buffer.alloc(bytes, 'x'))
    await mkdir(to)
    const way = { alone: true, spare: false, keepFree: 0, stopped: () => true }
    expect(await copyOne(join(from, 'late'), join(to, 'late'), way)).toMatchObject({ fault: 'interrupted' })
    expect(await readdir(to)).toEqual([])
  })
})
