/**
 * What an account that may write to the backup share can put there: backups go on wherever a new folder can be written,
 * each odd entry is told with its path, and nothing that was planted is believed.
 */
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DriftView } from '../../src/views/drift.ts'
import type { RecoverabilityView } from '../../src/views/recoverability.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

type Made = { set: SetsJson['sets'][number] }

let lab: TestLab
let pristine: string
let first: SetsJson['sets'][number]

beforeAll(async () => {
  lab = await startLab()
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'file-stores')
  first = json.sets[0]!
  pristine = join(lab.dir, 'pristine')
  mkdirSync(pristine)
  copy(lab.share, join(pristine, 'share'))
  for (const name of stateFiles()) copy(join(lab.dir, name), join(pristine, name))
}, 180_000)
afterAll(() => lab[Symbol.asyncDispose]())

beforeEach(() => {
  for (const name of readdirSync(lab.share)) rmSync(join(lab.share, name), { recursive: true, force: true })
  for (const name of readdirSync(join(pristine, 'share'))) copy(join(pristine, 'share', name), join(lab.share, name))
  for (const name of readdirSync(lab.dir)) if (/^state\.db(-|$)/.test(name)) rmSync(join(lab.dir, name))
  for (const name of stateFiles(pristine)) copy(join(pristine, name), join(lab.dir, name))
})

function stateFiles(folder = lab.dir): string[] {
  return readdirSync(folder).filter((name) => /^state\.db(-wal|-shm)?$/.test(name))
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
}

const on = (...names: string[]): string => join(lab.share, ...names)
const fifo = (path: string): unknown => execFileSync('mkfifo', [path])
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

async function openFindings(code: string): Promise<string[]> {
  const { json } = await lab.json<DriftView>('drift')
  return json.findings.filter((one) => one.code === code).map(({ subject }) => subject)
}

function pointer(policy = 'file-stores'): string {
  return readFileSync(on('current', `${policy}.txt`), 'utf8')
    .trim()
    .split('\\')
    .slice(-2)
    .join('/')
}

/** A copy of the first set, dated within the same minute and after it, in which everything fits together. */
function forge(change: (record: Record<string, unknown>) => Record<string, unknown> = (record) => record): string {
  const record = JSON.parse(readFileSync(join(first.path, 'backup-set.json'), 'utf8')) as Record<string, unknown>
  const forged = change({ ...record, ...dated(`${basename(first.path).slice(0, 13)}59Z`) }) as { id: string }
  copy(first.path, on(forged.id))
  rewrite(on(forged.id), 'backup-set.json', `${JSON.stringify(forged, null, 2)}\n`)
  return forged.id
}

/** `folder` as in 20260102T030405Z. */
function dated(folder: string): { id: string; startedAt: string } {
  const startedAt = folder.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6.999Z')
  return { id: `file-stores/${folder}-aaaa`, startedAt }
}

/** Writes a tag file of a set, and makes the commit record fit. */
function rewrite(folder: string, file: string, text: string): void {
  writeFileSync(join(folder, file), text)
  const commit = join(folder, 'tagmanifest-sha256.txt')
  const lines = readFileSync(commit, 'utf8').split('\n')
  writeFileSync(
    commit,
    lines.map((line) => (line.endsWith(`  ${file}`) ? `${sha256(text)}  ${file}` : line)).join('\n'),
  )
}

/** Each leaves the way free for a new folder. `named`: the end of the path that the finding names. */
const planted: Record<string, { named: string; plant: () => unknown }> = {
  'a pipe in the place of a pointer': {
    named: 'current\\archive.txt',
    plant: () => fifo(on('current', 'archive.txt')),
  },
  'a folder in the place of a pointer': {
    named: 'current\\weekly.txt',
    plant: () => mkdirSync(on('current', 'weekly.txt')),
  },
  'a link in the place of a pointer': {
    named: 'current\\monthly.txt',
    plant: () => symlinkSync('/etc/passwd', on('current', 'monthly.txt')),
  },
  'a file that is named like a set': {
    named: '20260102T000000Z-aaaa',
    plant: () => writeFileSync(on('file-stores', '20260102T000000Z-aaaa'), 'no folder'),
  },
  'a link that is named like a set': {
    named: '20260103T000000Z-aaaa',
    plant: () => symlinkSync('/etc', on('file-stores', '20260103T000000Z-aaaa')),
  },
  'a link that leads to itself': {
    named: 'LyncBackup\\loop',
    plant: () => symlinkSync('loop', on('loop')),
  },
  'a pipe in the root': { named: 'LyncBackup\\pipe', plant: () => fifo(on('pipe')) },
  'a record that is a pipe': {
    named: '20260104T000000Z-aaaa',
    plant() {
      mkdirSync(on('file-stores', '20260104T000000Z-aaaa'))
      fifo(on('file-stores', '20260104T000000Z-aaaa', 'backup-set.json'))
    },
  },
  'a record that is a folder': {
    named: '20260105T000000Z-aaaa',
    plant: () => mkdirSync(on('file-stores', '20260105T000000Z-aaaa', 'backup-set.json'), { recursive: true }),
  },
  'a record that is a link': {
    named: '20260106T000000Z-aaaa',
    plant() {
      mkdirSync(on('file-stores', '20260106T000000Z-aaaa'))
      symlinkSync(join(first.path, 'backup-set.json'), on('file-stores', '20260106T000000Z-aaaa', 'backup-set.json'))
    },
  },
  'a commit record of 3 GiB': {
    named: '20260107T000000Z-aaaa',
    plant() {
      mkdirSync(on('file-stores', '20260107T000000Z-aaaa'))
      const path = on('file-stores', '20260107T000000Z-aaaa', 'tagmanifest-sha256.txt')
      writeFileSync(path, '')
      truncateSync(path, 3 * 1024 ** 3)
    },
  },
  'a folder that is dated years ahead': {
    named: '99981231T235959Z-aaaa',
    plant: () => mkdirSync(on('file-stores', '99981231T235959Z-aaaa')),
  },
  'the sets of a policy, copied under a name of other case': {
    named: `FILE-STORES\\`,
    plant: () => {
      copy(on('file-stores'), on('FILE-STORES'))
    },
  },
}

test('all at once: a good set is made, each is told with its path, and the pointer moves', async () => {
  const victim = join(lab.dir, 'victim')
  writeFileSync(victim, 'untouched')
  symlinkSync(victim, on('current', 'file-stores.txt.part'))
  for (const { plant } of Object.values(planted)) plant()

  const { code, json } = await lab.json<Made>('backup', 'file-stores')
  expect([code, json.set.state]).toEqual([0, 'complete'])
  expect((await lab.holdfast('verify', json.set.id)).code).toBe(0)
  const told = await openFindings('share-entry-odd')
  for (const [name, { named }] of Object.entries(planted))
    expect(
      told.some((path) => path.includes(named)),
      name,
    ).toBe(true)
  expect(pointer()).toBe(json.set.id)
  expect(readFileSync(victim, 'utf8')).toBe('untouched')
  const { json: listed } = await lab.json<SetsJson>('sets', '--policy', 'file-stores')
  expect(listed.sets.filter(({ state }) => state === 'complete').map(({ id }) => id)).toEqual([json.set.id, first.id])
})

describe('what is in the way is named, and the run refused', () => {
  test.each<[string, string, () => void]>([
    [
      'a link in the place of the folder of a policy',
      'file-stores',
      () => {
        renameSync(on('file-stores'), join(lab.dir, 'elsewhere'))
        symlinkSync(join(lab.dir, 'elsewhere'), on('file-stores'))
      },
    ],
    [
      'a file in the place of the folder of a policy',
      'file-stores',
      () => {
        rmSync(on('file-stores'), { recursive: true })
        writeFileSync(on('file-stores'), 'no folder')
      },
    ],
    [
      'a pipe in the place of the identity',
      'holdfast-location.json',
      () => {
        rmSync(on('holdfast-location.json'))
        fifo(on('holdfast-location.json'))
      },
    ],
    [
      'a folder in the place of the identity',
      'holdfast-location.json',
      () => {
        rmSync(on('holdfast-location.json'))
        mkdirSync(on('holdfast-location.json'))
      },
    ],
  ])('%s', async (_name, path, plant) => {
    plant()
    const { code, err } = await lab.holdfast('backup', 'file-stores')
    rmSync(join(lab.dir, 'elsewhere'), { recursive: true, force: true })
    expect(code, err).toBe(4)
    expect(err).toContain(path)
    expect((await lab.holdfast('status', '--exit-code')).code).toBe(5)
  })
})

describe('what was planted is not believed', () => {
  test.each<[string, (record: Record<string, unknown>) => Record<string, unknown>]>([
    ['a copy in which everything fits', (record) => record],
    ['one that is dated before the state store began', (record) => ({ ...record, ...dated('20200102T000059Z') })],
    ['a set that demands nothing', (record) => ({ ...record, required: [], items: [] })],
  ])('%s', async (_name, change) => {
    const id = forge(change)
    const { code } = await lab.holdfast('run', '--once')
    expect(code).toBe(0)
    expect(pointer()).not.toBe(id)
    expect(await openFindings('set-not-vouched')).toEqual([id])
    const { json } = await lab.json<RecoverabilityView>('recoverability')
    expect(json.subjects.flatMap(({ items }) => items.map(({ from }) => from))).not.toContain(id)
  })

  test('until a Suspension names it: then it counts for good', async () => {
    const id = forge()
    const file = join('desired-state', 'deployment.yaml')
    const until = new Date(Date.now() + 86_400_000).toISOString()
    const suspension = `---
apiVersion: holdfast/v1
kind: Suspension
metadata: { name: meant }
spec: { subjects: [${id}], findings: [set-not-vouched], reason: copied on purpose, until: '${until}' }
`
    await lab.commit(file, (text) => `${text}${suspension}`)
    expect((await lab.holdfast('run', '--once')).code).toBe(0)
    await lab.commit(file, (text) => text.replace(suspension, ''))
    expect((await lab.holdfast('run', '--once')).code).toBe(0)
    expect(await openFindings('set-not-vouched')).toEqual([])
    expect(pointer()).toBe(id)
  })

  test('payload and manifests rewritten together are not the set that was made', async () => {
    const manifest = readFileSync(join(first.path, 'manifest-sha256.txt'), 'utf8')
    const [line = ''] = manifest.split('\n')
    const path = line.slice(66)
    const bytes = readFileSync(join(first.path, path))
    bytes.fill('x')
    writeFileSync(join(first.path, path), bytes)
    const sum = createHash('sha256').update(bytes).digest('hex')
    rewrite(first.path, 'manifest-sha256.txt', manifest.replace(line, `${sum}  ${path}`))
    const { code, out } = await lab.holdfast('verify', first.id)
    expect(code).toBe(1)
    expect(out).toContain('tagmanifest-sha256.txt')
    expect((await lab.holdfast('audit', 'verify')).code).toBe(1)
  })
})

test('a damaged tag file moves the pointer off its set, and a new run is made', async () => {
  writeFileSync(join(first.path, 'bagit.txt'), 'something else')
  expect((await lab.holdfast('verify', first.id)).code).toBe(1)
  expect((await lab.holdfast('run', '--once')).code).toBe(0)
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'file-stores')
  expect(json.sets.map(({ state }) => state)).toEqual(['complete', 'damaged'])
  expect(pointer()).toBe(json.sets[0]?.id)
})

test('one record that cannot be read does not end all backups after a lost store', async () => {
  for (const name of stateFiles()) rmSync(join(lab.dir, name))
  rmSync(join(first.path, 'backup-set.json'))
  mkdirSync(join(first.path, 'backup-set.json'))
  expect((await lab.holdfast('run', '--once')).code).toBe(0)
  expect(await openFindings('share-entry-odd')).toEqual([first.unc])
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'file-stores')
  expect(json.sets.map(({ state }) => state)).toEqual(['complete'])
  expect(lstatSync(join(first.path, 'backup-set.json')).isDirectory()).toBe(true)
  expect(existsSync(on('current', 'file-stores.txt'))).toBe(true)
})
