import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupSet } from '../../../src/domain/backup-set.ts'
import { readListing } from '../../../src/sets/listing-reading.ts'
import { putStoreBack } from '../../../src/sets/put-store-back.ts'
import { compare, shell } from '../compare.ts'
import type { BenchContext, Row } from '../row.ts'
import { setOf } from '../set.ts'
import { largeTree, warmMemory } from '../trees.ts'

const options = { rounds: 3, residentBudgetBytes: 250 * 1024 ** 2 }
const signal = new AbortController().signal

/** A file store put back from a set and proved, flushed and read back, against a plain copy that is proved after it. */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const tree = await largeTree(folder)
  const set = await setOf(tree.folder, folder)
  await rm(tree.folder, { recursive: true })
  const target = join(folder, 'target')
  const payload = join(set.path, set.items[0]?.path ?? '')
  await shell(`find . -type f -print0 | xargs -0 sha256sum > '${folder}/sums'`, payload)
  const prepare = (): Promise<void> => shell(`rm -rf '${target}'`, folder)
  const ours = { prepare, run: () => restore(set, payload, target) }
  const theirs = {
    name: 'cp -r + sha256sum -c',
    budget: 0.35,
    prepare,
    run: () => shell(`cp -r '${payload}' '${target}' && cd '${target}' && sha256sum --quiet -c ../sums`, folder),
  }
  const name = `restore of a file store of ${tree.name}, proved against the manifest`
  return compare(name, ours, [theirs], { ...options, warm: () => warmMemory(folder) })
}

async function restore(set: BackupSet, from: string, to: string): Promise<void> {
  const [copy] = set.items
  if (!copy) throw new Error('The set holds no file store.')
  await mkdir(to)
  const steps = new Int32Array(new SharedArrayBuffer(4))
  const { back } = await putStoreBack(await readListing(set, copy), from, to, {
    ...{ signal, steps, onPercent: () => {} },
    expectOurs: () => Promise.resolve(),
  })
  if (back.files !== 8) throw new Error('The file store is not whole.')
}
