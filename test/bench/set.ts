import { fileStore } from '../../src/act/collect/file-store.ts'
import type { Tools } from '../../src/act/handler.ts'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import { eachFact } from '../../src/domain/facts.ts'
import type { Observed } from '../../src/domain/observation.ts'
import type { Item } from '../../src/domain/words.ts'
import type { Drivers } from '../../src/drivers/drivers.ts'
import { claimLocation } from '../../src/sets/location.ts'
import { startSet } from '../../src/sets/writer.ts'
import { noServers } from '../support/no-servers.ts'

const signal = new AbortController().signal
const item: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }

/** A set of the real writer, with the tree as the real collector of file stores takes it, on a share in `folder`. */
export async function setOf(source: string, folder: string): Promise<BackupSet> {
  const share = '\\\\backup01.contoso.com\\LyncBackup'
  const location = { name: 'main', host: 'backup01.contoso.com', share, minimumFree: 0, copies: [] }
  const localPath = (path: string): string => (path === item.subject ? source : folder)
  const drivers = { clock: systemClock, random: systemRandom, localPath } as unknown as Drivers
  await claimLocation(location, { deployment: 'contoso', owner: 'bench' }, drivers)
  const policy = {
    policy: 'nightly',
    cause: 'manual',
    reason: 'bench',
    slot: null,
    whole: true,
    required: [item],
  } as const
  const set = await startSet(location, { ...policy, desired: noServers() }, drivers)
  const observed = (): Observed => ({ facts: eachFact(() => new Map<string, never>()), sets: [] })
  const tools = { drivers, observed, desired: { fileStores: [] } } as unknown as Tools
  const { outcome, files } = await fileStore.collect(item, { set, tools, attempt: 1, signal, onPercent: () => {} })
  await set.add(outcome, files)
  return set.commit()
}
