/** What the environment was when the newest ok copies were made: read once from each of the few sets that hold one. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { newestCopies } from '../domain/recovery-point.ts'
import type { EnvironmentRecord } from '../domain/environment-record.ts'
import type { BackupSet, SetId, SetSummary } from '../domain/words.ts'
import type { Catalogue } from './catalogue.ts'
import { textOf } from './error-text.ts'
import type { Sight, Snapshot } from './snapshot.ts'

type Record = { record: EnvironmentRecord }

/** A record of ten thousand servers is a tenth of this. */
const mostBytes = 64 * 1024 * 1024

/** Reads what is not known yet, after the sets have changed or a set could not be read. True when that told something. */
export function createRecords(
  snapshot: Snapshot,
  catalogue: Catalogue,
  clock: Clock,
): (signal: AbortSignal) => Promise<boolean> {
  let settled: readonly SetSummary[] | null = null
  let turn: Promise<unknown> = Promise.resolve()

  async function read(signal: AbortSignal): Promise<boolean> {
    const sets = catalogue.summaries()
    if (sets === settled) return false
    const wanted = new Set([...newestCopies(sets, clock.now()).values()].map(({ id }) => id))
    snapshot.keep('environmentRecord', [...wanted])
    let told = false
    let whole = true
    for (const id of wanted) {
      if (snapshot.known('environmentRecord', id)) continue
      const sight = await sightOf(id)
      signal.throwIfAborted()
      told = snapshot.record('environmentRecord', id, sight) || told
      whole &&= sight.known
    }
    settled = whole ? sets : null
    return told
  }

  async function sightOf(id: SetId): Promise<Sight<Record>> {
    const set = catalogue.sets().find((one) => one.id === id)
    const seen = { at: clock.now(), source: 'backup set' }
    try {
      if (!set) throw new Error('The set is gone.')
      return { ...seen, known: true, value: { record: await readRecord(set) } }
    } catch (thrown) {
      return { ...seen, known: false, error: textOf(thrown) }
    }
  }

  return (signal) => {
    const mine = turn.then(() => read(signal))
    turn = mine.catch(() => {})
    return mine
  }
}

async function readRecord(set: BackupSet): Promise<EnvironmentRecord> {
  const item = set.items.find(({ kind, outcome }) => kind === 'environment' && outcome === 'ok')
  if (!item) throw new Error('The set holds no environment record that is ok.')
  await using file = await open(join(set.path, ...item.path.split('/'), 'environment.json'))
  if ((await file.stat()).size > mostBytes) throw new Error('The environment record is too large to be one.')
  const record: unknown = JSON.parse(await file.readFile('utf8'))
  if (!isRecord(record)) throw new Error('The environment record is not of the shape of one.')
  return record
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
