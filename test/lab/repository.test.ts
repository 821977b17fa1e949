import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { labPaths } from '../../src/lab/paths.ts'
import { makeRepository } from '../../src/lab/repository.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-lab-repository-'))
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('fault G2: on a machine without Git the lab says so', async () => {
  vi.stubEnv('PATH', join(folder, 'nothing'))

  await expect(makeRepository(labPaths(folder), [], '2026-11-21')).rejects.toMatchObject({
    code: 'software-unsuitable',
    subject: 'git',
    message: 'The lab keeps desired state in a Git repository, and no folder in PATH holds git.',
  })
})
