import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'holdfast-programs-'))))
afterAll(() => rmSync(folder, { recursive: true }))

function node(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: root, env, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

test('npm test installs nothing: only the script of that name does', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const installing = Object.entries(scripts).filter(([, line]) => line.includes('programs.ts'))
  expect(installing).toEqual([['setup:tests', 'node test/tools/programs.ts']])
  expect(scripts).not.toHaveProperty('pretest')
})

test('where it cannot install, it says what to do, and fails', () => {
  const { status, said } = node(['test/tools/programs.ts'], { PATH: folder }) // no apt-get there
  expect(status).toBe(1)
  expect(said).toMatch(/^ {2}apt-get install --yes --no-install-recommends freetds-bin /m)
})

const skipped = (name: string): object => ({ fullName: name, status: 'pending' })

test.each([
  ['a program that it installs', 'over ssh: needs sshd, which npm run setup:tests installs > a call', 1],
  ['a real server', 'sql: needs a real SQL Server (HOLDFAST_TEST_SQL_SERVER)', 0],
])('.ci/run: a test skipped for lack of %s', (_, name, status) => {
  const file = join(folder, 'report.json')
  const report = {
    ...{ numFailedTests: 0, numPassedTests: 7, numPendingTests: 1, numTodoTests: 0 },
    testResults: [{ status: 'passed', assertionResults: [{ fullName: 'x', status: 'passed' }, skipped(name)] }],
  }
  writeFileSync(file, JSON.stringify(report))
  const ended = node(['.ci/count.mjs', file])
  expect(ended.status).toBe(status)
  expect(ended.said).toContain(`skipped: ${name}\n`)
  expect(ended.said.endsWith('\n7 passed, 0 failed, 1 skipped\n')).toBe(true)
})
