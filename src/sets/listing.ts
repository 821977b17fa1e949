import { createHash } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import { timeOf, type Time } from '../base/time.ts'
import type { CopiedEntry } from '../drivers/files/copy.ts'
import { LineTooLong, linesOf } from '../drivers/files/lines.ts'
import type { ManifestEntry } from './manifest.ts'

/** The first line of the listing of a copied file store (docs/backup-set-format.md), with its line end. */
export function listingHead(root: string, at: Time): string {
  return `${JSON.stringify({ type: 'listing', format: 'holdfast/file-store-listing/v1', root, at })}\n`
}

/** A further line, without its line end; they are sorted by name. Original names, time stamps, attributes, and reasons. */
export function listingLine(entry: CopiedEntry): string {
  switch (entry.type) {
    case 'file':
      return JSON.stringify(fileLine(entry))
    case 'folder':
      return JSON.stringify(folderLine(entry))
    case 'skipped':
      return JSON.stringify({ type: 'skipped', name: entry.name, notTaken: entry.reason, reason: entry.why })
  }
}

/**
 * The files of a payload that a listing names, below `folder`, and last the listing itself. It is read at each turn, so
 * that a million files are never in memory together. Throws Problem `file-...`; `file-not-kept` where the listing is not
 * what was written.
 */
export function filesOfListing(file: string, folder: string, listing: ManifestEntry): AsyncIterable<ManifestEntry> {
  return {
    async *[Symbol.asyncIterator]() {
      const digest = createHash('sha256')
      try {
        for await (const lines of linesOf(file, (chunk) => digest.update(chunk)))
          for (const line of lines) {
            const entry = JSON.parse(line) as { type: string } & ManifestEntry
            if (entry.type !== 'file') continue
            yield { path: `${folder}/${entry.path}`, bytes: entry.bytes, sha256: entry.sha256 }
          }
      } catch (thrown) {
        throw thrown instanceof SyntaxError || thrown instanceof LineTooLong ? notKept(file) : thrown
      }
      if (digest.digest('hex') !== listing.sha256) throw notKept(file)
      yield listing
    },
  }
}

function notKept(file: string): Problem {
  return new Problem('file-not-kept', {
    subject: file,
    message: `${file} is not what was written there in this run.`,
    hint: 'Somebody changed it, or the share lost what it had acknowledged. The next run writes a new set.',
  })
}

function fileLine(file: Extract<CopiedEntry, { type: 'file' }>): object {
  return {
    type: 'file',
    name: file.name,
    path: file.path,
    bytes: file.bytes,
    sha256: file.sha256,
    modifiedAt: timeOrNull(file.modifiedMs),
    createdAt: timeOrNull(file.createdMs),
    readOnly: file.readOnly,
    ...(file.changed ? { changed: true } : {}),
    ...(file.rawName === null ? {} : { nameBytes: Buffer.from(file.rawName).toString('hex') }),
  }
}

function folderLine(folder: Extract<CopiedEntry, { type: 'folder' }>): object {
  const { name, path, modifiedMs, createdMs, readOnly, empty } = folder
  const times = { modifiedAt: timeOrNull(modifiedMs), createdAt: timeOrNull(createdMs) }
  return { type: 'folder', name, path, ...times, readOnly, empty }
}

function timeOrNull(milliseconds: number | null): Time | null {
  const whole = milliseconds === null ? Number.NaN : Math.round(milliseconds)
  return Number.isNaN(new Date(whole).getTime()) ? null : timeOf(whole)
}
