import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { systemCode } from '../base/problem.ts'
import type { BackupSet, SetProblem } from '../domain/backup-set.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { mostManifestBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { commitRecordFile, manifestFile, parseManifest, recordFile, tagFiles, type ManifestLine } from './manifest.ts'
import { parseRecord } from './record.ts'

/** The commit record, the tag files that it names, and the manifest; null where that cannot be believed. */
export async function checkRecords(
  set: BackupSet,
): Promise<{ problems: SetProblem[]; manifest: ManifestLine[] | null }> {
  const problems: SetProblem[] = []
  const tell = (file: string, kind: SetProblem['kind'], message: string): void =>
    void problems.push({ file, kind, message })

  const commit = await readTag(set, commitRecordFile)
  if ('failed' in commit) {
    tell(commitRecordFile, 'manifest', `the commit record cannot be read (${commit.failed})`)
    return { problems, manifest: null }
  }
  if (set.commitSha256 !== undefined && sha256Of(commit.bytes) !== set.commitSha256)
    tell(commitRecordFile, 'manifest', 'it is not the commit record that was written when the set was closed')
  const lines = parseManifest(commit.bytes.toString())
  if ('problem' in lines) {
    tell(commitRecordFile, 'manifest', lines.problem)
    return { problems, manifest: null }
  }
  const expected = new Map(lines.map(({ path, sha256 }) => [path, sha256]))
  const texts = new Map<string, string>()
  for (const file of tagFiles) {
    const kind = file === manifestFile ? 'manifest' : file === recordFile ? 'record' : 'checksum'
    const tag = await readTag(set, file)
    if ('failed' in tag)
      tell(file, tag.failed === 'ENOENT' && kind === 'checksum' ? 'missing' : kind, `it cannot be read (${tag.failed})`)
    else if (!expected.has(file)) tell(commitRecordFile, 'manifest', `it does not name ${file}`)
    else if (sha256Of(tag.bytes) !== expected.get(file))
      tell(file, kind, 'its SHA-256 is not the one in the commit record')
    else texts.set(file, tag.bytes.toString())
  }
  checkRecordText(set, texts.get(recordFile), tell)
  return { problems, manifest: manifestOf(texts.get(manifestFile), tell) }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

type Tell = (file: string, kind: SetProblem['kind'], message: string) => void

function checkRecordText(set: BackupSet, text: string | undefined, tell: Tell): void {
  if (text === undefined) return
  const record = parseRecord(text, set.id)
  if ('problem' in record) tell(recordFile, 'record', record.problem)
}

function manifestOf(text: string | undefined, tell: Tell): ManifestLine[] | null {
  if (text === undefined) return null
  const lines = parseManifest(text)
  if ('problem' in lines) {
    tell(manifestFile, 'manifest', lines.problem)
    return null
  }
  const outside = lines.find(({ path }) => !path.startsWith('data/'))
  if (!outside) return lines
  tell(manifestFile, 'manifest', `it names ${outside.path}, which is not a payload file`)
  return null
}

async function readTag(set: BackupSet, file: string): Promise<{ bytes: Buffer } | { failed: string }> {
  try {
    return { bytes: await readSmallFile(join(set.path, file), mostManifestBytes) }
  } catch (thrown) {
    const problem = fileProblem(thrown, join(set.path, file), 'Reading')
    if (problem.code === 'file-busy' || problem.code === 'file-denied') throw problem
    return { failed: systemCode(thrown) ?? problem.message }
  }
}
