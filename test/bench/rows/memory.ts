import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shell } from '../compare.ts'
import { measureCopy, measureHash, memoryBudgetBytes, sparseFiles, type Measured } from '../memory.ts'
import { writtenFiles } from '../trees.ts'
import { limitedRow, type BenchContext, type Row } from '../row.ts'

const gibibyte = 1024 ** 3
/** Two of the size of a database backup, and the rest as recordings and meeting content come. */
const tree = {
  'a.bak': 4 * gibibyte,
  'b.bak': 4 * gibibyte,
  c: gibibyte / 2,
  d: gibibyte / 2,
  e: gibibyte / 2,
  f: gibibyte / 2,
}
/** Generous: the disk decides, and what is held here is the memory. */
const budget = {
  copy: { seconds: 300, residentBytes: memoryBudgetBytes },
  hash: { seconds: 60, residentBytes: memoryBudgetBytes },
  sparse: { seconds: 120, residentBytes: memoryBudgetBytes },
}

const sparseBytes = 20 * gibibyte

/** Memory while a set of 10 GiB is made, and one of a file with holes, and while a backup of 4 GiB is hashed. */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const base = (await hasRoom(tmpdir())) ? tmpdir() : folder
  const own = await mkdtemp(join(base, 'holdfast-memory-'))
  try {
    await writtenFiles(join(own, 'source'), tree)
    const copied = await copyOf(join(own, 'source'), own)
    const hashed = await measureHash(join(own, 'source', 'a.bak'))
    if (copied.bytes < 10 * gibibyte) throw new Error('The set is not whole.')
    await rm(join(own, 'source'), { recursive: true })

    await sparseFiles(join(own, 'sparse'), { 'a.bak': sparseBytes })
    const holes = await copyOf(join(own, 'sparse'), own)
    return [
      limitedRow('a set of 10 GiB, copied and hashed (memory)', copied, budget.copy),
      limitedRow('a backup of 4 GiB, hashed (memory)', hashed, budget.hash),
      limitedRow('a sparse file of 20 GiB, copied as holes (memory)', holes, budget.sparse),
    ]
  } finally {
    await rm(own, { recursive: true })
  }
}

/** A set with a copy of the folder, on a share in `base` that is removed again. */
async function copyOf(source: string, base: string): Promise<Measured> {
  const share = join(base, 'share')
  await mkdir(share)
  const copied = await measureCopy(source, share)
  if (copied.state !== 'complete') throw new Error('The set is not whole.')
  await shell(`rm -rf '${share}'`, base)
  return copied
}

async function hasRoom(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize > 24 * gibibyte
}
