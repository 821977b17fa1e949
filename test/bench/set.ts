import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import type { Item } from '../../src/domain/words.ts'
import type { Drivers } from '../../src/drivers/drivers.ts'
import { copyTree } from '../../src/drivers/files/copy.ts'
import { escapeNames } from '../../src/sets/escape.ts'
import { claimLocation } from '../../src/sets/location.ts'
import { payloadPath } from '../../src/sets/payload-path.ts'
import { startSet } from '../../src/sets/writer.ts'

const signal = new AbortController().signal
const item: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }

/** A set of the real writer on a share in `folder`, which holds the tree as a file store. */
export async function setOf(source: string, folder: string): Promise<BackupSet> {
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
  const copied = await copyTree(source, await set.local(path), { skip: () => null, escape: escapeNames, signal })
  const files = copied.files.map((file) => ({ ...file, path: join(path, file.path) }))
  await set.add({ ...item, path, outcome: 'ok', bytes: copied.bytes }, files)
  return set.commit()
}
