import { join } from 'node:path'
import { writeDurably, type Content } from '../drivers/files/durable.ts'
import { inChunks } from '../drivers/files/sorted-lines.ts'
import {
  bagInfoText,
  bagitText,
  commitRecordFile,
  formatManifest,
  manifestFile,
  recordFile,
  type ManifestLine,
} from './manifest.ts'
import { formatRecord, type SetRecord } from './record.ts'
import type { Known } from './restore-procedures.ts'
import { restoreText } from './restore-text.ts'
import { softwareName } from './software.ts'

/**
 * Closes a set: the tag files, then the record, the manifest of the payload, and last the commit record. Gives the SHA-256
 * of that one. `known`: what it was made by. `payload`: the sorted lines of the manifest. What `expectOurs` throws leaves the set without it.
 */
export async function closeBag(
  folder: string,
  record: SetRecord,
  known: Known,
  payload: AsyncIterable<string>,
  expectOurs: () => Promise<void>,
): Promise<string> {
  const tags: ManifestLine[] = []
  const write = async (path: string, content: Content): Promise<void> => {
    const { sha256 } = await writeDurably(join(folder, path), content)
    tags.push({ path, sha256 })
  }
  await write('RESTORE.md', restoreText(record, known))
  await write('bagit.txt', bagitText)
  const finishedAt = record.finishedAt ?? record.startedAt
  await write('bag-info.txt', bagInfoText({ ...record, finishedAt, software: softwareName }))
  await write(recordFile, formatRecord(record))
  await write(manifestFile, inChunks(payload))
  await expectOurs()
  return (await writeDurably(join(folder, commitRecordFile), formatManifest(tags))).sha256
}
