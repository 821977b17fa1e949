import { hash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { batches } from '../../src/base/batches.ts'
import { systemClock } from '../../src/base/clock.ts'
import { timeOf } from '../../src/base/time.ts'
import type { BackupSet, ItemOutcome } from '../../src/domain/backup-set.ts'
import type { Item } from '../../src/domain/words.ts'
import { commitRecordFile, formatManifest, recordFile } from '../../src/sets/manifest.ts'
import { payloadPath } from '../../src/sets/payload-path.ts'
import { formatRecord } from '../../src/sets/record.ts'
import { software } from '../../src/sets/software.ts'
import { openStore } from '../../src/store/store.ts'

const itemsPerSet = 25
const policies = 10
/** Of the location `main`. */
export const share = '\\\\backup01.contoso.com\\LyncBackup'

/** So many sets on a share, as far as a catalogue reads them, and an empty store; gives the path of the configuration. */
export async function manySets(dir: string, sets: number): Promise<string> {
  const root = join(dir, 'share')
  for (let policy = 0; policy < policies; policy++) await mkdir(join(root, `policy-${policy}`), { recursive: true })
  const numbers = Array.from({ length: sets }, (_, n) => n)
  for (const batch of batches(numbers)) await Promise.all(batch.map((n) => writeRecords(setNumber(n, root))))
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
  const pools = Array.from({ length: itemsPerSet - 1 }, (_, i): Item => ({
    kind: 'user-data',
    subject: `pool${(n % policies) * itemsPerSet + i}.contoso.com`,
  }))
  const required: Item[] = [{ kind: 'environment', subject: 'contoso' }, ...pools]
  const items = required.map((item): ItemOutcome => ({
    ...item,
    path: payloadPath(item),
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
