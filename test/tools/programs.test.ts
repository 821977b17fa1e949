import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

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

/** With this folder for programs, in which neither apt-get nor a .NET SDK is unless a test puts one there. */
function setUp(programs: string, cache = join(programs, 'cache')): ReturnType<typeof node> {
  return node(['test/tools/programs.ts'], { PATH: programs, XDG_CACHE_HOME: cache })
}

test('where it cannot install, it says what to do, and fails', () => {
  const { status, said } = setUp(folder)
  expect(status).toBe(1)
  expect(said).toMatch(/^ {2}apt-get install --yes --no-install-recommends freetds-bin /m)
})

describe('the engines of NuGet', () => {
  const names = 'PowerShell 7.6.9, ScriptDom 180.140.0'
  let programs: string
  beforeEach(() => void (programs = mkdtempSync(join(folder, 'programs-'))))
  const cache = (): string[] => readdirSync(join(programs, 'cache', 'holdfast')).map((name) => name.replace(/-.*/, ''))

  /** A `dotnet` that has an SDK of that version; `makes`: what else it does with the folder that it is to fill. */
  function dotnet(version: string, makes = ''): void {
    const script = `#!${process.execPath}
      const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs')
      const [verb, ...rest] = process.argv.slice(2)
      if (verb === '--list-sdks') process.stdout.write('${version} [/usr/share/dotnet/sdk]\\n')
      else {
        appendFileSync(__filename + '.log', verb + '\\n')
        const folder = rest[1 + rest.findIndex((one) => one === '--tool-path' || one === '--output')]
        ${makes}
      }`
    writeFileSync(join(programs, 'dotnet'), script, { mode: 0o755 })
  }
  const makesBoth = `mkdirSync(folder); writeFileSync(folder + (verb === 'tool' ? '/pwsh' : '/tsql.dll'), '')`

  test('are left out without an SDK, which is said', () => {
    expect(setUp(programs).said).toContain(`Without a .NET SDK 10 in PATH, tests that need ${names} are skipped.\n`)
  })

  test('need an SDK that is new enough', () => {
    dotnet('8.0.100', makesBoth)
    expect(setUp(programs).said).toContain('Without a .NET SDK 10 in PATH')
  })

  test('are installed once', () => {
    dotnet('10.0.401', makesBoth)
    expect(setUp(programs).said).toContain(`Installs ${names} in ${join(programs, 'cache', 'holdfast')}.\n`)
    expect(cache()).toEqual(['powershell', 'scriptdom'])
    expect(setUp(programs).said).not.toContain('PowerShell')
    expect(readFileSync(join(programs, 'dotnet.log'), 'utf8')).toBe('tool\npublish\n')
  })

  test('leave nothing half done when the installation fails', () => {
    dotnet(
      '10.0.401',
      `if (verb === 'tool') { mkdirSync(folder); process.stderr.write('no way\\n'); process.exit(1) } ${makesBoth}`,
    )
    const { status, said } = setUp(programs)
    expect(status).toBe(1)
    expect(said).toContain('dotnet could not install PowerShell:\nno way\n')
    expect(cache()).toEqual(['scriptdom'])
  })

  test('where the folder cannot be written, it is named, and what to do', () => {
    dotnet('10.0.401', makesBoth)
    const file = join(programs, 'file')
    writeFileSync(file, '')
    const { status, said } = setUp(programs, file)
    expect(status).toBe(1)
    expect(said).toContain(`mkdir '${join(file, 'holdfast')}'\nSet XDG_CACHE_HOME to a folder of this account.\n`)
  })
})

const skipped = (name: string): object => ({ fullName: name, status: 'pending' })

test.each([
  ['a program that it installs', 'over ssh: needs sshd, which npm run setup:tests installs > a call', 1],
  ['an SDK', 'shell: needs PowerShell; with a .NET SDK 10 in PATH, npm run setup:tests can install it', 0],
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

test('.ci/run: the tests of all reports are counted', () => {
  const reports = [
    { numFailedTests: 0, numPassedTests: 7, numPendingTests: 0, numTodoTests: 0, testResults: [] },
    {
      ...{ numFailedTests: 1, numPassedTests: 20, numPendingTests: 0, numTodoTests: 2 },
      testResults: [{ status: 'failed', assertionResults: [] }],
    },
  ]
  const files = reports.map((report, index) => {
    const file = join(folder, `${index}.json`)
    writeFileSync(file, JSON.stringify(report))
    return file
  })
  expect(node(['.ci/count.mjs', ...files])).toEqual({ status: 0, said: '27 passed, 2 failed, 2 skipped\n' })
})
