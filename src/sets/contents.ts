import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../base/problem.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { directoryKey, type DirectoryObject } from '../domain/directory-differences.ts'
import type { DocumentElement } from '../domain/document-differences.ts'
import type { EnvironmentRecord } from '../domain/environment-record.ts'
import type { SetContents } from '../domain/set-differences.ts'
import { hashFile } from '../drivers/files/hash.ts'
import { linesOf } from '../drivers/files/lines.ts'
import { mostRecordBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { checkZip } from '../drivers/files/zip.ts'
import { checkRecords } from './check-records.ts'
import { readDocument } from './document.ts'
import { recordFile } from './manifest.ts'
import { parseRecord } from './record.ts'

const environmentFile = 'data/environment/environment.json'
const configurationFile = 'data/configuration/Config.zip'
const directoryFile = /^data\/directory\/[^/]+\.jsonl$/
const environmentSchema = z.record(z.string(), z.record(z.string(), z.string()))

export interface ReadContents extends SetContents {
  /** Lists of what the directory held, by file name; read by `objectsOf`. */
  directory: ReadonlyMap<string, ListedFile>
}

/** A file that the manifest vouches for. */
export interface ListedFile {
  /** Relative to the set. */
  file: string
  sha256: string
}

/**
 * What is compared of a set, from its share: nothing that its manifest does not vouch for. Throws Problem `set-damaged`,
 * `set-not-finished` and those of reading files.
 */
export async function readContents(set: BackupSet, signal: AbortSignal): Promise<ReadContents> {
  if (set.finishedAt === null)
    throw new Problem('set-not-finished', {
      subject: set.id,
      message: 'This set was never closed, so nothing says what it should hold.',
      hint: 'Choose a set that holdfast sets shows as complete or partial.',
    })
  const manifest = await checkRecords(set, (file, _kind, message) => {
    throw damaged(set, file, message)
  })
  const sums = new Map<string, string>()
  const directory = new Map<string, ListedFile>()
  if (manifest)
    for await (const { path, sha256 } of manifest.lines()) {
      if (path === environmentFile || path === configurationFile) sums.set(path, sha256)
      if (directoryFile.test(path)) directory.set(basename(path), { file: path, sha256 })
    }
  const record = parseRecord((await readSmallFile(join(set.path, recordFile), mostRecordBytes)).toString(), set.id)
  if ('problem' in record) throw damaged(set, recordFile, record.problem)
  for (const [file, sha256] of sums) {
    const found = await hashFile(join(set.path, file), signal)
    if (found.sha256 !== sha256) throw damaged(set, file, 'its SHA-256 is not the one in the manifest')
  }
  return {
    items: record.items as SetContents['items'],
    environment: sums.has(environmentFile) ? await readEnvironment(set) : null,
    configuration: sums.has(configurationFile) ? await readConfiguration(set, signal) : null,
    directory,
  }
}

/** The objects of a list, one after the other. Throws Problem `set-damaged` at its end where it is not what the manifest says. */
export async function* objectsOf(
  set: BackupSet,
  { file, sha256 }: ListedFile,
  signal: AbortSignal,
): AsyncGenerator<DirectoryObject> {
  const sum = createHash('sha256')
  for await (const lines of linesOf(join(set.path, file), (chunk) => sum.update(chunk))) {
    signal.throwIfAborted()
    for (const line of lines) {
      const properties = parseObject(line)
      if (properties === null) throw damaged(set, file, 'one of its lines is not an object')
      yield { key: directoryKey(properties, line), properties }
    }
  }
  if (sum.digest('hex') !== sha256) throw damaged(set, file, 'its SHA-256 is not the one in the manifest')
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(line))
  } catch {
    return null
  }
}

async function readEnvironment(set: BackupSet): Promise<EnvironmentRecord> {
  const text = (await readSmallFile(join(set.path, environmentFile), mostRecordBytes)).toString()
  try {
    return environmentSchema.parse(JSON.parse(text))
  } catch {
    throw damaged(set, environmentFile, 'it is not a record of an environment')
  }
}

async function readConfiguration(set: BackupSet, signal: AbortSignal): Promise<DocumentElement> {
  const children = new Map<string, DocumentElement>()
  const { problem } = await checkZip(join(set.path, configurationFile), {
    inspect: (name) => {
      // The list of content types belongs to the container.
      if (!/\.xml$/i.test(name) || name === '[Content_Types].xml') return null
      return readDocument((root) => children.set(name, root))
    },
    signal,
  })
  if (problem !== null) throw damaged(set, configurationFile, problem)
  return { attributes: new Map(), text: '', children }
}

function damaged({ id }: BackupSet, file: string, message: string): Problem {
  return new Problem('set-damaged', {
    subject: id,
    message: `${file}: ${message}.`,
    hint: `holdfast verify ${id} names everything that is wrong with the set. Compare with another one.`,
  })
}
