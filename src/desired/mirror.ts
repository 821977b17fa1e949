/** The one user of simple-git: a bare copy of the repository beside the state store. */
import { simpleGit, type SimpleGit } from 'simple-git'
import { mkdir, mkdtemp, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { scrub } from '../base/log.ts'
import { Problem, systemCode } from '../base/problem.ts'
import { millisecondsOf } from '../base/time.ts'
import type { Commit } from '../domain/commit.ts'
import { bounded, groupLeader } from './bounded.ts'
import { aboutFormat, readAbout, readBatch, readListing } from './git-output.ts'
import { isResourceFile } from './load.ts'
import { maximumFile, type SourceFile } from './parse.ts'

export interface Mirror {
  /** Brings all branches and tags here. Throws Problem `source-unreachable`. */
  fetch(signal: AbortSignal): Promise<void>
  /** Any name of a commit -> its full hash; null when there is none of that name. */
  commit(name: string, signal: AbortSignal): Promise<string | null>
  /** Names of all branches. */
  branches(signal: AbortSignal): Promise<string[]>
  descends(revision: string, from: string, signal: AbortSignal): Promise<boolean>
  /** Who made the commit, and its subject line. */
  about(revision: string, signal: AbortSignal): Promise<Commit>
  /** Keeps the commit although no branch may lead to it any more. */
  keep(revision: string, signal: AbortSignal): Promise<void>
  /** The files of desired state below `path`, from the object store; links and submodules are no files. */
  files(revision: string, path: string, signal: AbortSignal): Promise<SourceFile[]>
}

const fetchMilliseconds = 120_000
const readMilliseconds = 30_000
const lockMilliseconds = 600_000
const keptRef = 'refs/holdfast/last-good'

/** Opens the copy in `folder`, making it when missing; reaches no network. */
export async function openMirror(
  { folder, url, branch }: { folder: string; url: string; branch: string },
  clock: Clock,
): Promise<Mirror> {
  const git = (signal: AbortSignal, args: string[]): Promise<string> =>
    bounded(`git ${args[0] ?? ''}`, readMilliseconds, { clock, signal }, () => client(folder).raw(args))
  try {
    if (!(await pointsTo(folder, branch))) await make(folder, branch, clock)
  } catch (thrown) {
    throw mirrorUnusable(thrown, folder)
  }

  return {
    async fetch(signal) {
      const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']
      const args = ['fetch', '--quiet', '--no-tags', '--prune', '--no-write-fetch-head', '--', url, ...refs]
      try {
        await bounded('git fetch', fetchMilliseconds, { clock, signal }, () => client(folder).raw(args))
      } catch (thrown) {
        signal.throwIfAborted()
        if (thrown instanceof Problem) throw thrown
        await dropStaleLock(thrown, folder, clock)
        throw unreachable(thrown)
      }
    },
    async commit(name, signal) {
      if (!/^[\w.@/][\w.@/^~{}-]{0,255}$/.test(name)) return null
      const found = await git(signal, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(
        onlyFailure(signal),
      )
      return found === null ? null : found.trim()
    },
    async branches(signal) {
      const names = await git(signal, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/'])
      return names.split('\n').filter(Boolean)
    },
    async descends(revision, from, signal) {
      const answer = await git(signal, ['merge-base', '--is-ancestor', from, revision]).catch(onlyFailure(signal))
      return answer !== null
    },
    async about(revision, signal) {
      const format = ['--no-patch', '--no-show-signature', '--encoding=UTF-8', `--format=${aboutFormat}`]
      return readAbout(await git(signal, ['show', ...format, revision]))
    },
    async keep(revision, signal) {
      await git(signal, ['update-ref', keptRef, revision])
    },
    async files(revision, path, signal) {
      const below = path === '.' ? [] : ['--', path]
      const listing = await git(signal, ['ls-tree', '-r', '-z', '-l', '--full-tree', revision, ...below])
      const wanted = readListing(listing).filter((entry) => isResourceFile(relative(entry.path, path)))
      const small = wanted.filter(({ size }) => size <= maximumFile)
      const texts = await bounded('git cat-file', readMilliseconds, { clock, signal }, () => blobs(folder, small))
      return wanted.map((entry) => ({ path: entry.path, text: texts.get(entry.object) ?? null }))
    },
  }
}

async function pointsTo(folder: string, branch: string): Promise<boolean> {
  const head = await readFile(join(folder, 'HEAD'), 'utf8').catch(() => '')
  return head.trim() === `ref: refs/heads/${branch}`
}

/** A new copy is made apart and then moved to its place: several commands may come for the first time at once. */
async function make(folder: string, branch: string, clock: Clock): Promise<void> {
  const { signal } = new AbortController()
  const git = (where: string, args: string[]): Promise<string> =>
    bounded(`git ${args[0] ?? ''}`, readMilliseconds, { clock, signal }, () => client(where).raw(args))
  await mkdir(dirname(folder), { recursive: true })
  const apart = await mkdtemp(`${folder}.`)
  try {
    await git(apart, ['init', '--quiet', '--bare', '.'])
    await git(apart, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
    await rename(apart, folder)
  } catch (thrown) {
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(systemCode(thrown) ?? '')) throw thrown
    if (await pointsTo(folder, branch)) return
    await git(folder, ['init', '--quiet', '--bare', '.'])
    await git(folder, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
  } finally {
    await rm(apart, { recursive: true, force: true })
  }
}

/** A folder above the desired state may be hidden: only what is below `path` counts. */
function relative(file: string, path: string): string {
  return path === '.' ? file : file.slice(path.length + 1)
}

async function blobs(folder: string, entries: readonly { object: string }[]): Promise<Map<string, string>> {
  const objects = [...new Set(entries.map(({ object }) => object))]
  if (objects.length === 0) return new Map()
  const wanted = Buffer.from(objects.map((object) => `${object}\n`).join(''))
  const answer: unknown = await client(folder, wanted).binaryCatFile(['--batch'])
  return readBatch(answer as Buffer)
}

/** The only factory. Its errors go by the exit code: by itself simple-git takes a silent failure for success. */
function client(folder: string, input?: Buffer): SimpleGit {
  return simpleGit({
    baseDir: folder,
    binary: groupLeader === null ? 'git' : [groupLeader, 'git'],
    config: [
      'gc.auto=0',
      'maintenance.auto=false',
      'core.quotePath=false',
      'http.followRedirects=initial',
      // Commands that read bring the same branches here at the same time as the daemon.
      'core.filesRefLockTimeout=2000',
    ],
    allowEnvironment: Object.keys(gitEnvironment()),
    unsafe: { allowUnsafeSshCommand: true, allowUnsafeConfigPaths: true },
    errors: (error, { exitCode, stdErr }) =>
      exitCode === 0 ? undefined : (error ?? new Error(Buffer.concat(stdErr).toString() || `exit code ${exitCode}`)),
    ...(input ? { input: () => input } : {}),
  }).env({ ...plainEnvironment(), ...gitEnvironment() })
}

/** Without what would open an editor, a pager or a question, or point Git elsewhere: npm sets EDITOR, a hook GIT_DIR. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const isForGit = /^(git_.*|editor|visual|pager|prefix|ssh_askpass)$/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForGit.test(name)))
}

const inherited = ['GIT_SSH_COMMAND', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_SSL_CAINFO']

/** Nothing asks a person, nothing takes a lock that it can do without, and only these protocols are spoken. */
function gitEnvironment(): Record<string, string> {
  return {
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20',
    ...Object.fromEntries(
      inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: 'file:ssh:https',
    LC_ALL: 'C',
  }
}

/** For calls that say no by their exit code. */
function onlyFailure(signal: AbortSignal): (thrown: unknown) => null {
  return (thrown) => {
    signal.throwIfAborted()
    if (thrown instanceof Problem) throw thrown
    return null
  }
}

/** A lock that a killed process left would stop every later fetch. */
async function dropStaleLock(thrown: unknown, folder: string, clock: Clock): Promise<void> {
  const lock = /Unable to create '([^'\n]+\.lock)': File exists/.exec(textOf(thrown))?.[1]
  if (lock?.startsWith(folder + sep) !== true) return
  const age = await stat(lock).then(
    ({ mtimeMs }) => millisecondsOf(clock.now()) - mtimeMs,
    () => 0,
  )
  if (age > lockMilliseconds) await unlink(lock).catch(() => {})
}

function unreachable(thrown: unknown): Problem {
  const lines = textOf(thrown)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'))
  const said = lines.filter((line) => /^(fatal|error|ssh|remote|Host key|setsid)/i.test(line))
  return new Problem('source-unreachable', {
    message: withoutCredentials(scrub((said.length > 0 ? said : lines).slice(0, 3).join(' '))),
    hint: 'Check git.url in holdfast.yaml, and that this account can read the repository without being asked for anything.',
  })
}

function mirrorUnusable(thrown: unknown, folder: string): Problem {
  return new Problem('source-unreachable', {
    subject: folder,
    message: `The copy of the repository cannot be kept there: ${withoutCredentials(scrub(textOf(thrown).trim()))}`,
    hint: 'Git must be installed and in PATH, and this account must be able to write that folder. It may be removed: it is made again.',
    cause: thrown,
  })
}

/** `https://user:token@host/` -> `https://host/` */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/([a-z]+:\/\/)[^/@\s']*:[^/@\s']*@/g, '$1')
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
