import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureCopy, measureHash, memoryBudgetBytes, sparseFiles } from '../memory.ts'
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
}

/** Memory while a set of 10 GiB is made, and while a backup of 4 GiB is hashed: on a disk, for it is written whole. */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const base = (await hasRoom(tmpdir())) ? tmpdir() : folder
  const own = await mkdtemp(join(base, 'holdfast-memory-'))
  try {
    await sparseFiles(join(own, 'source'), tree)
    await mkdir(join(own, 'share'))
    const copied = await measureCopy(join(own, 'source'), join(own, 'share'))
    const hashed = await measureHash(join(own, 'source', 'a.bak'))
    if (copied.state !== 'complete' || copied.bytes !== 10 * gibibyte) throw new Error('The set is not whole.')
    return [
      limitedRow('a set of 10 GiB, copied and hashed (memory)', copied, budget.copy),
      limitedRow('a backup of 4 GiB, hashed (memory)', hashed, budget.hash),
    ]
  } finally {
    await rm(own, { recursive: true })
  }
}

async function hasRoom(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize > 12 * gibibyte
}
