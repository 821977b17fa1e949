/** A bare copy of the repository beside the state store. */
import { mkdir, mkdtemp, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { Problem, systemCode } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import { millisecondsOf } from '../base/time.ts'
import type { GitConfig } from '../config/config-git.ts'
import type { Commit } from '../domain/commit.ts'
import type { Rewriting } from '../domain/facts.ts'
import { bounded } from './bounded.ts'
import { client } from './git-client.ts'
import { copyProblem, gitProblem, lockInTheWay } from './git-errors.ts'
import { aboutFormat, readAbout, readBatch, readListing } from './git-output.ts'
import { checkSizes, limits, mebibyte, tooLarge } from './limits.ts'
import { isResourceFile } from './load.ts'
import type { SourceFile } from './parse.ts'

export interface Mirror {
  /** Brings all branches and tags here. Throws the Problem of `git-errors.ts`. */
  fetch(signal: AbortSignal): Promise<void>
  /** Any name of a commit -> its full hash; null when there is none of that name. */
  commit(name: string, signal: AbortSignal): Promise<string | null>
  /** Names of all branches. */
  branches(signal: AbortSignal): Promise<string[]>
  descends(revision: string, from: string, signal: AbortSignal): Promise<boolean>
  /** Who made the commit, and its subject line. */
  about(revision: string, signal: AbortSignal): Promise<Commit>
  /** The newest commit that changed the file, as of a revision; null: none that can be told. */
  lastChange(revision: string, path: string, signal: AbortSignal): Promise<Commit | null>
  /** Keeps the commit although no branch may lead to it any more. */
  keep(revision: string, signal: AbortSignal): Promise<void>
  /** What `remember` was told last. */
  rewriting(signal: AbortSignal): Promise<Rewriting | null>
  /** Keeps both ends of a rewriting, so that the old history can be looked at; null: it is acknowledged. */
  remember(rewriting: Rewriting | null, signal: AbortSignal): Promise<void>
  /**
   * The files of desired state below `path`, from the object store; links and submodules are not files. Null: the revision
   * has no folder of that name. Throws Problem `desired-state-too-large` before one of them is read.
   */
  files(revision: string, path: string, signal: AbortSignal): Promise<SourceFile[] | null>
}

/** A server reports its progress every second; one that is silent at first is not there. */
const fetchLimits = { total: 120_000, silent: 20_000 }
/** Of names and sizes; the files themselves are larger. */
const readLimits = { total: 30_000, bytes: 8 * mebibyte }
const blobLimits = { total: 30_000, bytes: 2 * limits.bytes }
const lockMilliseconds = 600_000
const keptRef = 'refs/holdfast/last-good'
const rewritingRefs = ['refs/holdfast/before-rewriting', 'refs/holdfast/after-rewriting'] as const

/**
 * Opens the copy in `folder`, making it when missing; reaches no network. Throws Problem `git-missing` or
 * `source-copy-unusable`.
 */
export async function openMirror(folder: string, source: GitConfig, clock: Clock): Promise<Mirror> {
  const { url, branch } = source
  const git = (signal: AbortSignal, args: string[]): Promise<string> =>
    bounded(`git ${args[0] ?? ''}`, readLimits, { clock, signal }, () => client(folder).raw(args))
  /** For calls that fail only where the copy is broken. */
  const sure = async <T>(signal: AbortSignal, call: Promise<T>): Promise<T> => {
    try {
      return await call
    } catch (thrown) {
      signal.throwIfAborted()
      throw copyProblem(thrown, folder)
    }
  }
  try {
    if (!(await pointsTo(folder, branch))) await make(folder, branch, clock)
  } catch (thrown) {
    throw copyProblem(thrown, folder)
  }

  async function commit(name: string, signal: AbortSignal): Promise<string | null> {
    if (!/^[\w.@/][\w.@/^~{}-]{0,255}$/.test(name)) return null
    const found = await git(signal, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(onlyFailure(signal))
    return found === null ? null : found.trim()
  }

  return {
    async fetch(signal) {
      const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']
      const args = ['fetch', '--progress', '--no-tags', '--prune', '--no-write-fetch-head', '--', url, ...refs]
      try {
        await bounded('git fetch', fetchLimits, { clock, signal }, () => client(folder, { access: source }).raw(args))
      } catch (thrown) {
        signal.throwIfAborted()
        if (thrown instanceof Problem) throw thrown
        await dropStaleLock(thrown, folder, clock)
        throw gitProblem(thrown)
      }
    },
    commit,
    async branches(signal) {
      const names = await sure(signal, git(signal, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/']))
      return names.split('\n').filter(Boolean)
    },
    async descends(revision, from, signal) {
      if (revision === from) return true
      // Prints its answer: simple-git waits for what a silent command might yet say.
      const answer = await git(signal, ['merge-base', from, revision]).catch(onlyFailure(signal))
      return answer?.trim() === from
    },
    async about(revision, signal) {
      const format = ['--no-patch', '--no-show-signature', '--encoding=UTF-8', `--format=${aboutFormat}`]
      const unread = (thrown: unknown): string => {
        if (hasCode(thrown, 'desired-state-too-large')) return ''
        throw thrown
      }
      return readAbout(await git(signal, ['show', ...format, revision]).catch(unread))
    },
    async lastChange(revision, path, signal) {
      const format = ['--max-count=1', '--no-show-signature', '--encoding=UTF-8', `--format=${aboutFormat}`]
      // It may have to walk a long history, and nothing depends on it.
      const found = await git(signal, ['log', ...format, revision, '--', `:(literal)${path}`]).catch(() => '')
      signal.throwIfAborted()
      return found === '' ? null : readAbout(found)
    },
    async keep(revision, signal) {
      await sure(signal, git(signal, ['update-ref', keptRef, revision]))
    },
    async rewriting(signal) {
      const listed = await sure(
        signal,
        git(signal, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/holdfast/']),
      )
      const refs = new Map(listed.split('\n').map((line) => line.split(' ') as [string, string]))
      const [from, to] = rewritingRefs.map((ref) => refs.get(ref))
      return from && to ? { from, to } : null
    },
    async remember(rewriting, signal) {
      const ends = rewriting ? [rewriting.from, rewriting.to] : []
      for (const [index, ref] of rewritingRefs.entries())
        await sure(
          signal,
          git(signal, ['update-ref', ...(rewriting ? [] : ['-d']), ref, ...ends.slice(index, index + 1)]),
        )
    },
    async files(revision, path, signal) {
      const tree = ['ls-tree', '-r', '-z', '-l', '--full-tree', revision, ...(path === '.' ? [] : ['--', path])]
      const listing = await sure(signal, git(signal, tree).catch(tooDeep))
      if (path !== '.' && !listing.includes(`\t${path}/`)) return null
      const wanted = readListing(listing).filter((entry) => isResourceFile(relative(entry.path, path)))
      checkSizes(wanted)
      const small = wanted.filter(({ size }) => size <= limits.fileBytes)
      const read = bounded('git cat-file', blobLimits, { clock, signal }, () => blobs(folder, small))
      const texts = await sure(signal, read)
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
    bounded(`git ${args[0] ?? ''}`, readLimits, { clock, signal }, () => client(where).raw(args))
  await mkdir(dirname(folder), { recursive: true })
  const apart = await mkdtemp(`${folder}.`)
  try {
    const fresh = join(apart, 'mirror') // unlike the folder around it, any account may read what Git makes
    await git(apart, ['init', '--quiet', '--bare', fresh])
    await git(fresh, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
    await rename(fresh, folder)
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
  const answer: unknown = await client(folder, { input: wanted }).binaryCatFile(['--batch'])
  return readBatch(answer as Buffer)
}

/** For calls that say no by their exit code. */
function onlyFailure(signal: AbortSignal): (thrown: unknown) => null {
  return (thrown) => {
    signal.throwIfAborted()
    if (thrown instanceof Problem) throw thrown
    return null
  }
}

/** A tree of a few objects that name each other many times is larger than any disk. */
function tooDeep(thrown: unknown): never {
  if (!hasCode(thrown, 'source-timeout')) throw thrown
  throw tooLarge('.', 'The folders of the revision could not be listed in time.')
}

function hasCode(thrown: unknown, code: ProblemCode): boolean {
  return thrown instanceof Problem && thrown.code === code
}

/** A lock that a killed process left would stop every later fetch. */
async function dropStaleLock(thrown: unknown, folder: string, clock: Clock): Promise<void> {
  const lock = lockInTheWay(thrown)
  if (lock?.startsWith(folder + sep) !== true) return
  const age = await stat(lock).then(
    ({ mtimeMs }) => millisecondsOf(clock.now()) - mtimeMs,
    () => 0,
  )
  if (age > lockMilliseconds) await unlink(lock).catch(() => {})
}
