import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { millisecondsOf } from '../base/time.ts'
import { parseSetId } from '../domain/subject.ts'
import type { SetId } from '../domain/words.ts'
import { mostRecordBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { isSafePath, recordFile } from './manifest.ts'
import { parseRecord } from './record.ts'

/**
 * Clock of the share minus ours, in whole seconds, when the newest of these sets was closed: its record holds our time
 * of that moment, and the file system gave the file its own. Nothing is written to learn it. Null where no set says.
 */
export async function clockOffsetSeconds(root: string, ids: readonly (SetId | null)[]): Promise<number | null> {
  const [newest] = ids.filter((id) => id !== null).sort((a, b) => (folderOf(a) < folderOf(b) ? 1 : -1))
  if (newest === undefined || !isSafePath(newest)) return null
  const file = join(root, newest, recordFile)
  try {
    const [text, { mtimeMs }] = [await readSmallFile(file, mostRecordBytes), await lstat(file)]
    const record = parseRecord(text.toString('utf8'), newest)
    if ('problem' in record || record.finishedAt === null) return null
    return Math.round((mtimeMs - millisecondsOf(record.finishedAt)) / 1000)
  } catch {
    return null // the set is being deleted, or cannot be read: then it says nothing
  }
}

function folderOf(id: SetId): string {
  return parseSetId(id)?.folder ?? ''
}
