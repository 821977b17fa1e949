/**
 * Reads the outline of a `.bak` by Microsoft Tape Format Specification 1.00a: descriptor blocks (a header of 52 bytes,
 * summed up by XOR) followed by data streams (a header of 22 bytes). What SQL Server puts into the streams is not
 * published, so nothing is judged by it.
 */
import type { FileHandle } from 'node:fs/promises'
import { openPlainFile } from '../drivers/files/small-file.ts'

export interface Tape {
  /** `compressed`: a compressed SQL Server backup, which is not in tape format and whose layout is not published. */
  kind: 'tape' | 'compressed' | 'unknown'
  /** What wrote it, as it calls itself. */
  software: string | null
  /** Name of the first data set. */
  name: string | null
  /** Whether the data set has its end (ESET); null where the file does not show it. */
  complete: boolean | null
  /** What makes it useless, or null. */
  problem: string | null
  /** What is odd, but by no published rule wrong. */
  warnings: string[]
}

interface Block {
  type: string
  at: number
  /** The whole block as far as it was read. */
  bytes: Buffer
  firstStream: number
}

type Ending = { end: 'whole'; corrupt: number } | { end: 'cut'; why: string } | { end: 'lost' }

const headerBytes = 52
const streamHeaderBytes = 22
const blockBytes = 512
const variableLength = 0x0002
/** How far is looked for the next block, and for the end of the data set from the end of the file. */
const resyncBytes = 128 * 1024
const tailBytes = 4 * 1024 * 1024

/** Looks at a backup file without trusting it. Throws only when the file cannot be read. */
export async function readTape(path: string): Promise<Tape> {
  const { handle, size } = await openPlainFile(path, Number.MAX_SAFE_INTEGER)
  await using _closed = handle
  const head = await readAt(handle, 0, 4096)
  const magic = head.toString('latin1', 0, 8)
  const nothing = { software: null, name: null, complete: null, warnings: [] }
  if (size === 0) return { ...nothing, kind: 'unknown', problem: 'the file is empty' }
  if (magic === 'MSSQLBAK')
    return {
      ...nothing,
      kind: 'compressed',
      problem: null,
      warnings: ['a compressed backup does not show whether it is complete'],
    }
  const tape = blockOf(head, 0)
  if (tape?.type !== 'TAPE')
    return {
      ...nothing,
      kind: 'unknown',
      problem: 'it does not begin like a backup of SQL Server, or its header is damaged',
    }
  const walked = await walk(handle, size, tape)
  return judge(tape, walked.set, walked.ending.end === 'lost' ? await searchEnd(handle, size) : walked.ending)
}

function judge(tape: Block, set: Block | null, ending: Ending): Tape {
  const known = {
    kind: 'tape' as const,
    software: text(tape, 80),
    name: set && text(set, 64),
    warnings: [],
  }
  if (ending.end === 'cut') return { ...known, complete: false, problem: ending.why }
  if (ending.end === 'lost')
    return { ...known, complete: null, problem: null, warnings: ['no end of the data set was found'] }
  if (ending.corrupt === 0) return { ...known, complete: true, problem: null }
  return { ...known, complete: true, problem: `its writer counted ${ending.corrupt} corrupt files` }
}

/** From block to block until the end of the first data set. */
async function walk(handle: FileHandle, size: number, tape: Block): Promise<{ set: Block | null; ending: Ending }> {
  let set: Block | null = null
  let block = tape
  for (;;) {
    if (block.type === 'SSET') set ??= block
    if (block.type === 'ESET') return { set, ending: { end: 'whole', corrupt: block.bytes.readUInt32LE(56) } }
    const after = await passStreams(handle, size, block)
    if (typeof after !== 'number') return { set, ending: after }
    if (after >= size) return { set, ending: { end: 'cut', why: 'it ends before the end of its data set' } }
    const next = await nextBlock(handle, after)
    if (!next && after + blockBytes > size)
      return { set, ending: { end: 'cut', why: 'it ends in the middle of a block' } }
    if (!next) return { set, ending: { end: 'lost' } }
    block = next
  }
}

/** Where the streams of a block end. */
async function passStreams(handle: FileHandle, size: number, block: Block): Promise<number | Ending> {
  let at = block.at + Math.max(block.firstStream, headerBytes)
  for (;;) {
    const header = await readAt(handle, at, streamHeaderBytes)
    if (header.length < streamHeaderBytes || !isSummed(header, 20)) return at
    const length = header.readBigUInt64LE(8)
    const end = BigInt(at + streamHeaderBytes) + length
    if ((header.readUInt16LE(6) & variableLength) !== 0) return { end: 'lost' }
    if (end > BigInt(size))
      return { end: 'cut', why: `it ends in the middle of its data, at byte ${size} of at least ${end}` }
    at = Math.ceil(Number(end) / 4) * 4
    if (header.toString('latin1', 0, 4) === 'SPAD') return at
  }
}

/** The next block with a right checksum, at a multiple of 512 bytes. */
async function nextBlock(handle: FileHandle, from: number): Promise<Block | null> {
  const start = Math.ceil(from / blockBytes) * blockBytes
  const area = await readAt(handle, start, resyncBytes)
  for (let offset = 0; offset + headerBytes <= area.length; offset += blockBytes) {
    const block = blockOf(area.subarray(offset, offset + 4096), start + offset)
    if (block) return block
  }
  return null
}

/** Where the walk lost its way, the end of the data set is looked for from behind. */
async function searchEnd(handle: FileHandle, size: number): Promise<Ending> {
  const start = Math.max(0, Math.floor((size - tailBytes) / blockBytes) * blockBytes)
  const area = await readAt(handle, start, size - start)
  for (let offset = 0; offset + headerBytes <= area.length; offset += blockBytes) {
    const block = blockOf(area.subarray(offset, offset + 1024), start + offset)
    if (block?.type === 'ESET' && block.bytes.length >= 60)
      return { end: 'whole', corrupt: block.bytes.readUInt32LE(56) }
  }
  return { end: 'lost' }
}

function blockOf(bytes: Buffer, at: number): Block | null {
  if (bytes.length < headerBytes + 8 || !isSummed(bytes, 50)) return null
  const type = bytes.toString('latin1', 0, 4)
  return /^[A-Z][A-Z0-9]{3}$/.test(type) ? { type, at, bytes, firstStream: bytes.readUInt16LE(8) } : null
}

/** The word at `end` is the XOR of all words before it. A header of zeros is none. */
function isSummed(bytes: Buffer, end: number): boolean {
  let sum = 0
  let some = 0
  for (let offset = 0; offset < end; offset += 2) {
    sum ^= bytes.readUInt16LE(offset)
    some |= bytes.readUInt16LE(offset)
  }
  return some !== 0 && sum === bytes.readUInt16LE(end)
}

/** A string that the block's header points to: size and offset, two bytes each, at `at`. */
function text(block: Block, at: number): string | null {
  if (block.bytes.length < at + 4) return null
  const size = block.bytes.readUInt16LE(at)
  const from = block.bytes.readUInt16LE(at + 2)
  if (size === 0 || from + size > block.bytes.length) return null
  const wide = block.bytes.readUInt8(48) === 2
  return block.bytes.toString(wide ? 'utf16le' : 'latin1', from, from + size).replaceAll('\0', '')
}

async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, length))
  let done = 0
  while (done < buffer.length) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, at + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}
