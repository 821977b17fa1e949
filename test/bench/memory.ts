import { execFile } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Measured {
  state: string
  /** Of the set. */
  path: string
  bytes: number
  sha256: string | null
  seconds: number
  residentBytes: number
}

/** Peak memory of the daemon while it copies or hashes, whatever the size. */
export const memoryBudgetBytes = 200 * 1024 ** 2

const program = join(import.meta.dirname, 'memory-process.ts')

/** A whole set with a copy of the folder, made and settled by a process of its own on a share in `share`. */
export function measureCopy(folder: string, share: string, flags: readonly string[] = []): Promise<Measured> {
  return measure([...flags, program, 'copy', folder, share])
}

/** The checksum of one file, by a process of its own. */
export function measureHash(file: string): Promise<Measured> {
  return measure([program, 'hash', file])
}

async function measure(argv: readonly string[]): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, argv)
  return JSON.parse(stdout) as Measured
}

/** Files of zeros that take no room on the disk, but are read as what they say. */
export async function sparseFiles(folder: string, sizes: Readonly<Record<string, number>>): Promise<void> {
  await mkdir(folder)
  for (const [name, bytes] of Object.entries(sizes)) {
    await using handle = await open(join(folder, name), 'w')
    await handle.truncate(bytes)
  }
}
