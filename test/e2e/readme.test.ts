/** The README's commands, as they are written: the tour on a lab, and the way to a deployment of one's own. */
import { spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

const root = join(import.meta.dirname, '..', '..')
const launcher = join(root, 'src', 'cli', 'holdfast.js')
const timeout = 180_000

let folder: string
let lab: TestLab
let readme: string

beforeAll(async () => {
  readme = await readFile(join(root, 'README.md'), 'utf8')
  folder = await mkdtemp(join(tmpdir(), 'holdfast-readme-'))
  // What `npm link` puts on the path, and the Node that runs the tests in place of the reader's.
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin', 'holdfast'), `#!/bin/sh\nexec "${process.execPath}" "${launcher}" "$@"\n`)
  await chmod(join(folder, 'bin', 'holdfast'), 0o755)
  lab = await startLab()
}, timeout)
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** The blocks of commands of one chapter. */
function blocks(chapter: string): string[] {
  const text = readme.split(/^## /m).find((one) => one.startsWith(`${chapter}\n`)) ?? ''
  return [...text.matchAll(/^( *)```sh\n([^]*?)^ *```$/gm)].map(([, indent = '', lines = '']) =>
    lines.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

/** Runs a block as a shell that stops at the first command that fails; nobody waits, and nobody pages. */
function run(block: string, cwd: string, set = ''): string {
  const person = { NAME: 'Kim', EMAIL: 'kim@contoso.com' }
  const git = ['AUTHOR', 'COMMITTER'].flatMap((who) =>
    Object.entries(person).map(([key, value]) => [`GIT_${who}_${key}`, value] as const),
  )
  const env = {
    ...process.env,
    ...Object.fromEntries(git),
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    set,
  }
  const script = `set -euo pipefail\nsleep() { :; }\nless() { cat "$@"; }\n${block}`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, env, encoding: 'utf8' })
  expect(status, `${block}\n${stdout}\n${stderr}`).toBe(0)
  return stdout
}

test('your own deployment, in an empty folder', { timeout }, async () => {
  const place = join(folder, 'own')
  await mkdir(place)
  await deploy(place)
})

test('your own deployment, in the checkout with its own desired-state', { timeout }, async () => {
  const place = join(folder, 'checkout')
  await cp(join(root, 'desired-state'), join(place, 'desired-state'), { recursive: true })
  await deploy(place)
})

/** All steps but the last, which runs for ever; what a person writes himself leads into the lab. */
async function deploy(place: string): Promise<void> {
  await cp(join(dirname(lab.config), 'topology.xml'), join(place, 'topology.xml'))
  const [describe = '', commit = '', tryOut = '', ...more] = blocks('Your own deployment')
  expect(more).toEqual([])
  expect(run(describe, place)).toMatch(/\b0 errors\b/)
  run(commit, place)
  const config = parse(await readFile(lab.config, 'utf8')) as { state: string }
  const git = { url: './lync-backup', path: 'desired-state' }
  await writeFile(join(place, 'holdfast.yaml'), stringify({ ...config, git, state: './state.db' }))
  const said = run(tryOut, place)
  expect(said).toContain('checks are ok.')
  expect(said).toContain('Would be done now')
}

// After the others: from its first run on the share belongs to the lab's own deployment.
test('the tour', { timeout }, async () => {
  expect((await lab.holdfast('run', '--once')).code).toBe(0)
  await symlink(lab.dir, join(folder, '.lab'))
  const { sets } = (await lab.json<SetsJson>('sets')).json
  const [first = '', ...more] = blocks('A first tour')
  const said = run(first, folder)
  expect(said).toContain('Broken: server sql04.contoso.com\n')
  expect(said).toContain('Repaired: server sql04.contoso.com\n')
  expect(more).toHaveLength(2)
  for (const block of more) run(block, join(folder, '.lab'), sets.find(({ policy }) => policy === 'nightly')?.path)
})
