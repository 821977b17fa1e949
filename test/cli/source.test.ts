import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { smallDeployment } from '../support/desired-files.ts'
import { makeRepository } from '../support/repository.ts'
import { holdfast } from '../support/terminal.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-source-'))
  const repository = makeRepository(join(folder, 'repository'))
  repository.commit({ 'desired-state/contoso.yaml': smallDeployment })
  repository.git('switch', '--quiet', '--create', 'broken')
  repository.commit({ 'desired-state/contoso.yaml': smallDeployment.replace('site:', 'sight:') })
  makeRepository(join(folder, 'empty'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

describe('why no desired state was ever read, told by a command and by the daemon alike', () => {
  test.each([
    ['source-path-missing', 2, 'url: ./repository, branch: main, path: desired'],
    ['desired-state-invalid', 2, 'url: ./repository, branch: broken, path: desired-state'],
    ['source-branch-missing', 1, 'url: ./repository, branch: production, path: desired-state'],
    ['source-empty', 1, 'url: ./empty, branch: main, path: desired-state'],
    ['source-not-found', 1, 'url: ./elsewhere, branch: main, path: desired-state'],
    ['source-refused', 1, 'url: "https://127.0.0.1:1/x.git", branch: main, path: desired-state'],
    ['source-host-unknown', 1, 'url: "https://git.contoso.invalid/x.git", branch: main, path: desired-state'],
  ])('%s, exit code %i', async (code, exit, git) => {
    writeFileSync(join(folder, 'holdfast.yaml'), `git: { ${git} }\n`)

    for (const line of [['status'], ['plan'], ['run', '--once']]) {
      const told = await holdfast(folder, ...line, '--output', 'json')
      const { error } = JSON.parse(told.err.trim().split('\n').at(-1) ?? '') as { error: Record<string, string> }
      expect({ line, exit: told.code, code: error['code'] }).toEqual({ line, exit, code })
      expect(error['message']).toMatch(/^No valid desired state was ever read/)
      expect(error['hint']).toMatch(/\w{3}/)
      expect(told.err).not.toContain('stays in force')
    }
  })

  test('git-missing, exit code 1', async () => {
    writeFileSync(join(folder, 'holdfast.yaml'), 'git: { url: ./repository, path: desired-state }\n')
    vi.stubEnv('PATH', join(folder, 'nothing'))

    for (const line of [['status'], ['run', '--once']]) {
      const told = await holdfast(folder, ...line)
      expect(told.code).toBe(1)
      expect(told.err).toMatch(/Git was not found in PATH.*\[git-missing\]\n {2}Install Git/s)
    }
  })
})

test.each([
  ['revision-invalid', 'branch: broken, path: desired-state', 'holdfast validate'],
  ['source-path-missing', 'branch: main, path: desired', 'Check git.path'],
])('doctor names %s once, and says nothing of another revision that might be in force', async (code, git, remedy) => {
  writeFileSync(join(folder, 'holdfast.yaml'), `git: { url: ./repository, ${git} }\n`)

  expect((await holdfast(folder, 'doctor')).err).toBe('')
  const { code: exit, out } = await holdfast(folder, 'doctor', '--output', 'json')

  expect(exit).toBe(1)
  const { checks } = JSON.parse(out) as { checks: Record<string, string>[] }
  expect(checks.find(({ name }) => name === 'desired-state')).toMatchObject({
    outcome: 'failed',
    message: expect.stringContaining(`[${code}]`) as string,
    remedy: expect.stringContaining(remedy) as string,
  })
  expect(out).not.toContain('in force')
})
