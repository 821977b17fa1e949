import { deflateRawSync } from 'node:zlib'
import {
  align,
  descriptorBlock,
  filemarkBytes,
  headerBytes,
  logicalBlock,
  padding,
  stream,
  streamChecksum,
  streamChecksummed,
  streamHeader,
  streamHeaderBytes,
  tapeDate,
  type Text,
} from './blocks.ts'
import { pageBytes, pageCount, pagesOf } from './pages.ts'
import { compressedMagic, type SetFacts } from './set-facts.ts'

const vendor = 4608
/** Pages that are made and written at a time. */
export const pagesAtOnce = 16

const text = (value: string | null): Buffer => Buffer.from(value ?? '', 'utf16le')

/** What stands at the head of a file: the medium and a filemark. 8 KiB. */
export function mediaHeader(media: { guid: string; date: Date; compressed: boolean }): Buffer {
  const medium = media.compressed ? compressedMedium() : tapeBlock(media)
  return Buffer.concat([medium, filemark(medium.length, [])])
}

function tapeBlock(media: { guid: string; date: Date }): Buffer {
  const fields = Buffer.alloc(94 - headerBytes)
  const set = (at: number): number => at - headerBytes
  fields.writeUInt32LE(Number.parseInt(media.guid.slice(0, 8), 16), set(52))
  fields.writeUInt32LE(5, set(56))
  fields.writeUInt16LE(1, set(60))
  fields.writeUInt16LE(filemarkBytes / 512, set(64))
  fields.writeUInt16LE(3, set(66))
  fields.writeUInt16LE(logicalBlock, set(84))
  fields.writeUInt16LE(vendor, set(86))
  tapeDate(media.date).copy(fields, set(88))
  fields.writeUInt8(1, set(93))
  const block = descriptorBlock('TAPE', {
    attributes: 0x30000,
    address: 0,
    number: 0,
    fields,
    texts: [{ at: 80, bytes: text('Microsoft SQL Server\0\0') }],
  })
  const identity = stream('RAID', Buffer.from(media.guid.replaceAll('-', '').repeat(2), 'hex'))
  const used = block.length + identity.length
  return Buffer.concat([block, identity, padding(used, 'SPAD', filemarkBytes)])
}

/** Compressed media carry no TAPE block. Only the head of this format is known from outside. */
function compressedMedium(): Buffer {
  const medium = Buffer.alloc(filemarkBytes)
  medium.write('MSSQLBAK', 0, 'latin1')
  medium.writeUInt16LE(2, 8)
  medium.writeUInt32LE(3, 12)
  medium.fill(0xff, 16, 24)
  return medium
}

/** A soft filemark with the places of the ones before it, in units of 512 bytes. */
function filemark(at: number, previous: readonly number[]): Buffer {
  const fields = Buffer.alloc(filemarkBytes - headerBytes)
  fields.writeUInt32LE((filemarkBytes - headerBytes - 8) / 4, 0)
  fields.writeUInt32LE(previous.length, 4)
  previous.forEach((place, index) => fields.writeUInt32LE(place / 512, 8 + index * 4))
  return descriptorBlock('SFMB', { address: at / logicalBlock, number: 0, fields }).subarray(0, filemarkBytes)
}

/**
 * One backup set from its SSET to the filemark behind its ESET, in pieces. `at`: where it will stand in the file (a
 * multiple of the logical block). `onPages` learns how many pages were made so far.
 */
export function* setPieces(facts: SetFacts, at: number): Generator<{ bytes: Buffer; pages: number }> {
  let place = at
  let pages = 0
  const body = facts.compressed ? compressed(setBody(facts, at)) : setBody(facts, at)
  for (const piece of body) {
    place += piece.bytes.length
    pages = piece.pages
    yield piece
  }
  const gap = Buffer.alloc(align(place, logicalBlock) - place)
  const firstMark = place + gap.length
  yield {
    bytes: Buffer.concat([gap, filemark(firstMark, [4096]), endOfSet(facts, at, firstMark + filemarkBytes)]),
    pages,
  }
  yield { bytes: filemark(firstMark + filemarkBytes + logicalBlock, [4096, firstMark]), pages }
}

function* compressed(pieces: Iterable<{ bytes: Buffer; pages: number }>): Generator<{ bytes: Buffer; pages: number }> {
  for (const { bytes, pages } of pieces) {
    const packed = deflateRawSync(bytes, { level: 1 })
    const head = Buffer.alloc(12)
    head.writeUInt16LE(compressedMagic, 0)
    head.writeUInt16LE(head.length, 2)
    head.writeUInt32LE(packed.length, 4)
    head.writeUInt32LE(bytes.length, 8)
    yield { bytes: Buffer.concat([head, packed]), pages }
  }
}

function* setBody(facts: SetFacts, at: number): Generator<{ bytes: Buffer; pages: number }> {
  const head = Buffer.concat([startOfSet(facts, at), volume(facts, at), configuration(facts, at)])
  const total = pageCount(facts.sizeBytes)
  // The data begin at a page boundary of the file, behind two bytes of their own.
  const data = descriptorBlock('MSDA', {
    address: (head.length / logicalBlock) | 0,
    number: 4,
    fields: Buffer.alloc(4),
  })
  const before = at + head.length + data.length + streamHeaderBytes
  const gap = align(before + streamHeaderBytes + 2, pageBytes) - before - streamHeaderBytes - 2
  const lead = Buffer.concat([
    head,
    data,
    streamHeader('APAD', gap),
    Buffer.alloc(gap),
    streamHeader('MQDA', total * pageBytes + 2, facts.checksums ? streamChecksummed : 0),
    Buffer.alloc(2),
  ])
  yield { bytes: lead, pages: 0 }
  let sum = 0
  for (let page = 0; page < total; page += pagesAtOnce) {
    const bytes = pagesOf(facts, page, Math.min(page + pagesAtOnce, total))
    sum = streamChecksum(bytes, sum)
    yield { bytes, pages: Math.min(page + pagesAtOnce, total) }
  }
  const end = at + lead.length + total * pageBytes
  yield { bytes: Buffer.concat([tail(facts, end, sum), log(at, end)]), pages: total }
}

/** What follows the pages: their checksum where there is one, then padding to the next block. */
function tail(facts: SetFacts, end: number, sum: number): Buffer {
  const fill = Buffer.alloc(align(end, 4) - end)
  const value = Buffer.alloc(4)
  value.writeInt32LE(sum)
  const checked = facts.checksums ? stream('CSUM', value) : Buffer.alloc(0)
  return Buffer.concat([fill, checked, padding(end + fill.length + checked.length)])
}

/** The part of the transaction log that makes the pages consistent: two pages. */
function log(at: number, end: number): Buffer {
  const block = descriptorBlock('MSTL', {
    address: Math.floor((end - at) / logicalBlock),
    number: 5,
    fields: Buffer.alloc(4),
  })
  const records = stream('MQTL', Buffer.alloc(2 * pageBytes, 0x1f))
  return Buffer.concat([block, records, padding(block.length + records.length)])
}

function startOfSet(facts: SetFacts, at: number): Buffer {
  const fields = Buffer.alloc(98 - headerBytes)
  const set = (place: number): number => place - headerBytes
  fields.writeUInt32LE(facts.copyOnly ? 2 : 4, set(52))
  fields.writeUInt16LE(vendor, set(60))
  fields.writeUInt16LE(facts.position, set(62))
  fields.writeBigUInt64LE(BigInt(at / 512), set(80))
  tapeDate(new Date(facts.startedAt)).copy(fields, set(88))
  fields.writeUInt8(facts.software.major, set(93))
  fields.writeUInt8(facts.software.minor, set(94))
  fields.writeInt8(Math.round(facts.utcOffsetMinutes / 15), set(95))
  const texts: Text[] = [
    { at: 64, bytes: text(facts.backupName) },
    { at: 68, bytes: text(facts.description) },
    { at: 76, bytes: text(facts.user) },
  ]
  return padded(descriptorBlock('SSET', { address: 0, number: 1, fields, texts }))
}

function volume(facts: SetFacts, at: number): Buffer {
  const fields = Buffer.alloc(73 - headerBytes)
  tapeDate(new Date(facts.startedAt)).copy(fields, 68 - headerBytes)
  const texts: Text[] = [
    { at: 56, bytes: text(facts.server) },
    { at: 60, bytes: text(facts.name) },
    { at: 64, bytes: text(facts.machine) },
  ]
  return padded(descriptorBlock('VOLB', { address: at === 0 ? 0 : 1, number: 2, fields, texts }))
}

/** SQL Server's own description of what was backed up: markers and names, then all facts of the set. */
function configuration(facts: SetFacts, at: number): Buffer {
  const fixed = Buffer.alloc(0x9d8 - 0x4e)
  fixed.write('SCIN', 2, 'latin1')
  fixed.write('SFGI', 0x200, 'latin1')
  fixed.write('SFIN', 0x400, 'latin1')
  const names = text([facts.name, facts.server, facts.machine].map((name) => `${name}\0`).join(''))
  const block = descriptorBlock('MSCI', { address: at === 0 ? 0 : 2, number: 3, fields: Buffer.alloc(4) })
  return padded(
    Buffer.concat([
      block,
      stream('MQCI', Buffer.concat([fixed, names])),
      stream('LABF', Buffer.from(JSON.stringify(facts))),
    ]),
  )
}

function endOfSet(facts: SetFacts, at: number, place: number): Buffer {
  const fields = Buffer.alloc(85 - headerBytes)
  fields.writeUInt16LE(1, 76 - headerBytes)
  fields.writeUInt16LE(facts.position, 78 - headerBytes)
  tapeDate(new Date(facts.finishedAt)).copy(fields, 80 - headerBytes)
  return padded(descriptorBlock('ESET', { address: (place - at) / logicalBlock, number: 6, fields }))
}

function padded(block: Buffer): Buffer {
  return Buffer.concat([block, padding(block.length)])
}
