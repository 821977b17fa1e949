import { randomFillSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface Tree {
  name: string
  folder: string
}

const mebibyte = 1024 ** 2

/** 8 files of 256 MiB that no program can compress or tell to be the same. */
export async function largeTree(parent: string): Promise<Tree> {
  const folder = join(parent, 'large')
  await mkdir(folder)
  for (let n = 0; n < 8; n++) await writeNoise(join(folder, `${n}.bak`), 256 * mebibyte)
  return { name: '8 x 256 MiB', folder }
}

/** 20,000 files of 16 KiB in 200 folders. */
export async function smallTree(parent: string): Promise<Tree> {
  const folder = join(parent, 'small')
  for (let n = 0; n < 200; n++) {
    const below = join(folder, `folder${n}`)
    await mkdir(below, { recursive: true })
    for (let file = 0; file < 100; file++) await writeNoise(join(below, `file${file}.dat`), 16 * 1024)
  }
  return { name: '20,000 x 16 KiB', folder }
}

/** Files of zeros that are really there: without holes they are written whole. */
export async function writtenFiles(folder: string, sizes: Readonly<Record<string, number>>): Promise<void> {
  await mkdir(folder)
  for (const [name, bytes] of Object.entries(sizes)) {
    await using handle = await open(join(folder, name), 'w')
    for (let left = bytes; left > 0; left -= zeros.length) await handle.write(zeros, 0, Math.min(left, zeros.length))
  }
}

/** So many small files, a hundred in a folder. */
export async function manyFiles(folder: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += 100) {
    const below = join(folder, 'CollabContent', `meeting${done}`)
    await mkdir(below, { recursive: true })
    for (let n = done; n < Math.min(done + 100, count); n++) writeFileSync(join(below, `slide${n}.png`), `slide ${n}`)
  }
}

/**
 * Takes as much memory as a copy of a tree takes, and gives it back. A virtual machine is slow to get memory that it had
 * returned to its host: without this, whoever runs after a pause pays for it and not for the work.
 */
export async function warmMemory(parent: string): Promise<void> {
  const path = join(parent, 'warm')
  await using handle = await open(path, 'w')
  for (let n = 0; n < 2304; n++) await handle.write(zeros)
  await rm(path)
}

const zeros = Buffer.alloc(mebibyte)
const noise = Buffer.alloc(mebibyte)

async function writeNoise(path: string, bytes: number): Promise<void> {
  await using handle = await open(path, 'w')
  for (let left = bytes; left > 0; left -= mebibyte) {
    const chunk = noise.subarray(0, Math.min(left, mebibyte))
    randomFillSync(chunk)
    await handle.write(chunk)
  }
}
