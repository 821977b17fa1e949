import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { BackupSet, ItemOutcome } from '../domain/backup-set.ts'
import { LineTooLong, linesOf } from '../drivers/files/lines.ts'
import { listedBy } from './item-files.ts'
import { ManifestChanged } from './manifest-reading.ts'
import { isSafePath } from './manifest.ts'
import { provenManifest, setDamaged as damaged } from './proven.ts'

const time = z.iso.datetime().nullable()
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listing'), format: z.literal('holdfast/file-store-listing/v1') }),
  z.object({
    type: z.literal('file'),
    name: z.string(),
    path: z.string().refine(isSafePath),
    bytes: z.int().nonnegative(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    modifiedAt: time,
    readOnly: z.boolean(),
    nameBytes: z
      .string()
      .regex(/^(?:[0-9a-f]{2})+$/)
      .optional(),
  }),
  z.object({
    type: z.literal('folder'),
    name: z.string(),
    path: z.string().refine(isSafePath),
    modifiedAt: time,
    readOnly: z.boolean(),
  }),
  z.object({ type: z.literal('skipped'), name: z.string(), notTaken: z.string() }),
])

/** A line of a listing after the first. */
export type Listed = Exclude<z.infer<typeof line>, { type: 'listing' }>
export type ListedFile = Extract<Listed, { type: 'file' }>
export type ListedFolder = Extract<Listed, { type: 'folder' }>

/** The listing of a file store, which the manifest of its set proves. */
export interface ListingReading {
  files: number
  bytes: number
  /** In its order, read anew. Throws Problem `set-damaged` at the end when somebody changed it in between. */
  entries(): AsyncGenerator<Listed>
}

/**
 * Reads the listing of a file store once, whole, in constant memory: the commit record proves the manifest, the manifest
 * proves the listing. Throws Problem `set-damaged` where one of them does not fit, and `file-...`.
 */
export async function readListing(set: BackupSet, copy: ItemOutcome): Promise<ListingReading> {
  const { file, sha256 } = await provenListing(set, copy)
  const reading: ListingReading = { files: 0, bytes: 0, entries: () => entriesOf(set, file, sha256) }
  for await (const entry of reading.entries()) {
    if (entry.type !== 'file') continue
    reading.files += 1
    reading.bytes += entry.bytes
  }
  return reading
}

/** Absolute, and its SHA-256 as the manifest has it. */
async function provenListing(set: BackupSet, copy: ItemOutcome): Promise<{ file: string; sha256: string }> {
  const manifest = await provenManifest(set)
  let found: { file: string; sha256: string } | null = null
  try {
    for await (const { path, sha256 } of manifest.lines())
      if (path !== copy.path && listedBy(path) === copy.path) found = { file: join(set.path, path), sha256 }
  } catch (thrown) {
    throw thrown instanceof ManifestChanged ? damaged(set, 'somebody changes its manifest') : thrown
  }
  if (!found) throw damaged(set, `its manifest names no listing of ${copy.path}`)
  return found
}

async function* entriesOf(set: BackupSet, file: string, sha256: string): AsyncGenerator<Listed> {
  const digest = createHash('sha256')
  try {
    for await (const lines of linesOf(file, (chunk) => digest.update(chunk)))
      for (const text of lines) {
        const entry = line.parse(JSON.parse(text))
        if (entry.type !== 'listing') yield entry
      }
  } catch (thrown) {
    const isOdd = thrown instanceof SyntaxError || thrown instanceof LineTooLong || thrown instanceof z.ZodError
    throw isOdd ? damaged(set, `${file} is not the listing of a file store`) : thrown
  }
  if (digest.digest('hex') !== sha256) throw damaged(set, `the SHA-256 of ${file} is not the one in the manifest`)
}
