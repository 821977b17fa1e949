import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { copyTree, type CopiedEntry } from '../../../src/drivers/files/copy.ts'
import { writeDurably } from '../../../src/drivers/files/durable.ts'
import { settleFiles } from '../../../src/drivers/files/settle.ts'
import { escapeNames } from '../../../src/sets/escape.ts'
import { formatManifest, type ManifestEntry } from '../../../src/sets/manifest.ts'
import { compare, isInstalled, shell, type Competitor } from '../compare.ts'
import type { BenchContext, Row } from '../row.ts'
import { largeTree, smallTree, warmMemory, type Tree } from '../trees.ts'

const options = { rounds: 3, residentBudgetBytes: 250 * 1024 ** 2 }
const signal = new AbortController().signal
const budgets = { large: { sha256sum: 0.25, openssl: 0.7 }, small: { sha256sum: 0.75, openssl: null } }

/** A file store copied with a SHA-256 manifest: ours, flushed and read back, against pairs of stock tools, which are not. */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const large = await rowsOf(await largeTree(folder), folder, budgets.large)
  await rm(join(folder, 'large'), { recursive: true })
  const small = await rowsOf(await smallTree(folder), folder, budgets.small)
  await rm(join(folder, 'small'), { recursive: true })
  return [...large, ...small]
}

type Budgets = (typeof budgets)['large' | 'small']

async function rowsOf(tree: Tree, folder: string, budget: Budgets): Promise<Row[]> {
  const target = join(folder, 'target')
  const prepare = (): Promise<void> => clear([target, join(folder, 'repository')])
  const ours = { prepare, run: () => copyWithManifest(tree.folder, target) }
  const found = await competitorsOf(tree.folder, folder, budget)
  const made = await compare(`copy + manifest, ${tree.name}`, ours, found, {
    ...options,
    warm: () => warmMemory(folder),
  })
  await prepare()
  return made
}

/** Not with `rm` of this process: 20,000 files at once would be the peak of its memory. */
async function clear(paths: readonly string[]): Promise<void> {
  await shell(`rm -rf ${paths.map((path) => `'${path}'`).join(' ')}`, '.')
}

async function copyWithManifest(from: string, to: string): Promise<void> {
  const manifest: ManifestEntry[] = []
  let skipped = 0
  const take = (entry: CopiedEntry): void => {
    if (entry.type === 'skipped') skipped += 1
    if (entry.type === 'file') manifest.push({ path: entry.path, bytes: entry.bytes, sha256: entry.sha256 })
  }
  await copyTree(from, to, { skip: () => null, escape: escapeNames, take, signal })
  const files = manifest.map(({ path, bytes }) => ({ path: join(to, path), bytes }))
  const wrong = await Array.fromAsync(settleFiles(files, signal))
  if (skipped + wrong.length > 0) throw new Error('The copy is not whole.')
  await writeDurably(`${to}/manifest-sha256.txt`, formatManifest(manifest))
}

async function competitorsOf(from: string, folder: string, budget: Budgets): Promise<Competitor[]> {
  const target = join(folder, 'target')
  const repository = join(folder, 'repository')
  const list = (program: string): string => `cd '${target}' && find . -type f -print0 | xargs -0 ${program} > ../sums`
  const line = (name: string, allowed: number, command: string): Competitor => ({
    name,
    budget: allowed,
    prepare: () => clear([target, repository]),
    run: () => shell(command, folder),
  })
  const all = [line('cp -r + sha256sum', budget.sha256sum, `cp -r '${from}' '${target}' && ${list('sha256sum')}`)]
  if (budget.openssl !== null && (await isInstalled('openssl')))
    all.push(
      line(
        'cp -r + openssl dgst -sha256',
        budget.openssl,
        `cp -r '${from}' '${target}' && ${list('openssl dgst -sha256 -r')}`,
      ),
    )
  if (await isInstalled('rsync'))
    all.push(line('rsync -a + sha256sum', 1, `rsync -a '${from}/' '${target}' && ${list('sha256sum')}`))
  if (await isInstalled('restic')) all.push(restic(from, folder, repository, target))
  if (await isInstalled('borg')) all.push(borg(from, folder, repository, target))
  return all
}

function restic(from: string, folder: string, repository: string, target: string): Competitor {
  const env = { RESTIC_PASSWORD: 'bench', RESTIC_REPOSITORY: repository, RESTIC_CACHE_DIR: join(folder, 'cache') }
  return {
    name: 'restic backup',
    budget: 1,
    prepare: async () => {
      await clear([target, repository])
      await shell('restic init --quiet', folder, env)
    },
    run: () => shell(`restic backup --quiet '${from}'`, folder, env),
  }
}

function borg(from: string, folder: string, repository: string, target: string): Competitor {
  const env = { BORG_BASE_DIR: join(folder, 'borg'), BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes' }
  return {
    name: 'borg create -C none',
    budget: 1,
    prepare: async () => {
      await clear([target, repository])
      await rm(env.BORG_BASE_DIR, { recursive: true, force: true })
      await mkdir(env.BORG_BASE_DIR)
      await shell(`borg init -e none '${repository}'`, folder, env)
    },
    run: () => shell(`borg create -C none '${repository}::one' '${from}'`, folder, env),
  }
}
