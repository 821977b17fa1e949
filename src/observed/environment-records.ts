/** What the environment was when the newest ok copies were made: read once from each of the few sets that hold one. */
import { join } from 'node:path'
import PQueue from 'p-queue'
import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { incompleteCopies, isCommitted, newestCopies } from '../domain/recovery-point.ts'
import type { EnvironmentRecord } from '../domain/environment-record.ts'
import { earlierThan, wantedBy } from '../domain/environment-wanted.ts'
import type { Facts } from '../domain/facts.ts'
import type { PublishedTopology } from '../domain/published.ts'
import type { BackupSet, SetSummary } from '../domain/backup-set.ts'
import type { ItemKind, SetId } from '../domain/words.ts'
import { mostRecordBytes, readSmallFile } from '../drivers/files/small-file.ts'
import type { Catalogue } from './catalogue.ts'
import { readPublishedTopology } from './read-topology.ts'
import type { LookResult, Snapshot } from './snapshot.ts'
import { unseen } from './unseen.ts'

type Record = Facts['environmentRecord']

/** Reads what is not known yet, after the sets have changed or a set could not be read. True when that told something. */
export function createRecords(
  snapshot: Snapshot,
  catalogue: Catalogue,
  clock: Clock,
): (signal: AbortSignal) => Promise<boolean> {
  let settled: readonly SetSummary[] | null = null
  const turn = new PQueue({ concurrency: 1 })

  async function read(signal: AbortSignal): Promise<boolean> {
    const sets = catalogue.summaries()
    if (sets === settled) return false
    const now = clock.now()
    const copies = newestCopies(sets, now)
    const incomplete = [...incompleteCopies(sets, copies, now).values()].map(({ set }) => set)
    const wanted = new Set([...copies.values(), ...incomplete].map(({ id }) => id))
    let told = false
    let whole = true
    for (const id of wanted) {
      if (snapshot.known('environmentRecord', id)) continue
      const sight = await sightOf(id, signal)
      signal.throwIfAborted()
      told = snapshot.record('environmentRecord', id, sight) || told
      whole &&= sight.known
    }
    // Not before: what an older set recorded may be wanted by a newer one.
    snapshot.keep('environmentRecord', [...wanted])
    settled = whole ? sets : null
    return told
  }

  async function sightOf(id: SetId, signal: AbortSignal): Promise<LookResult<Record>> {
    const set = catalogue.sets().find((one) => one.id === id)
    const seen = { at: clock.now(), source: 'backup set' }
    try {
      if (!set) throw new Problem('set-unknown', { subject: id, message: 'The set is gone.' })
      const [record, exported] = [await readRecord(set), await readExported(set)]
      const earlier = await earlierOf(set, record, signal)
      return {
        ...seen,
        known: true,
        value: {
          ...{ record, encryptors: encryptorsOf(set) },
          ...(isEmpty(earlier) ? {} : { earlier }),
          ...(exported === null ? {} : { exported }),
        },
      }
    } catch (thrown) {
      return { ...seen, ...unseen(thrown) }
    }
  }

  /** What the sets before this one recorded of that of which it recorded nothing. */
  async function earlierOf(set: BackupSet, record: EnvironmentRecord, signal: AbortSignal): Promise<EnvironmentRecord> {
    const older: EnvironmentRecord[] = []
    for (const one of setsBefore(set, catalogue.sets())) {
      signal.throwIfAborted()
      const known = snapshot.known('environmentRecord', one.id)
      const value = known ?? (await readRecord(one).then(asValue, () => null))
      if (value !== null) older.push(wantedBy(value))
      // What is known already knows what was before it.
      if (known !== null) break
    }
    return earlierThan(record, older)
  }

  return (signal) => turn.add(() => read(signal))
}

/** How many older sets are read, at most, when nothing of them is known: after a lost store. */
const mostOlder = 5

/** Those that hold a record, newest first. `sets`: newest first. */
function setsBefore({ id, startedAt }: BackupSet, sets: readonly BackupSet[]): BackupSet[] {
  const found: BackupSet[] = []
  for (const one of sets) {
    if (found.length === mostOlder) break
    if (one.id !== id && one.startedAt <= startedAt && isCommitted(one) && itemOf(one, 'environment')) found.push(one)
  }
  return found
}

function asValue(record: EnvironmentRecord): Record {
  return { record }
}

function isEmpty(record: EnvironmentRecord): boolean {
  return Object.keys(record).length === 0
}

function encryptorsOf({ items }: BackupSet): NonNullable<Record['encryptors']> {
  return Object.fromEntries(
    items.flatMap(({ subject, outcome, database }) => {
      const encryptor = database?.encryptor ?? null
      return outcome === 'ok' && encryptor !== null ? [[subject, encryptor]] : []
    }),
  )
}

async function readRecord(set: BackupSet): Promise<EnvironmentRecord> {
  const bytes = await readItem(set, 'environment', 'environment.json')
  if (bytes === null) throw new Error('The set holds no environment record that is ok.')
  const record: unknown = JSON.parse(bytes.toString('utf8'))
  if (!isRecord(record)) throw new Error('The environment record is not of the shape of one.')
  return record
}

/** What is inside an export is not documented: one that cannot be read tells nothing, and no fault is made of it. */
async function readExported(set: BackupSet): Promise<PublishedTopology | null> {
  try {
    const bytes = await readItem(set, 'configuration')
    return bytes && (await readPublishedTopology(bytes))
  } catch {
    return null
  }
}

/** The content of an item that is ok, or of a file in its folder; null where the set has no such item. */
async function readItem(set: BackupSet, kind: ItemKind, ...name: readonly string[]): Promise<Buffer | null> {
  const item = itemOf(set, kind)
  if (!item) return null
  return readSmallFile(join(set.path, ...item.path.split('/'), ...name), mostRecordBytes)
}

function itemOf(set: BackupSet, kind: ItemKind): BackupSet['items'][number] | undefined {
  return set.items.find((one) => one.kind === kind && one.outcome === 'ok')
}

function isRecord(value: unknown): value is EnvironmentRecord {
  return isMap(value) && Object.values(value).every((facts) => isMap(facts) && Object.values(facts).every(isText))
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
