import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { smallDeployment } from '../support/desired-files.ts'
import { holdfast } from '../support/terminal.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-validate-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

test('a valid tree: exit 0, what is in it, and an empty JSON answer', async () => {
  write('desired-state/all.yaml', smallDeployment)

  const text = await holdfast(folder, 'validate')
  const json = await holdfast(folder, 'validate', 'desired-state', '--output', 'json')

  expect(text).toMatchObject({ code: 0, err: '' })
  expect(text.out).toBe(
    '0 errors, 0 warnings: deployment contoso, 1 pool, 1 server, 1 SQL store, 1 file store, 1 location, 1 policy\n',
  )
  expect(json.code).toBe(0)
  expect(json.json()).toEqual({ ok: true, errors: [], warnings: [] })
})

test('an invalid tree: exit 2, every fault as file:line:column from where one stands, warnings as well', async () => {
  write('ours/a/all.yaml', smallDeployment.replace('02 }\n---', '02, by: me }\n---').replace('[contoso.com]', '[]'))
  write('ours/b.yml', 'apiVersion: holdfast/v1\nkind: Pol\n')
  write('ours/c.yaml', 'a: [\n')
  write('ours/.hidden.yaml', 'a: [\n')
  write('ours/notes.txt', 'a: [\n')
  symlinkSync('c.yaml', join(folder, 'ours', 'link.yaml'))

  const { code, out } = await holdfast(folder, 'validate', 'ours')

  expect(code).toBe(2)
  expect(out.split('\n').filter((line) => line.startsWith('ours'))).toEqual([
    'ours/a/all.yaml:7:15: error: spec.sipDomains: does not name a SIP domain [invalid-value]',
    'ours/a/all.yaml:15:78: error: spec.keptElsewhere[5].by: is not a known field [unknown-field]',
    'ours/b.yml:2:7: error: kind "Pol" is not known. [unknown-kind]',
    expect.stringMatching(/^ours\/c\.yaml:2:1: error: This cannot be read as YAML: .+ \[yaml-syntax\]$/),
  ])
  expect(out).toContain('Did you mean Pool?')
  expect(out).toMatch(/\n4 errors, 0 warnings\n$/)
})

test('one file that holds it all, whatever its name; from the folder itself, too', async () => {
  write('imported', smallDeployment.replace('  centralManagementStore: se01-rtc\n', ''))

  const one = await holdfast(folder, 'validate', 'imported', '--output', 'json')

  expect(one.code).toBe(0)
  expect(one.json()).toMatchObject({
    ok: true,
    warnings: [{ code: 'central-management-store-missing', file: 'imported', line: 5, column: 3 }],
  })
  write('all.yaml', smallDeployment)
  expect(await holdfast(folder, 'validate')).toMatchObject({ code: 0 })
})

test('nothing at the path is refused', async () => {
  expect(await holdfast(folder, 'validate', '--output', 'json')).toMatchObject({
    code: 2,
    out: expect.stringContaining('"code":"desired-state-empty","file":"."') as string,
  })
  const missing = await holdfast(folder, 'validate', 'nowhere', '--output', 'json')
  expect(missing).toMatchObject({ code: 2, out: '' })
  expect(JSON.parse(missing.err)).toMatchObject({ error: { code: 'path-not-found', subject: 'nowhere' } })
})

test('a file beyond the limit is told, not read', async () => {
  write('big.yaml', `# ${'x'.repeat(4 * 1024 * 1024)}\n`)
  write('all.yaml', smallDeployment)

  const { code, out } = await holdfast(folder, 'validate')

  expect(code).toBe(2)
  expect(out).toContain('big.yaml:1:1: error: The file is larger than 4 MiB. [file-too-large]')
})

test('Markdown for a comment on a pull request', async () => {
  write('all.yaml', smallDeployment.replace('location: backup01', 'location: "<b>x</b>"'))

  const { out } = await holdfast(folder, 'validate', '--output', 'markdown')

  expect(out).toContain('- **error** `all.yaml:40:19` BackupPolicy nightly names \\<b\\>x\\</b\\>')
})
