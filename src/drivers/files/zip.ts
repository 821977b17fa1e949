import { close } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { fromFd, type Entry, type ZipFile } from 'yauzl'
import { openPlainDescriptor } from './small-file.ts'

/** Looks at the content of one entry as it streams by; gives what is wrong with it, or null. */
export interface EntryCheck {
  write(chunk: Buffer): void
  end(): string | null
}

/** More than this is not an export of Lync but a bomb. */
const limits = { entries: 200_000, bytes: 1024 ** 4, ratio: 5000 }

/**
 * Reads a whole ZIP file, streaming: its directory, the size and the CRC of every entry, and what `inspect` says of an
 * entry's content. `problem`: the first thing that is wrong, or null; never throws for what the file holds.
 */
export async function checkZip(
  path: string,
  options: { inspect?: (name: string) => EntryCheck | null; signal?: AbortSignal } = {},
): Promise<{ entries: string[]; problem: string | null }> {
  const entries: string[] = []
  try {
    const zip = await openFile(path)
    let total = 0
    try {
      for await (const entry of zip.eachEntry()) {
        options.signal?.throwIfAborted()
        const name = entry.fileName
        entries.push(name)
        total += entry.uncompressedSize
        const problem =
          limitOf(entry, entries.length, total) ?? (await readEntry(zip, entry, options.inspect?.(name) ?? null))
        if (problem !== null) return { entries, problem: `${name}: ${problem}` }
      }
    } finally {
      zip.close()
    }
    return { entries, problem: null }
  } catch (thrown) {
    options.signal?.throwIfAborted()
    return { entries, problem: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

/** Whoever closes it closes the file, once nothing reads it any more. */
async function openFile(path: string): Promise<ZipFile> {
  const descriptor = await openPlainDescriptor(path)
  return new Promise((resolve, reject) => {
    fromFd(descriptor, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, zip) => {
      if (error) {
        close(descriptor, () => {})
        reject(error)
      } else resolve(zip)
    })
  })
}

function limitOf(entry: Entry, count: number, total: number): string | null {
  if (count > limits.entries) return 'the file has too many entries'
  if (total > limits.bytes) return 'the file unpacks to too much'
  if (entry.uncompressedSize > limits.ratio * Math.max(entry.compressedSize, 1024))
    return 'unpacks to a suspicious size'
  return entry.isEncrypted() ? 'is encrypted' : null
}

async function readEntry(zip: ZipFile, entry: Entry, check: EntryCheck | null): Promise<string | null> {
  if (entry.fileName.endsWith('/')) return null
  const stream = await zip.openReadStreamPromise(entry)
  let sum = 0
  await pipeline(stream, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      sum = crc32(chunk, sum)
      check?.write(chunk)
    }
  })
  if (sum !== entry.crc32) return 'its checksum (CRC) is wrong'
  return check?.end() ?? null
}
