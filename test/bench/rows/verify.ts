import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../src/base/clock.ts'
import { systemRandom } from '../../../src/base/random.ts'
import type { BackupSet, Item } from '../../../src/domain/words.ts'
import type { Drivers } from '../../../src/drivers/drivers.ts'
import { copyTree } from '../../../src/drivers/files/copy.ts'
import { checkSet } from '../../../src/sets/check.ts'
import { escapeNames } from '../../../src/sets/escape.ts'
import { claimLocation } from '../../../src/sets/location.ts'
import { payloadPath } from '../../../src/sets/payload-path.ts'
import { startSet } from '../../../src/sets/writer.ts'
import { compare, shell } from '../compare.ts'
import type { BenchContext, Row } from '../row.ts'
import { largeTree, smallTree, type Tree } from '../trees.ts'

const options = { rounds: 5, residentBudgetBytes: 250 * 1024 ** 2 }
const signal = new AbortController().signal
const item: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }

/** A whole set checked at level checksum, against `sha256sum -c` on its manifest. */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const large = await rowsOf(await largeTree(folder), folder, 0.25)
  const small = await rowsOf(await smallTree(folder), folder, 0.9)
  return [...large, ...small]
}

async function rowsOf(tree: Tree, folder: string, budget: number): Promise<Row[]> {
  const set = await setOf(tree, folder)
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

/** A set of the real writer that holds the tree as a file store. */
async function setOf(tree: Tree, folder: string): Promise<BackupSet> {
  const share = '\\\\backup01.contoso.com\\LyncBackup'
  const location = { name: 'main', host: 'backup01.contoso.com', share, minimumFree: 0, copies: [] }
  const drivers = { clock: systemClock, random: systemRandom, localPath: () => folder } as unknown as Drivers
  await claimLocation(location, { deployment: 'contoso', owner: 'bench' }, drivers)
  const policy = {
    policy: 'nightly',
    cause: 'manual',
    reason: 'bench',
    slot: null,
    whole: true,
    required: [item],
  } as const
  const set = await startSet(location, { ...policy, deployment: 'contoso', revision: '0'.repeat(40) }, drivers)
  const path = payloadPath(item)
  const copied = await copyTree(tree.folder, await set.local(path), { skip: () => null, escape: escapeNames, signal })
  const files = copied.files.map((file) => ({ ...file, path: join(path, file.path) }))
  await set.add({ ...item, path, outcome: 'ok', bytes: copied.bytes }, files)
  return set.commit()
}
