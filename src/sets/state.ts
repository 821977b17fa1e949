import { isProblemCode } from '../base/problem-codes.ts'
import { itemKey } from '../domain/subject.ts'
import type { BackupSet, ItemOutcome, RecordedDatabase } from '../domain/backup-set.ts'
import type { Item } from '../domain/words.ts'
import type { SetRecord } from './record.ts'

/** The state of a set with a commit record: complete only if every required item is ok. */
export function committedState(
  required: readonly Item[],
  items: readonly (Item & { outcome: string })[],
): 'complete' | 'partial' {
  const ok = new Set(items.filter(({ outcome }) => outcome === 'ok').map(itemKey))
  return required.every((item) => ok.has(itemKey(item))) ? 'complete' : 'partial'
}

/** A record as the set that the rest of the house knows. */
export function setOfRecord(
  record: SetRecord,
  where: Pick<BackupSet, 'location' | 'path' | 'unc'>,
  state: BackupSet['state'],
): BackupSet {
  return {
    id: record.id,
    policy: record.policy,
    ...where,
    revision: record.revision,
    cause: record.cause,
    slot: record.slot,
    whole: record.whole,
    required: record.required,
    items: record.items.map(outcomeOf),
    state,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    bytes: record.bytes,
    files: record.files,
    verifications: [],
  }
}

/** Another version may have recorded a code that is unknown here: its words stay. `servedBy` stays in the record. */
function outcomeOf({
  code,
  message,
  counts,
  notTaken,
  doubt,
  database,
  servedBy: _servedBy,
  ...item
}: SetRecord['items'][number]): ItemOutcome {
  return {
    ...item,
    ...(doubt === undefined ? {} : { doubt }),
    ...(code !== undefined && isProblemCode(code) ? { code } : {}),
    ...(message === undefined ? {} : { message }),
    ...(counts === undefined ? {} : { counts }),
    ...(notTaken === undefined ? {} : { notTaken }),
    ...(database === undefined ? {} : { database: withoutSizes(database) }),
  }
}

/** Sets that are alike share it in the store. */
function withoutSizes({ files, ...database }: RecordedDatabase): RecordedDatabase {
  return { ...database, files: files.map(({ name, type, path }) => ({ name, type, path })) }
}
