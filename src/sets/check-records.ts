import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { systemCode } from '../base/problem.ts'
import type { BackupSet, SetProblem } from '../domain/backup-set.ts'
import { fileProblem, provesNothing } from '../drivers/files/problem.ts'
import { mostRecordBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { readManifest, type ManifestReading } from './manifest-reading.ts'
import { commitRecordFile, manifestFile, parseManifest, recordFile, tagFiles } from './manifest.ts'
import { parseRecord } from './record.ts'

export type Tell = (file: string, kind: SetProblem['kind'], message: string) => void

/** Tells what is wrong with the commit record and the tag files that it names; gives the manifest, null where it cannot be believed. */
export async function checkRecords(set: BackupSet, tell: Tell): Promise<ManifestReading | null> {
  const commit = await readTag(set, commitRecordFile)
  if ('failed' in commit) {
    tell(commitRecordFile, 'manifest', `the commit record cannot be read (${commit.failed})`)
    return null
  }
  if (set.commitSha256 !== undefined && commit.sha256 !== set.commitSha256)
    tell(commitRecordFile, 'manifest', 'it is not the commit record that was written when the set was closed')
  const lines = parseManifest(commit.text)
  if ('problem' in lines) {
    tell(commitRecordFile, 'manifest', lines.problem)
    return null
  }
  const expected = new Map(lines.map(({ path, sha256 }) => [path, sha256]))
  let manifest: ManifestReading | null = null
  for (const file of tagFiles) {
    const kind = file === manifestFile ? 'manifest' : file === recordFile ? 'record' : 'checksum'
    const tag = file === manifestFile ? await attempt(set, file, readManifest) : await readTag(set, file)
    if ('failed' in tag)
      tell(file, tag.failed === 'ENOENT' && kind === 'checksum' ? 'missing' : kind, `it cannot be read (${tag.failed})`)
    else if (!expected.has(file)) tell(commitRecordFile, 'manifest', `it does not name ${file}`)
    else if (tag.sha256 !== expected.get(file)) tell(file, kind, 'its SHA-256 is not the one in the commit record')
    else if ('lines' in tag) manifest = believed(tag, tell)
    else if (file === recordFile) checkRecordText(set, tag.text, tell)
  }
  return manifest
}

function believed(manifest: ManifestReading, tell: Tell): ManifestReading | null {
  if (manifest.problem === null) return manifest
  tell(manifestFile, 'manifest', manifest.problem)
  return null
}

function checkRecordText(set: BackupSet, text: string, tell: Tell): void {
  const record = parseRecord(text, set.id)
  if ('problem' in record) tell(recordFile, 'record', record.problem)
}

function readTag(set: BackupSet, file: string): Promise<{ sha256: string; text: string } | { failed: string }> {
  return attempt(set, file, async (path) => {
    const bytes = await readSmallFile(path, mostRecordBytes)
    return { sha256: createHash('sha256').update(bytes).digest('hex'), text: bytes.toString() }
  })
}

async function attempt<T>(
  set: BackupSet,
  file: string,
  read: (path: string) => Promise<T>,
): Promise<T | { failed: string }> {
  const path = join(set.path, file)
  try {
    return await read(path)
  } catch (thrown) {
    const problem = fileProblem(thrown, path, 'Reading')
    if (provesNothing(problem.code, systemCode(thrown))) throw problem
    return { failed: systemCode(thrown) ?? problem.message }
  }
}
