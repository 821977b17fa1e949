import { join } from 'node:path'
import { Problem, toProblem } from '../base/problem.ts'
import type { ItemOutcome } from '../domain/backup-set.ts'
import { itemKey } from '../domain/subject.ts'
import type { SetId } from '../domain/words.ts'
import { settleFiles } from '../drivers/files/settle.ts'
import type { SortedLines } from '../drivers/files/sorted-lines.ts'
import { isSafePath, manifestLine, pathOfLine, type ManifestEntries, type ManifestEntry } from './manifest.ts'
import type { SetRecord } from './record.ts'
import { sweep } from './sweep.ts'

/** An item of a set that is being written, with its files. */
export interface Added {
  outcome: ItemOutcome
  files: ManifestEntries
}

/** Makes the payload durable. An item that did not keep what it wrote has failed; a required one without outcome, too. */
export async function settle(
  folder: string,
  { id, required }: SetRecord,
  added: ReadonlyMap<string, Added>,
): Promise<Added[]> {
  const failed = new Map<Added, Pick<ItemOutcome, 'code' | 'message'>>()
  async function* files(): AsyncGenerator<{ path: string; bytes: number; listed: string; of: Added }> {
    for (const of of added.values())
      try {
        for await (const { path, bytes } of filesOf(id, of)) yield { path: join(folder, path), bytes, listed: path, of }
      } catch (thrown) {
        const { code, message } = toProblem(thrown, of.outcome.subject)
        failed.set(of, { code, message })
      }
  }
  for await (const { of, listed, message } of settleFiles(files(), new AbortController().signal))
    if (!failed.has(of))
      failed.set(of, { code: 'file-not-kept', message: `${listed} was not kept by the share: it ${message}` })
  const settled = [...added.values()].map((one): Added => {
    const why = failed.get(one)
    return why ? { outcome: { ...one.outcome, outcome: 'failed', bytes: 0, ...why }, files: [] } : one
  })
  const missing = required.filter((item) => !added.has(itemKey(item)))
  return [
    ...settled,
    ...missing.map((item): Added => {
      const outcome = {
        ...item,
        path: 'data',
        outcome: 'failed',
        bytes: 0,
        code: 'unexpected',
        message: 'Nothing says how it ended.',
      } as const
      return { outcome, files: [] }
    }),
  ]
}

async function* filesOf(id: SetId, { files }: Added): AsyncGenerator<ManifestEntry> {
  for await (const file of files) {
    refuseUnsafe(id, file.path)
    yield file
  }
}

/** The lines of the manifest: what the items have, and what could not be deleted of the rest. Sets what each item weighs. */
export async function fillManifest(
  manifest: SortedLines,
  folder: string,
  id: SetId,
  settled: readonly Added[],
): Promise<{ bytes: number; files: number }> {
  const payload = { bytes: 0, files: 0 }
  const list = async (file: ManifestEntry): Promise<void> => {
    payload.bytes += file.bytes
    payload.files += 1
    await manifest.add(file.path, manifestLine(file))
  }
  for (const one of settled) {
    const before = payload.bytes
    for await (const file of filesOf(id, one)) await list(file)
    one.outcome = { ...one.outcome, bytes: payload.bytes - before }
  }
  for (const file of await sweep(folder, pathsOf(manifest))) await list(file)
  return payload
}

async function* pathsOf(manifest: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of manifest) yield pathOfLine(line)
}

/** Throws Problem `unexpected` for what is not the path of a payload file. */
export function refuseUnsafe(id: SetId, path: string): void {
  if (path.startsWith('data/') && isSafePath(path)) return
  throw new Problem('unexpected', {
    subject: id,
    message: `${JSON.stringify(path)} is not the path of a payload file.`,
  })
}
