import { join } from 'node:path'
import { z } from 'zod'
import { systemCode } from '../base/problem.ts'
import type { Time } from '../base/time.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { makeFolder } from '../drivers/files/folder.ts'
import { oddEntry } from '../drivers/files/problem.ts'
import { mostLineBytes, readSmallFile } from '../drivers/files/small-file.ts'

/** Where a location keeps what it knows of the journal. */
export const journalFolder = 'journal'
const headFile = 'head.json'

const headSchema = z.object({
  format: z.literal('holdfast/journal-head/v1'),
  sequence: z.int().nonnegative(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  chain: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  at: z.string(),
})

export interface HeadOnShare extends JournalHead {
  /** What the segments of this journal are named by; null: it is empty, or an older version wrote it and kept none. */
  chain: string | null
}

/** UNC path of the file, for people. */
export function headPath(share: string): string {
  return [share, journalFolder, headFile].join('\\')
}

/** The newest entry of the journal as the share knows it; null where it knows none. Throws `share-entry-odd`, or the system's own errors. */
export async function readHead(root: string): Promise<HeadOnShare | null> {
  const path = join(root, journalFolder, headFile)
  let text: string
  try {
    text = (await readSmallFile(path, mostLineBytes)).toString('utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw thrown
  }
  try {
    const { sequence, hash, chain = null } = headSchema.parse(JSON.parse(text))
    return { sequence, hash, chain }
  } catch {
    throw oddEntry(path, 'is not the head of a journal')
  }
}

export async function writeHead(root: string, { sequence, hash, chain }: HeadOnShare, at: Time): Promise<void> {
  await makeFolder(join(root, journalFolder))
  const content = { format: 'holdfast/journal-head/v1', sequence, hash, ...(chain === null ? {} : { chain }), at }
  await writeDurably(join(root, journalFolder, headFile), `${JSON.stringify(content)}\n`)
}
