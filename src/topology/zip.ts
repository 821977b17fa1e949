import { crc32 } from 'node:zlib'
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl'
import { Problem } from '../base/problem.ts'
import { tooLarge } from './xml.ts'

/** Bytes of an unpacked document that are still read; a real one has a few megabytes. */
export const maximumDocument = 512 * 1024 * 1024
const maximumEntries = 1000

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)
}

/**
 * The bytes of `DocItemSet.xml` of an export, piece by piece, while it is unpacked. Throws a Problem for an archive
 * that is damaged, encrypted, larger than any export, or no configuration export.
 */
export async function* unpackDocItemSet(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  const zip = await fromBufferPromise(bytes, { lazyEntries: true }).catch((thrown: unknown) => {
    throw damaged(thrown)
  })
  const entry = await findDocItemSet(zip)
  let crc = 0
  let size = 0
  for await (const piece of open(zip, entry)) {
    size += piece.length
    if (size > maximumDocument) throw tooLarge(`more than ${maximumDocument / 1024 / 1024} MiB when unpacked`)
    crc = crc32(piece, crc)
    yield piece
  }
  if (crc !== entry.crc32) throw damaged(new Error('the checksum of DocItemSet.xml is wrong'))
}

async function findDocItemSet(zip: ZipFile): Promise<Entry> {
  if (zip.entryCount > maximumEntries) throw tooLarge(`${zip.entryCount} files`)
  const found: Entry[] = []
  try {
    for await (const entry of zip.eachEntry()) if (entry.fileName.toLowerCase() === 'docitemset.xml') found.push(entry)
  } catch (thrown) {
    throw damaged(thrown)
  }
  const [entry, second] = found
  if (entry && !second) return entry
  throw new Problem('topology-not-found', {
    message: `The ZIP file has ${entry ? 'more than one' : 'no'} DocItemSet.xml at its root, so it is not a configuration export.`,
    hint: 'Use the file that Export-CsConfiguration -FileName <file> writes.',
  })
}

async function* open(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  if (entry.uncompressedSize > maximumDocument)
    throw tooLarge(`more than ${maximumDocument / 1024 / 1024} MiB when unpacked`)
  if (!entry.canDecodeFileData()) throw damaged(new Error('DocItemSet.xml is encrypted or packed in an unknown way'))
  try {
    for await (const piece of await zip.openReadStreamPromise(entry)) yield piece as Buffer
  } catch (thrown) {
    throw damaged(thrown)
  }
}

function damaged(thrown: unknown): Problem {
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  return new Problem('topology-zip-damaged', {
    message: `The ZIP file cannot be unpacked: ${why}.`,
    hint: 'It may have been truncated while it was copied. Copy it again, or run Export-CsConfiguration again.',
    cause: thrown,
  })
}
