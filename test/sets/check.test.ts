import { appendFile, copyFile, open, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { describe, expect, test } from 'vitest'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import type { Item, ItemKind } from '../../src/domain/words.ts'
import { checkSet } from '../../src/sets/check.ts'
import { payloadPath } from '../../src/sets/payload-path.ts'
import { begin, configuration, makeSet, makeWorld, ok, put, userData } from './world.ts'

const signal = new AbortController().signal
const users = 'data/pools/pool01.contoso.com/user-data.zip'
const config = 'data/configuration/Config.zip'

async function flipBit(file: string, at: number): Promise<void> {
  await using handle = await open(file, 'r+')
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at)
  await handle.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, at)
}

describe('a set', () => {
  test('that nobody touched has no problem at the levels structure and checksum', async () => {
    const set = await makeSet(await makeWorld())
    for (const level of ['structure', 'checksum'] as const)
      expect(await checkSet(set, level, signal)).toEqual({ problems: [], damaged: [] })
  })

  test('fault 6: with one changed bit is damaged in that item, which only the checksum tells', async () => {
    const set = await makeSet(await makeWorld())
    await flipBit(join(set.path, users), 3)
    expect((await checkSet(set, 'structure', signal)).problems).toEqual([])
    expect(await checkSet(set, 'checksum', signal)).toEqual({
      problems: [{ file: users, kind: 'checksum', message: expect.any(String) }],
      damaged: [userData],
    })
  })

  const harms: [string, (set: BackupSet) => Promise<unknown>, object[], Item[]][] = [
    ['missing', ({ path }) => rm(join(path, users)), [{ file: users, kind: 'missing' }], [userData]],
    ['cut', ({ path }) => truncate(join(path, users), 2), [{ file: users, kind: 'size' }], [userData]],
    ['emptied', ({ path }) => truncate(join(path, config), 0), [{ file: config, kind: 'size' }], [configuration]],
    ['longer', ({ path }) => appendFile(join(path, users), 'x'), [{ file: users, kind: 'size' }], [userData]],
    ['an extra file', ({ path }) => writeFile(join(path, 'data/x'), ''), [{ file: 'data/x', kind: 'unexpected' }], []],
    [
      'a file under another name',
      ({ path }) => rename(join(path, users), join(path, `${users}.old`)),
      [
        { file: users, kind: 'missing' },
        { file: `${users}.old`, kind: 'unexpected' },
      ],
      [userData],
    ],
    [
      'the record of nobody',
      ({ path }) => writeFile(join(path, 'backup-set.json'), '{}'),
      [{ file: 'backup-set.json', kind: 'record' }],
      [configuration, userData],
    ],
    [
      'a cut manifest',
      ({ path }) => truncate(join(path, 'manifest-sha256.txt'), 70),
      [{ file: 'manifest-sha256.txt', kind: 'manifest' }],
      [configuration, userData],
    ],
    [
      'no commit record',
      ({ path }) => rm(join(path, 'tagmanifest-sha256.txt')),
      [{ file: 'tagmanifest-sha256.txt', kind: 'manifest' }],
      [configuration, userData],
    ],
    ['no RESTORE.md', ({ path }) => rm(join(path, 'RESTORE.md')), [{ file: 'RESTORE.md', kind: 'missing' }], []],
  ]
  test.each(harms)('fault 6: with %s is damaged at level structure', async (_name, harm, problems, damaged) => {
    const set = await makeSet(await makeWorld())
    await harm(set)
    const found = await checkSet(set, 'structure', signal)
    expect(found.problems).toMatchObject(problems)
    expect(found.damaged).toEqual(damaged)
  })

  test('fault 8: whose payload was deleted under its commit record is damaged by what is listed alone', async () => {
    const set = await makeSet(await makeWorld())
    await rm(join(set.path, 'data'), { recursive: true })
    const { problems, damaged } = await checkSet(set, 'structure', signal)
    expect(problems.map(({ file, kind }) => `${kind} ${file}`)).toEqual([`missing ${config}`, `missing ${users}`])
    expect(damaged).toEqual([configuration, userData])
  })

  test('fault 6: with two files of one size swapped is damaged in both items', async () => {
    const set = await begin(await makeWorld())
    await set.add(ok(configuration, config), [await put(set, config, 'one')])
    await set.add(ok(userData, users), [await put(set, users, 'two')])
    const made = await set.commit()
    await copyFile(join(made.path, users), join(made.path, 'spare'))
    await copyFile(join(made.path, config), join(made.path, users))
    await rename(join(made.path, 'spare'), join(made.path, config))
    expect((await checkSet(made, 'checksum', signal)).damaged).toEqual([configuration, userData])
  })

  /** A manifest of somebody else, with a commit record that agrees. */
  async function replaceManifest(path: string, change: (lines: string[]) => string[]): Promise<void> {
    const file = join(path, 'manifest-sha256.txt')
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    const text = change(lines)
      .map((line) => `${line}\n`)
      .join('')
    await writeFile(file, text)
    const tags = join(path, 'tagmanifest-sha256.txt')
    const sum = createHash('sha256').update(text).digest('hex')
    await writeFile(tags, (await readFile(tags, 'utf8')).replace(/^\w{64}(?= {2}manifest)/m, sum))
  }

  test('whose manifest is in another order is as whole as before', async () => {
    const { commitSha256: _known, ...set } = await makeSet(await makeWorld())
    await replaceManifest(set.path, (lines) => lines.reverse())
    expect(await checkSet(set, 'checksum', signal)).toEqual({ problems: [], damaged: [] })
  })

  const secret = `${'0'.repeat(64)}  data/../../../secret`
  const faults: [string, (lines: string[]) => string[], string][] = [
    ['leads out of it', () => [secret], 'line 1 names a path that is not allowed'],
    ['names a file twice', (lines) => [...lines, lines.at(-1)!], 'line 3 names a path a second time'],
    ['names a file twice, in no order', (lines) => [...lines, lines[0]!], 'line 3 names a path a second time'],
    ['has a line of words', (lines) => [...lines, 'words'], 'line 3 is not a checksum and a path'],
    [
      'names what is no payload',
      (lines) => [...lines, `${'0'.repeat(64)}  x`],
      'it names x, which is not a payload file',
    ],
  ]
  test.each(faults)(
    'fault 19: whose manifest %s is refused before anything is opened',
    async (_name, change, message) => {
      const { commitSha256: _known, ...set } = await makeSet(await makeWorld())
      await replaceManifest(set.path, change)
      expect(await checkSet(set, 'checksum', signal)).toEqual({
        problems: [{ file: 'manifest-sha256.txt', kind: 'manifest', message }],
        damaged: [configuration, userData],
      })
    },
  )
})

async function zip(entries: Record<string, string | Buffer>): Promise<Buffer> {
  const file = new ZipFile()
  for (const [name, content] of Object.entries(entries)) file.addBuffer(Buffer.from(content), name)
  file.end()
  return buffer(file.outputStream)
}

describe('the level content', () => {
  async function problemOf(kind: ItemKind, subject: string, content: string | Buffer): Promise<string | null> {
    const item: Item = { kind, subject }
    const set = await begin(await makeWorld(), { required: [item] })
    const path = payloadPath(item)
    await set.add(ok(item, path), [
      await put(set, `${path}${kind === 'directory-record' ? '/users.jsonl' : ''}`, content),
    ])
    const { problems, damaged } = await checkSet(await set.commit(), 'content', signal)
    expect(damaged).toEqual(problems.length === 0 ? [] : [item])
    return problems[0] ? `${problems[0].kind}: ${problems[0].message}` : null
  }

  test('accepts an export in any encoding', async () => {
    const text = '<?xml version="1.0"?><DocItemSet xmlns="urn:x"><DocItem/></DocItemSet>'
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
    const export_ = await zip({ 'DocItemSet.xml': text, 'b.xml': utf16, 'c.bin': '\0\u0001' })
    expect(await problemOf('configuration', 'contoso', export_)).toBeNull()
  })

  test('finds a broken document, a cut ZIP, a wrong CRC and an empty one', async () => {
    expect(await problemOf('user-data', 'pool01.contoso.com', await zip({ 'a.xml': '<a><b></a>' }))).toContain('XML')
    const good = await zip({ 'a.xml': `<a>${'x'.repeat(5000)}</a>` })
    expect(await problemOf('user-data', 'pool01.contoso.com', good.subarray(0, -30))).toMatch(/^content/)
    const stored = new ZipFile()
    stored.addBuffer(Buffer.from('<a>text</a>'), 'a.xml', { compress: false })
    stored.end()
    const bytes = await buffer(stored.outputStream)
    bytes[bytes.indexOf('text')] = 0x54
    expect(await problemOf('user-data', 'pool01.contoso.com', bytes)).toContain('CRC')
    expect(await problemOf('user-data', 'pool01.contoso.com', await zip({}))).toContain('the ZIP file is empty')
    expect(await problemOf('user-data', 'pool01.contoso.com', 'no zip')).toMatch(/^content/)
  })

  test('finds JSON that is none and a backup that is none; takes locations as they are', async () => {
    expect(await problemOf('call-park', 'pool01.contoso.com', '{"a":1}')).toBeNull()
    expect(await problemOf('call-park', 'pool01.contoso.com', '{"a":')).toContain('JSON')
    expect(await problemOf('directory-record', 'contoso', '{"a":1}\n{}\n')).toBeNull()
    expect(await problemOf('directory-record', 'contoso', '{}\n{"a":\n{}\n')).toBe('content: line 2: it is not JSON')
    expect(await problemOf('directory-record', 'contoso', 'x'.repeat(2e6))).toBe('content: a line after 0 is too long')
    expect(await problemOf('sql-database', 'sql01.contoso.com\\rtc/LcsCDR', 'no tape')).toMatch(/^content/)
    expect(await problemOf('location-information', 'contoso', 'some binary form')).toBeNull()
  })
})
