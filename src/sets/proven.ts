/** What a set is believed to hold when something is brought back from it: anybody may have written to its share since a check. */
import { join } from 'node:path'
import { lstat } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { hashedPercent, hashFile } from '../drivers/files/hash.ts'
import { whileMoving } from '../drivers/files/moving.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { checkRecords } from './check-records.ts'
import { ManifestChanged, type ManifestReading } from './manifest-reading.ts'
import { isSafePath } from './manifest.ts'

/**
 * The manifest of a set: a run of ours, Git or a person speaks for the commit record, and that proves the manifest. Throws
 * Problem `set-damaged` where one of them does not fit, and `file-...`.
 */
export async function provenManifest(set: BackupSet): Promise<ManifestReading> {
  if (set.unvouched) throw setDamaged(set, 'nobody speaks for its commit record')
  const wrong: string[] = []
  const manifest = await checkRecords(set, (file, kind, message) => {
    if (kind === 'manifest' || kind === 'record') wrong.push(`${file}: ${message}`) // a guide for people proves nothing
  })
  if (!manifest || wrong.length > 0) throw setDamaged(set, wrong[0] ?? 'it has no manifest')
  return manifest
}

/** SHA-256 of one file (relative to the set, with `/`) as that manifest has it. Throws the same. */
export async function provenSum(set: BackupSet, path: string): Promise<string> {
  const manifest = await provenManifest(set)
  if (!isSafePath(path)) throw setDamaged(set, `${JSON.stringify(path)} is not a path in it`)
  try {
    for await (const line of manifest.lines()) if (line.path === path) return line.sha256
  } catch (thrown) {
    throw thrown instanceof ManifestChanged ? setDamaged(set, 'somebody changes its manifest') : thrown
  }
  throw setDamaged(set, `its manifest does not name ${path}`)
}

/** A file of a set that somebody else reads from the share. */
export interface ProvenFile {
  /** Once more, after it was read: throws Problem `artefact-damaged` where it is another file by now. */
  expectSame(signal: AbortSignal): Promise<void>
}

const tellMilliseconds = 2000

/**
 * Reads a whole file of a set and compares it, and says now and then how much is read. Throws Problem `artefact-damaged` where
 * it is not the file that the manifest names, `file-stalled`, and as `provenSum` does.
 */
export async function proveFile(
  set: BackupSet,
  path: string,
  { clock, signal, onPercent = () => {} }: { clock: Clock; signal: AbortSignal; onPercent?: (percent: number) => void },
): Promise<ProvenFile> {
  const file = join(set.path, ...path.split('/'))
  const sha256 = await whileMoving(file, signal, clock, () => provenSum(set, path))
  const look = (signal: AbortSignal): Promise<Look> => whileMoving(file, signal, clock, () => lookAt(file))
  async function prove(when: string, signal: AbortSignal): Promise<string> {
    const { marks, size } = await look(signal)
    const found = await whileMoving(file, signal, clock, async (stop, steps) => {
      using _told = telling(clock, () => onPercent(hashedPercent(Atomics.load(steps, 0), size)))
      return await hashFile(file, stop, steps)
    })
    if (found.sha256 === sha256) return marks
    throw artefactDamaged(set, path, when)
  }
  const marks = await prove('', signal)
  return {
    async expectSame(signal) {
      if ((await look(signal)).marks !== marks) await prove(' any more: it was changed while it was read', signal)
    },
  }
}

/** Calls it now and then, until it is disposed of. */
function telling(clock: Clock, tell: () => void): Disposable {
  const done = new AbortController()
  const watch = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(tellMilliseconds, done.signal)
      tell()
    }
  }
  watch().catch(() => {}) // disposed
  return { [Symbol.dispose]: () => done.abort() }
}

interface Look {
  /** What changes where somebody writes to the file or puts another one in its place. */
  marks: string
  size: number
}

async function lookAt(file: string): Promise<Look> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await lstat(file, { bigint: true })
    return { marks: [ino, size, mtimeNs, ctimeNs].join(' '), size: Number(size) }
  } catch (thrown) {
    throw fileProblem(thrown, file, 'Looking at')
  }
}

export function setDamaged({ id }: BackupSet, why: string): Problem {
  return new Problem('set-damaged', {
    subject: id,
    message: `Nothing can be put back from ${id}: ${why}.`,
    hint: 'Check the set, and restore from another one.',
  })
}

export function artefactDamaged({ id }: BackupSet, path: string, when = ''): Problem {
  return new Problem('artefact-damaged', {
    subject: id,
    message: `${path} of ${id} is not what its manifest says${when}.`,
    hint: `Check the set (holdfast verify ${id}), and restore from an older one if it is damaged.`,
  })
}
