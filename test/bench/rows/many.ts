import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { measureCopy, measureVerify } from '../memory.ts'
import { limitedRow, type BenchContext, type Row } from '../row.ts'
import { manyFiles } from '../trees.ts'

/** The process and its workers; nothing of it for each file. */
const residentBytes = 300 * 1024 ** 2
const secondsPerThousand = { copy: 2, verify: 0.5 }

/** A file store of very many files, and the check of its set, each in a process of its own. */
export async function rows({ folder, files }: BenchContext): Promise<Row[]> {
  const [source, share] = [join(folder, 'many'), join(folder, 'share')]
  await manyFiles(source, files)
  await mkdir(share)
  const copied = await measureCopy(source, share)
  if (copied.state !== 'complete') throw new Error('The set is not whole.')
  const verified = await measureVerify(copied.set)
  if (verified.problems > 0) throw new Error('The set is not whole.')
  const budget = (perThousand: number) => ({ seconds: (perThousand * files) / 1000, residentBytes })
  const name = `a file store of ${files.toLocaleString('en')} files`
  return [
    limitedRow(`${name}, copied and hashed (memory)`, copied, budget(secondsPerThousand.copy)),
    limitedRow(`${name}, verified (memory)`, verified, budget(secondsPerThousand.verify)),
  ]
}
