import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { holdfast } from '../support/terminal.ts'

const fixtures = new URL('../topology/fixtures/', import.meta.url).pathname
const published = join(fixtures, 'published.xml')
const draft = join(fixtures, 'draft.tbxml')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-import-'))
})
afterEach(() => rm(folder, { recursive: true }))

const files = [
  'backup-location-backup01.yaml',
  'backup-policy-nightly.yaml',
  'deployment-hamburg.yaml',
  'file-store-fs01-lyncee.yaml',
  'file-store-se01-lyncse.yaml',
  'pool-pool01.fabrikam.example.yaml',
  'pool-se01.fabrikam.example.yaml',
  'sql-store-se01-rtc.yaml',
  'sql-store-sql01-rtc.yaml',
]

describe('holdfast import', () => {
  test('writes YAML to standard output and warnings to standard error', async () => {
    const { code, out, err } = await holdfast(folder, 'import', published)
    expect(code).toBe(0)
    const documents = parseAllDocuments(out)
    expect(documents.map((document) => (document.toJS() as { kind: string }).kind)).toEqual([
      'Deployment',
      'Pool',
      'Pool',
      'SqlStore',
      'SqlStore',
      'FileStore',
      'FileStore',
      'BackupLocation',
      'BackupPolicy',
    ])
    expect(out.match(/^# proposal/gm)).toHaveLength(2)
    expect(out).toContain(String.raw`path: '\\fs01.fabrikam.example\lyncee'`)
    expect(err.match(/^warning: .* \[import-(proposal|assumed)\]$/gm)).toHaveLength(3)
  })

  test('validate accepts what it writes to a folder, and both carry the same resources', async () => {
    const { code, err } = await holdfast(folder, 'import', published, '--to', 'new/desired')
    expect([code, err.length > 0]).toEqual([0, true])
    expect((await readdir(join(folder, 'new/desired'))).sort()).toEqual(files)
    const texts = await Promise.all(files.map((file) => readFile(join(folder, 'new/desired', file), 'utf8')))
    const { out } = await holdfast(folder, 'import', published)
    expect(out.split('---\n').toSorted()).toEqual(texts.toSorted())
    await writeFile(join(folder, 'all.yaml'), out)
    expect((await holdfast(folder, 'validate', 'new/desired')).code).toBe(0)
    expect((await holdfast(folder, 'validate', 'all.yaml')).code).toBe(0)
  })

  test('--output json is one document with resources and warnings', async () => {
    const { code, json, err } = await holdfast(folder, 'import', published, '--output', 'json')
    const { resources, warnings } = json() as {
      resources: { kind: string; apiVersion: string }[]
      warnings: { code: string; message: string }[]
    }
    expect([code, err]).toEqual([0, ''])
    expect(resources).toHaveLength(9)
    expect(new Set(resources.map(({ apiVersion }) => apiVersion))).toEqual(new Set(['holdfast/v1']))
    expect(warnings.map((warning) => warning.code)).toEqual(['import-assumed', 'import-proposal', 'import-proposal'])
  })

  test('a draft is imported with exit code 0 and a warning', async () => {
    const { code, err } = await holdfast(folder, 'import', draft, '--to', 'plan')
    expect(code).toBe(0)
    expect(err).toMatch(/draft/)
    expect((await holdfast(folder, 'validate', 'plan')).code).toBe(0)
  })

  test('a dangling reference: the rest is written, exit code 3', async () => {
    const text = await readFile(published, 'utf8')
    await writeFile(join(folder, 'cut.xml'), text.replace('Number="5" /><Machine', 'Number="50" /><Machine'))
    const { code, err } = await holdfast(folder, 'import', 'cut.xml', '--to', 'rest')
    expect(code).toBe(3)
    expect(err).toMatch(/FileStore 1-FileStore-2 refers to 1:5.*\[import-dangling-reference\]/)
    expect(await readdir(join(folder, 'rest'))).toHaveLength(8)
    expect((await holdfast(folder, 'validate', 'rest')).code).toBe(0)
  })
})

describe('holdfast import refuses', () => {
  test('what holds no topology, and writes nothing', async () => {
    await writeFile(join(folder, 'other.xml'), '<!DOCTYPE a><a/>')
    const { code, out, err } = await holdfast(folder, 'import', 'other.xml', '--to', 'x')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('[topology-doctype]')
    expect(await readdir(folder)).toEqual(['other.xml'])
  })

  test('a file that is not there', async () => {
    const { code, err } = await holdfast(folder, 'import', 'none.xml')
    expect(code).toBe(2)
    expect(err).toMatch(/none\.xml.*ENOENT.*\[import-file-unreadable\]/)
  })

  test('to write into a folder that holds files, and leaves them as they are', async () => {
    await mkdir(join(folder, 'mine'))
    await writeFile(join(folder, 'mine/deployment-hamburg.yaml'), 'mine')
    const { code, err } = await holdfast(folder, 'import', published, '--to', 'mine')
    expect(code).toBe(2)
    expect(err).toMatch(/\[import-folder-not-empty\]\n.*new folder/)
    expect(await readdir(join(folder, 'mine'))).toEqual(['deployment-hamburg.yaml'])
    expect(await readFile(join(folder, 'mine/deployment-hamburg.yaml'), 'utf8')).toBe('mine')
  })

  test('to write where a file stands', async () => {
    const { code, err } = await holdfast(folder, 'import', published, '--to', published)
    expect(code).toBe(1)
    expect(err).toContain('[import-folder-unwritable]')
  })

  test('nothing, both a file and the live deployment, and the latter without a shell host', async () => {
    expect((await holdfast(folder, 'import')).err).toContain('Nothing to import is named. [usage]')
    expect((await holdfast(folder, 'import', published, '--live')).code).toBe(2)
    await writeFile(join(folder, 'holdfast.yaml'), 'git: { url: ./none }\n')
    const { code, out, err } = await holdfast(folder, 'import', '--live')
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('[shell-not-configured]')
  })
})
