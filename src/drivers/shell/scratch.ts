import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode } from '../../base/problem.ts'
import { randomId, type Random } from '../../base/random.ts'
import { fileProblem } from '../files/problem.ts'
import type { ScratchFolder } from './host.ts'

/** A fresh folder below `root` on this machine, for its owner alone. Removes what a former process left there. */
export async function localScratch(root: string, names: ScratchNames): Promise<ScratchFolder> {
  const folder = join(root, names.next())
  const pathOf = (file: string): string => join(folder, checkFileName(file))
  try {
    await mkdir(root, { recursive: true })
    await mkdir(folder, { mode: 0o700 })
    await removeLocalLeftovers(root, names, (await stat(folder)).mtimeMs)
  } catch (thrown) {
    throw new Problem('shell-unreachable', {
      subject: folder,
      message: `No scratch folder could be made below ${root} (${systemCode(thrown) ?? String(thrown)}).`,
      hint: 'Check shell.scratch in holdfast.yaml, its rights and its free space.',
      cause: thrown,
    })
  }
  return {
    path: pathOf,
    async open(file) {
      const path = pathOf(file)
      try {
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- Windows has no such flag
        const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
        return handle.createReadStream()
      } catch (thrown) {
        if (systemCode(thrown) !== 'ENOENT') throw thrown
        throw noOutput(path, thrown)
      }
    },
    async here(file) {
      const path = pathOf(file)
      const found = await lstat(path).catch((thrown: unknown) => {
        if (systemCode(thrown) !== 'ENOENT') throw thrown
        return null
      })
      if (found?.isFile() !== true) throw noOutput(path)
      return path
    },
    async write(file, content) {
      const path = pathOf(file)
      await writeFile(path, content, { flag: 'wx' }).catch((thrown: unknown) => {
        throw fileProblem(thrown, path, 'Writing')
      })
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** The names of scratch folders: by them ours are known among what else is there, and leftovers among ours. */
export interface ScratchNames {
  next(): string
  /** Whether nobody uses it any more. */
  isLeftover(name: string, ageSeconds: number): boolean
}

/** No export runs for a day. */
const oldSeconds = 86_400

/** `actor`: owner id of the process that holds the lease: what another of that id made is a leftover; null: of others. */
export function scratchNames(actor: string | null, random: Random): ScratchNames {
  const tag = actor === null ? null : createHash('sha256').update(actor).digest('hex').slice(0, 8)
  const made = new Set<string>()
  return {
    next() {
      const name = ['holdfast', ...(tag === null ? [] : [tag]), randomId(random)].join('-')
      made.add(name)
      return name
    },
    isLeftover(name, ageSeconds) {
      const match = /^holdfast-(?:([0-9a-f]{8})-)?[0-9a-f]{32}$/.exec(name)
      if (!match || made.has(name)) return false
      return (tag !== null && match[1] === tag) || ageSeconds > oldSeconds
    },
  }
}

/** `now`: milliseconds by the clock of that disk. What cannot be removed is tried again with the next folder. */
export async function removeLocalLeftovers(root: string, names: ScratchNames, now: number): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const path = join(root, name)
    const age = (now - (await stat(path).catch(() => ({ mtimeMs: now }))).mtimeMs) / 1000
    if (names.isLeftover(name, age)) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

/** The name itself. Throws `shell-call-refused` where it is more than a plain name. */
export function checkFileName(file: string): string {
  if (/^[^./\\:*?"<>|\p{Cc}][^/\\:*?"<>|\p{Cc}]*$/u.test(file)) return file
  throw new Problem('shell-call-refused', {
    subject: file,
    message: `${JSON.stringify(file)} is not a plain file name.`,
    hint: 'This is a fault of Holdfast. Please report it.',
  })
}

export function noOutput(path: string, cause?: unknown): Problem {
  return new Problem('shell-no-output', {
    subject: path,
    message: 'The cmdlet reported success but wrote no file.',
    hint: 'Run the same cmdlet by hand; check that shell.scratch in holdfast.yaml is a folder of the machine where it runs.',
    ...(cause === undefined ? {} : { cause }),
  })
}
