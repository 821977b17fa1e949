import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { uncServer } from '../../base/fields.ts'
import { Problem, systemCode } from '../../base/problem.ts'
import { storeSkip, type liveStoreSkip } from '../../domain/live-store.ts'
import type { Desired } from '../../domain/model.ts'
import { distinct, fileStoreSubject } from '../../domain/subject.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import { kindOfEntry } from '../../drivers/files/entry-kind.ts'
import { echoOf, type Check, type ChecksByHost } from '../check.ts'

/** Everything that a backup would read can be opened; what it leaves out is left out. */
export function fileStoreChecks(desired: Desired, smb: ChecksByHost, drivers: Pick<Drivers, 'localPath'>): Check[] {
  return distinct(desired.fileStores.map(fileStoreSubject)).map((subject) => ({
    ...{ name: 'file-store', subject, group: 'files', deadlineSeconds: 1800 },
    ...echoOf(smb.of(uncServer(subject))),
    attempt: (signal) => {
      const skip = storeSkip(subject, desired.fileStores)
      return readTree({ subject, root: drivers.localPath(subject), skip }, signal)
    },
  }))
}

const openAtOnce = 32

interface Seen {
  files: number
  faults: { name: string; system: string }[]
}

interface Store {
  subject: string
  root: string
  skip: typeof liveStoreSkip
}

async function readTree(store: Store, signal: AbortSignal): Promise<string> {
  const { subject, root } = store
  const seen: Seen = { files: 0, faults: [] }
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted()
    const { files, below } = await list(store, folder, seen)
    folders.push(...below)
    for (let at = 0; at < files.length; at += openAtOnce)
      await Promise.all(files.slice(at, at + openAtOnce).map((file) => tryFile(root, file, seen)))
  }
  const [first] = seen.faults
  if (!first) return `${seen.files} files can be read`
  const more = seen.faults.length > 1 ? ` (and ${seen.faults.length - 1} more)` : ''
  throw new Problem('file-store-unreadable', {
    subject,
    message: `${first.name} could not be read: ${first.system}${more}.`,
    hint: `Give the account of the daemon read access to the whole tree, inherited: icacls "${subject}" /grant "<account>:(OI)(CI)RX" /T. A file that is busy (EBUSY) is held open by another program.`,
  })
}

/** Never follows a link. What vanished meanwhile is not a fault: the store is in use. */
async function list(
  { subject, root, skip }: Store,
  folder: string,
  seen: Seen,
): Promise<{ files: string[]; below: string[] }> {
  try {
    const entries = await readdir(join(root, folder), { withFileTypes: true })
    const names = entries.map(({ name }) => (folder === '' ? name : `${folder}/${name}`))
    const kinds = await Promise.all(
      entries.map((entry, index) => {
        const name = names[index] ?? ''
        return kindOfEntry(entry, () => join(root, name)).catch((thrown: unknown) => {
          note(name, thrown, seen)
        })
      }),
    )
    const below = (kind: 'file' | 'folder'): string[] =>
      names.filter((name, index) => kinds[index] === kind && skip(name, kind) === null)
    return { files: below('file'), below: below('folder') }
  } catch (thrown) {
    if (folder === '') throw unlisted(subject, root, thrown)
    note(folder, thrown, seen)
    return { files: [], below: [] }
  }
}

function unlisted(subject: string, root: string, thrown: unknown): Problem {
  return new Problem('file-store-unreadable', {
    subject,
    message: `${root} cannot be listed: ${systemCode(thrown) ?? String(thrown)}.`,
    hint: `Check that the machine runs, that the share is there (net view) and mounted on this machine, and that pathMap in holdfast.yaml names that folder. On Windows: dir "${subject}"`,
    cause: thrown,
  })
}

/** Opening is not enough everywhere: one byte is read as well. */
async function tryFile(root: string, name: string, seen: Seen): Promise<void> {
  seen.files += 1
  try {
    await using file = await open(join(root, name))
    await file.read(Buffer.alloc(1), 0, 1, 0)
  } catch (thrown) {
    note(name, thrown, seen)
  }
}

function note(name: string, thrown: unknown, seen: Seen): void {
  const system = systemCode(thrown) ?? String(thrown)
  if (system !== 'ENOENT') seen.faults.push({ name, system })
}
