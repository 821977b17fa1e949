import { execFile } from 'node:child_process'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { BackupSet } from '../../src/domain/backup-set.ts'

export interface Measured {
  state: string
  /** Of the set, or of the file. */
  path: string
  bytes: number
  seconds: number
  residentBytes: number
}

interface Copied extends Measured {
  set: BackupSet
}

interface Verified extends Measured {
  /** How many. */
  problems: number
}

/** Peak memory of the daemon while it copies or hashes, whatever the size. */
export const memoryBudgetBytes = 200 * 1024 ** 2

const program = fileURLToPath(new URL('./memory-process.ts', import.meta.url))

/** A whole set with a copy of the folder, made and settled by a process of its own on a share in `share`. */
export function measureCopy(folder: string, share: string, flags: readonly string[] = []): Promise<Copied> {
  return measure([...flags, program, 'copy', folder, share])
}

/** The set checked at level checksum, by a process of its own. */
export async function measureVerify(set: BackupSet, flags: readonly string[] = []): Promise<Verified> {
  const record = `${set.path}.json`
  await writeFile(record, JSON.stringify(set))
  return measure([...flags, program, 'verify', record])
}

/** The checksum of one file, by a process of its own. */
export function measureHash(file: string): Promise<Measured & { sha256: string }> {
  return measure([program, 'hash', file])
}

async function measure<M extends Measured>(argv: readonly string[]): Promise<M> {
  const { stdout } = await promisify(execFile)(process.execPath, argv)
  return JSON.parse(stdout) as M
}

/** Files of zeros that take no room on the disk, but are read as what they say. */
export async function sparseFiles(folder: string, sizes: Readonly<Record<string, number>>): Promise<void> {
  await mkdir(folder)
  for (const [name, bytes] of Object.entries(sizes)) {
    await using handle = await open(join(folder, name), 'w')
    await handle.truncate(bytes)
  }
}
