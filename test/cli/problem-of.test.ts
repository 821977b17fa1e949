import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Problem } from '../../src/base/problem.ts'
import { problemOf } from '../../src/cli/problem-of.ts'
import { holdfast } from '../support/terminal.ts'

function failed(code: string, syscall: string, path?: string): Error {
  return Object.assign(new Error(`${code}: it failed, ${syscall}`), { code, syscall, ...(path ? { path } : {}) })
}

test.each([
  ['a read-only volume', failed('EROFS', 'mkdir', '/srv/state'), 'file-denied', '/srv/state'],
  [
    'the folder of another account',
    failed('EACCES', 'open', '/home/ada/lab/control.json'),
    'file-denied',
    '/home/ada/lab/control.json',
  ],
  ['a full volume', failed('ENOSPC', 'write', '/srv/state'), 'file-no-space', '/srv/state'],
  ['a path that is not there', failed('ENOENT', 'scandir', '/srv/none'), 'file-gone', '/srv/none'],
])('%s has a code, its path and a remedy', (_name, thrown, code, path) => {
  const problem = problemOf(thrown)
  expect(problem).toMatchObject({ code, subject: path, cause: thrown })
  expect(problem.message).toContain(path)
  expect(problem.hint).toMatch(/\w/)
})

test.each([
  ['what no file system said', new Error('boom')],
  ['a call without a path', failed('EPERM', 'kill')],
  ['a socket', failed('EACCES', 'listen', '/run/x.sock')],
  ['a program that is not there', spawnSync('/no/such/program').error],
  ['an error of the file system that may mean anything', failed('EISDIR', 'read', '/srv')],
])('%s stays unexpected', (_name, thrown) => {
  expect(problemOf(thrown).code).toBe('unexpected')
})

test('a problem stays what it is, and Node does tell call and path', () => {
  const problem = new Problem('usage', { message: 'A command is needed.' })
  expect(problemOf(problem)).toBe(problem)
  let thrown: unknown
  try {
    readFileSync('/no/such/file')
  } catch (error) {
    thrown = error
  }
  expect(problemOf(thrown).message).toBe('The call open on /no/such/file failed (ENOENT).')
})

test('a command that cannot make its folder says which, and what to do', async () => {
  const { code, err } = await holdfast(import.meta.dirname, 'lab', 'up', join('problem-of.test.ts', 'lab'))
  expect(code).toBe(1)
  expect(err).toMatch(/lab.control\.json: The call open on \S+ failed \(ENOTDIR\)\. \[file-gone\]\n {2}Check the path/)
})
