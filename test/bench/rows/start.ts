import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemClock } from '../../../src/base/clock.ts'
import { timeOf } from '../../../src/base/time.ts'
import type { BackupSet, ItemOutcome } from '../../../src/domain/backup-set.ts'
import type { Item } from '../../../src/domain/words.ts'
import { commitRecordFile, formatManifest, recordFile } from '../../../src/sets/manifest.ts'
import { formatRecord } from '../../../src/sets/record.ts'
import { software } from '../../../src/sets/software.ts'
import { openStore } from '../../../src/store/store.ts'
import { limitedRow, type BenchContext, type Row } from '../row.ts'

const sets = 100_000
const itemsPerSet = 25
const policies = 10
const warmBudgetSeconds = 3
const coldBudget = { seconds: 60, residentBytes: 500 * 1024 ** 2 }
const share = '\\\\backup01.contoso.com\\LyncBackup'
const program = fileURLToPath(new URL('../start-process.ts', import.meta.url))
const run = promisify(execFile)

interface Started {
  seconds: number
  sets: number
  residentBytes: number
}

/**
 * Open the store, list the share, read the catalogue and plan: with a store that was lost, so that every record is read,
 * and with 100,000 sets known from before (median of three).
 */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  const config = await prepare(folder)
  const cold = await start(config)
  const seconds: number[] = []
  for (let n = 0; n < 3; n++) seconds.push((await start(config)).seconds)
  const median = seconds.sort((a, b) => a - b)[1] ?? 0
  rmSync(join(folder, 'state.db'))
  return [
    limitedRow('start with a catalogue of 100,000 sets, cold', cold, coldBudget),
    limitedRow('start with a catalogue of 100,000 sets, warm', { seconds: median }, { seconds: warmBudgetSeconds }),
  ]
}

async function start(config: string): Promise<Started> {
  const { stdout } = await run(process.execPath, [program, config, share])
  const result = JSON.parse(stdout) as Started
  if (result.sets !== sets) throw new Error(`The catalogue has ${result.sets} sets instead of ${sets}.`)
  return result
}

/** The sets on a share, as far as a catalogue reads them, and an empty store. */
async function prepare(dir: string): Promise<string> {
  const root = join(dir, 'share')
  for (let policy = 0; policy < policies; policy++) await mkdir(join(root, `policy-${policy}`), { recursive: true })
  for (let n = 0; n < sets; n += 100)
    await Promise.all(Array.from({ length: 100 }, (_, more) => writeRecords(setNumber(n + more, root))))
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
  openStore(join(dir, 'state.db'), 'act', systemClock)[Symbol.dispose]()
  return config
}

async function writeRecords({ state: _state, path, verifications: _proofs, ...set }: BackupSet): Promise<void> {
  await mkdir(path)
  const text = formatRecord({
    ...{ format: 'holdfast/backup-set/v1', deployment: 'contoso', reason: 'bench', software, abandoned: null },
    ...set,
    required: [...set.required],
    items: set.items.map(({ outcome: _outcome, ...item }) => ({ ...item, outcome: 'ok' })),
  })
  await writeFile(join(path, recordFile), text)
  await writeFile(
    join(path, commitRecordFile),
    formatManifest([{ path: recordFile, sha256: hash('sha256', text, 'hex') }]),
  )
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
