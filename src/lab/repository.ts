import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Problem, systemCode } from '../base/problem.ts'
import type { LabPaths } from './paths.ts'

const run = promisify(execFile)

/** The folder of desired state within the lab's repository. */
export const desiredStateFolder = 'desired-state'

/** One file of the tree that the lab was made from; `path` relative to it, with `/`. */
export interface TreeFile {
  path: string
  bytes: Buffer
}

/** A bare repository with one commit, and a clone of it that tracks it, so that `git push` works. */
export async function makeRepository(paths: LabPaths, tree: readonly TreeFile[], today: string): Promise<void> {
  for (const { path, bytes } of tree) {
    const file = join(paths.clone, desiredStateFolder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, /\.ya?ml$/i.test(path) ? checkedToday(bytes, today) : bytes)
  }
  const git = gitIn(paths.clone)
  await Promise.all([
    gitIn(paths.directory)('init', '--quiet', '--bare', '--initial-branch=main', paths.repository),
    git('init', '--quiet', '--initial-branch=main').then(() => git('add', '--all')),
  ])
  writeFileSync(join(paths.clone, '.git', 'config'), configOf(paths), { flag: 'a' })
  await git('commit', '--quiet', '--message', 'Describe the deployment of the lab')
  await git('push', '--quiet', 'origin', 'main')
}

/** In a fresh lab everything that is kept elsewhere was checked today. */
function checkedToday(bytes: Buffer, today: string): string {
  return bytes.toString('utf8').replaceAll(/^(\s*checkedOn:\s*)(['"]?)\d{4}-\d{2}-\d{2}\2/gm, `$1$2${today}$2`)
}

/** What somebody else's Git may have set for the whole machine must not matter here. */
function configOf(paths: LabPaths): string {
  const url = paths.repository.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return `[user]
	name = Contoso Lab
	email = lab@contoso.com
[commit]
	gpgsign = false
[core]
	autocrlf = false
[gc]
	auto = 0
[remote "origin"]
	url = "${url}"
	fetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
	remote = origin
	merge = refs/heads/main
`
}

function noGit(cause: unknown): Problem {
  return new Problem('software-unsuitable', {
    subject: 'git',
    message: 'The lab keeps desired state in a Git repository, and no folder in PATH holds git.',
    hint: 'Install Git, then start the lab again in a terminal that was opened later.',
    cause,
  })
}

function gitIn(folder: string): (...args: string[]) => Promise<unknown> {
  mkdirSync(folder, { recursive: true })
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const env = {
    ...environment,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  }
  return (...args) =>
    run('git', args, { cwd: folder, env, timeout: 30_000 }).catch((thrown: unknown) => {
      throw systemCode(thrown) === 'ENOENT' ? noGit(thrown) : thrown
    })
}
