import { readBuilderFile } from './builder-file.ts'
import { createCarrierReader, type Carrier } from './carrier.ts'
import { createDecoder } from './decode.ts'
import type { TopologyDocument } from './document.ts'
import { readPublished } from './published.ts'
import { tooLarge, type Element } from './xml.ts'
import { isZip, maximumDocument, unpackDocItemSet } from './zip.ts'

const pieceLength = 256 * 1024

/**
 * The bytes of any carrier -> the topology in it. Throws a Problem (`topology-...`) for whatever is none. Memory grows
 * with what is below the topology, not with the document.
 */
export async function readTopology(bytes: Uint8Array): Promise<TopologyDocument> {
  if (bytes.length > maximumDocument) throw tooLarge(`more than ${maximumDocument / 1024 / 1024} MiB`)
  const reader = createCarrierReader()
  const decoder = createDecoder()
  for await (const piece of isZip(bytes) ? unpackDocItemSet(bytes) : pieces(bytes)) reader.write(decoder.write(piece))
  reader.write(decoder.end())
  const { carrier, root } = reader.end()
  return documentOf(carrier, root)
}

function documentOf(carrier: Carrier, root: Element): TopologyDocument {
  return carrier === 'builder-file' ? readBuilderFile(root) : readPublished(root, carrier)
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceLength) yield bytes.subarray(start, start + pieceLength)
}
