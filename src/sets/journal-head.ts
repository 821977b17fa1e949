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
  at: z.string(),
})

/** UNC path of the file, for people. */
export function headPath(share: string): string {
  return [share, journalFolder, headFile].join('\\')
}

/** The newest entry of the journal as the share knows it; null where it knows none. Throws `share-entry-odd`, or the system's own errors. */
export async function readHead(root: string): Promise<JournalHead | null> {
  const path = join(root, journalFolder, headFile)
  let text: string
  try {
    text = (await readSmallFile(path, mostLineBytes)).toString('utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw thrown
  }
  try {
    const { sequence, hash } = headSchema.parse(JSON.parse(text))
    return { sequence, hash }
  } catch {
    throw oddEntry(path, 'is not the head of a journal')
  }
}

export async function writeHead(root: string, { sequence, hash }: JournalHead, at: Time): Promise<void> {
  await makeFolder(join(root, journalFolder))
  const content = { format: 'holdfast/journal-head/v1', sequence, hash, at }
  await writeDurably(join(root, journalFolder, headFile), `${JSON.stringify(content)}\n`)
}
