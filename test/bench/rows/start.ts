import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemClock } from '../../../src/base/clock.ts'
import { timeOf } from '../../../src/base/time.ts'
import type { BackupSet, ItemOutcome } from '../../../src/domain/backup-set.ts'
import type { Item } from '../../../src/domain/words.ts'
import { openStore } from '../../../src/store/store.ts'
import type { BenchContext, Row } from '../row.ts'

const sets = 100_000
const itemsPerSet = 25
const policies = 10
const budgetSeconds = 3
const share = '\\\\backup01.contoso.com\\LyncBackup'
const program = fileURLToPath(new URL('../start-process.ts', import.meta.url))
const run = promisify(execFile)

/** Open the store, list the share, read the catalogue and plan, with 100,000 sets known from before: median of three. */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const config = await prepare(folder)
  const seconds: number[] = []
  for (let n = 0; n < 4; n++) {
    const { stdout } = await run(process.execPath, [program, config, share])
    const result = JSON.parse(stdout) as { seconds: number; sets: number }
    if (result.sets !== sets) throw new Error(`The catalogue has ${result.sets} sets instead of ${sets}.`)
    if (n > 0) seconds.push(result.seconds)
  }
  const median = seconds.sort((a, b) => a - b)[1] ?? 0
  const name = 'start with a catalogue of 100,000 sets, warm'
  return [
    {
      name,
      seconds: median,
      baseline: null,
      baselineSeconds: null,
      ratio: null,
      budget: budgetSeconds,
      ok: median <= budgetSeconds,
    },
  ]
}

/** The folders on a share, and a store that knows the sets in them. */
async function prepare(dir: string): Promise<string> {
  const root = join(dir, 'share')
  const known = Array.from({ length: sets }, (_, n) => setNumber(n, root))
  for (let policy = 0; policy < policies; policy++) await mkdir(join(root, `policy-${policy}`), { recursive: true })
  for (let n = 0; n < sets; n += 1000) await Promise.all(known.slice(n, n + 1000).map(({ path }) => mkdir(path)))
  const identity = {
    format: 'holdfast/location/v1',
    id: '0'.repeat(32),
    deployment: 'contoso',
    owner: '0'.repeat(32),
    claimedAt: timeOf(0),
  }
  await writeFile(join(root, 'holdfast-location.json'), JSON.stringify(identity))
  const config = join(dir, 'holdfast.yaml')
  await writeFile(config, `git: { url: ${dir} }\nstate: ./state.db\npathMap: { '${share}': '${root}' }\n`)
  using store = openStore(join(dir, 'state.db'), 'act', systemClock)
  for (let n = 0; n < sets; n += 1000) store.sets.put(...known.slice(n, n + 1000))
  return config
}

function setNumber(n: number, root: string): BackupSet {
  const policy = `policy-${n % policies}`
  const startedAt = timeOf(Date.UTC(2026, 0, 1) - n * 60_000)
  const folder = `${startedAt.replace(/[-:]|\.\d+/g, '')}-aaaa`
  const required = Array.from({ length: itemsPerSet }, (_, i): Item => ({
    kind: 'user-data',
    subject: `pool${(n % policies) * itemsPerSet + i}.contoso.com`,
  }))
  const items = required.map((item): ItemOutcome => ({
    ...item,
    path: `data/pools/${item.subject}/user-data.zip`,
    outcome: 'ok',
    bytes: 1000 + n,
  }))
  return {
    id: `${policy}/${folder}`,
    policy,
    location: 'main',
    path: join(root, policy, folder),
    unc: `${share}\\${policy}\\${folder}`,
    revision: '0'.repeat(40),
    cause: 'scheduled',
    slot: startedAt,
    whole: true,
    required,
    items,
    state: 'complete',
    startedAt,
    finishedAt: startedAt,
    bytes: 25_000,
    files: itemsPerSet,
    verifications: [],
  }
}
