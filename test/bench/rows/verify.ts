import { rm } from 'node:fs/promises'
import type { BackupSet } from '../../../src/domain/backup-set.ts'
import { checkSet } from '../../../src/sets/check.ts'
import { compare, shell } from '../compare.ts'
import type { BenchContext, Row } from '../row.ts'
import { setOf } from '../set.ts'
import { largeTree, smallTree, type Tree } from '../trees.ts'

const options = { rounds: 5, residentBudgetBytes: 250 * 1024 ** 2 }
const signal = new AbortController().signal

/** A whole set checked at level checksum, against `sha256sum -c` on its manifest. */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const large = await rowsOf(await largeTree(folder), folder, 0.2)
  const small = await rowsOf(await smallTree(folder), folder, 0.75)
  return [...large, ...small]
}

async function rowsOf(tree: Tree, folder: string, budget: number): Promise<Row[]> {
  const set = await setOf(tree.folder, folder)
  await rm(tree.folder, { recursive: true })
  const prepare = (): Promise<void> => Promise.resolve()
  const ours = { prepare, run: () => checkWhole(set) }
  const theirs = {
    name: 'sha256sum -c',
    budget,
    prepare,
    run: () => shell('sha256sum --quiet -c manifest-sha256.txt', set.path),
  }
  const made = await compare(`verify, ${tree.name}`, ours, [theirs], options)
  await rm(set.path, { recursive: true })
  return made
}

async function checkWhole(set: BackupSet): Promise<void> {
  const { problems } = await checkSet(set, 'checksum', signal)
  if (problems.length > 0) throw new Error('The set is not whole.')
}
