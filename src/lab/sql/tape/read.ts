import { inflateRawSync } from 'node:zlib'
import { EngineError } from '../errors.ts'
import {
  align,
  checksum,
  dateFromTape,
  filemarkBytes,
  headerBytes,
  logicalBlock,
  streamChecksum,
  streamHeaderBytes,
} from './blocks.ts'
import { damagedPage } from './pages.ts'
import { compressedMagic, type SetFacts } from './set-facts.ts'

/** A set as found in a file. */
export interface FoundSet {
  position: number
  facts: SetFacts
  /** Its end was found. */
  complete: boolean
  /** Something in it does not fit its checksum, with the page where that can be told. */
  damage: { page: number | null } | null
  bytes: number
}

export interface Medium {
  compressed: boolean
  sets: FoundSet[]
}

interface Stream {
  id: string
  data: Buffer
  cut: boolean
}

interface Block {
  type: string
  /** All of it up to the streams. */
  head: Buffer
  streams: Stream[]
  end: number
  intact: boolean
}

/** Reads the medium and all its sets. Throws 3254 (empty) or 3241 (no medium that SQL Server knows). */
export function readMedium(file: Buffer, path: string): Medium {
  if (file.length === 0) throw new EngineError(3254, path)
  const compressed = file.subarray(0, 8).toString('latin1') === 'MSSQLBAK'
  const tape = compressed ? null : readBlock(file, 0)
  if (!compressed && (tape?.type !== 'TAPE' || !tape.intact || tape.end > file.length))
    throw new EngineError(3241, path)
  const sets: FoundSet[] = []
  for (let at = 2 * filemarkBytes; at < file.length;) {
    const found = compressed ? readCompressedSet(file, at) : readSet(file, at)
    if (!found) break
    if (found.set) sets.push({ ...found.set, position: sets.length + 1 })
    at = found.end
  }
  return { compressed, sets }
}

type Found = { set: Omit<FoundSet, 'position'> | null; end: number } | null

/** A set from its SSET to behind its ESET and filemark. */
function readSet(file: Buffer, start: number): Found {
  let facts: SetFacts | null = null
  let damage: FoundSet['damage'] = null
  for (let at = start; at + headerBytes <= file.length;) {
    const block = readBlock(file, at)
    if (!block || (at === start && block.type !== 'SSET'))
      return found(facts, false, { page: null }, start, file.length)
    if (!block.intact) damage ??= { page: null }
    facts ??= factsIn(block)
    damage ??= damageIn(block)
    if (block.end > file.length) return found(facts, false, damage, start, file.length)
    at = block.end
    if (block.type === 'ESET')
      return found(facts && { ...facts, finishedAt: endDate(block) }, true, damage, start, at + filemarkBytes)
  }
  return found(facts, false, damage, start, file.length)
}

function found(
  facts: SetFacts | null,
  complete: boolean,
  damage: FoundSet['damage'],
  start: number,
  end: number,
): Found {
  return facts ? { set: { facts, complete, damage, bytes: end - start }, end } : null
}

function readCompressedSet(file: Buffer, start: number): Found {
  const pieces: Buffer[] = []
  let at = start
  let damage: FoundSet['damage'] = null
  while (at + 12 <= file.length && file.readUInt16LE(at) === compressedMagic) {
    const end = at + 12 + file.readUInt32LE(at + 4)
    if (end > file.length) break
    try {
      pieces.push(inflateRawSync(file.subarray(at + 12, end)))
    } catch {
      damage = { page: null }
      pieces.push(Buffer.alloc(file.readUInt32LE(at + 8)))
    }
    at = end
  }
  if (pieces.length === 0) return null
  const mark = align(at, logicalBlock)
  const ending = readBlock(file, mark + filemarkBytes)
  const complete = ending?.type === 'ESET' && ending.intact
  const inner = readSet(Buffer.concat([...pieces]), 0)
  if (!inner?.set) return null
  const facts = complete ? { ...inner.set.facts, finishedAt: endDate(ending) } : inner.set.facts
  const set = { facts, complete, damage: damage ?? inner.set.damage, bytes: at - start }
  return { set, end: complete ? mark + 2 * filemarkBytes + logicalBlock : file.length }
}

/** One descriptor block with its streams. Null: nothing that looks like one stands here. */
function readBlock(file: Buffer, at: number): Block | null {
  if (at + headerBytes > file.length) return null
  const header = file.subarray(at, at + headerBytes)
  const type = header.subarray(0, 4).toString('latin1')
  if (!/^[A-Z]{4}$/.test(type)) return null
  const intact = checksum(header.subarray(0, 50)) === header.readUInt16LE(50)
  const head = file.subarray(at, at + header.readUInt16LE(8))
  if (type === 'SFMB') return { type, head, streams: [], end: at + filemarkBytes, intact }
  const streams: Stream[] = []
  let place = at + header.readUInt16LE(8)
  for (;;) {
    if (place + streamHeaderBytes > file.length) return { type, head, streams, end: file.length + 1, intact }
    const lead = file.subarray(place, place + streamHeaderBytes)
    if (checksum(lead.subarray(0, 20)) !== lead.readUInt16LE(20))
      return { type, head, streams, end: file.length + 1, intact: false }
    const id = lead.subarray(0, 4).toString('latin1')
    const length = Number(lead.readBigUInt64LE(8))
    const data = file.subarray(place + streamHeaderBytes, place + streamHeaderBytes + length)
    streams.push({ id, data, cut: data.length < length })
    place += align(streamHeaderBytes + length, 4)
    if (id === 'SPAD') return { type, head, streams, end: place, intact }
    if (data.length < length) return { type, head, streams, end: file.length + 1, intact }
  }
}

/** The date in an ESET block. */
function endDate(block: Block): string {
  return dateFromTape(block.head.subarray(80, 85)).toISOString()
}

function factsIn(block: Block): SetFacts | null {
  const stream = block.streams.find(({ id }) => id === 'LABF')
  try {
    return stream ? (JSON.parse(stream.data.toString()) as SetFacts) : null
  } catch {
    return null
  }
}

/** Pages and the checksum over all of them. A page that is not whole counts as cut, not as damaged. */
function damageIn(block: Block): FoundSet['damage'] {
  const data = block.streams.find(({ id }) => id === 'MQDA')
  if (!data) return null
  const pages = data.data.subarray(2)
  const page = damagedPage(pages)
  if (page !== null) return { page }
  const sum = block.streams.find(({ id }) => id === 'CSUM')
  return sum && !data.cut && sum.data.readInt32LE() !== streamChecksum(pages) ? { page: null } : null
}
