import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connect, factsOf, start } from './support.ts'

// A small reader of its own, written from "Microsoft Tape Format Specification", version 1.00a: section 5 (descriptor
// blocks) and section 6 (data streams). It shares nothing with the writer.

interface Block {
  type: string
  at: number
  streams: { id: string; at: number; length: number }[]
  text(place: number): string
}

function xor(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum ^= bytes.readUInt16LE(at)
  return sum
}

function walk(file: Buffer): Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < file.length;) {
    const start = at
    const type = file.toString('latin1', at, at + 4)
    expect(at % 512, `${type} stands at a physical block`).toBe(0)
    expect(xor(file.subarray(at, at + 50)), `checksum of ${type}`).toBe(file.readUInt16LE(at + 50))
    const text = (place: number): string => {
      const [size, offset] = [file.readUInt16LE(start + place), file.readUInt16LE(start + place + 2)]
      return file.toString('utf16le', start + offset, start + offset + size)
    }
    const block: Block = { type, at, streams: [], text }
    blocks.push(block)
    if (type === 'SFMB') {
      at += file.readUInt16LE(64) * 512
      continue
    }
    let place = at + file.readUInt16LE(at + 8)
    for (let id = ''; id !== 'SPAD';) {
      expect(place % 4, `a stream of ${type} is aligned`).toBe(0)
      expect(xor(file.subarray(place, place + 20))).toBe(file.readUInt16LE(place + 20))
      id = file.toString('latin1', place, place + 4)
      const length = Number(file.readBigUInt64LE(place + 8))
      block.streams.push({ id, at: place + 22, length })
      place += 22 + length
      place += (4 - (place % 4)) % 4
    }
    at = place
  }
  return blocks
}

async function written(options: string, more = ''): Promise<Buffer> {
  const { port, folder } = await start(factsOf())
  const pool = await connect(port)
  await pool.request().query(`BACKUP DATABASE LcsCDR TO DISK = N'\\\\b\\s\\a.bak' WITH ${options}`)
  if (more !== '') await pool.request().query(`BACKUP DATABASE LcsCDR TO DISK = N'\\\\b\\s\\a.bak' WITH ${more}`)
  return readFile(join(folder, 'a.bak'))
}

describe('a backup file', () => {
  test('is a medium, a data set between filemarks, and its end', async () => {
    const file = await written("CHECKSUM, COPY_ONLY, NAME = N'nightly'")
    const blocks = walk(file)
    expect(blocks.map(({ type }) => type)).toEqual([
      'TAPE',
      'SFMB',
      'SSET',
      'VOLB',
      'MSCI',
      'MSDA',
      'MSTL',
      'SFMB',
      'ESET',
      'SFMB',
    ])
    const [tape, , set, volume] = blocks as [Block, Block, Block, Block]
    expect(tape.text(80)).toBe('Microsoft SQL Server\0\0')
    expect(file.readUInt8(93)).toBe(1)
    expect(file.readUInt16LE(84)).toBe(1024)
    expect(set.text(64)).toBe('nightly')
    expect(set.text(76)).toBe('backup')
    expect(volume.text(64)).toBe('SQL01')
    expect(blocks.every(({ at }) => at % 1024 === 0)).toBe(true)
  })

  test('holds the pages of the database where a page begins', async () => {
    const file = await written('CHECKSUM')
    const data = walk(file).find(({ type }) => type === 'MSDA')?.streams
    expect(data?.map(({ id }) => id)).toEqual(['APAD', 'MQDA', 'CSUM', 'SPAD'])
    const pages = data?.[1]
    expect(pages?.length).toBe(2 + 128 * 8192)
    expect(((pages?.at ?? 0) + 2) % 8192).toBe(0)
    expect(file.readUInt32LE((pages?.at ?? 0) + 2 + 5 * 8192 + 32)).toBe(5)
    let sum = 0
    for (let at = 0; at < 128 * 8192; at += 4) sum ^= file.readInt32LE((pages?.at ?? 0) + 2 + at)
    expect(file.readInt32LE(data?.[2]?.at ?? 0)).toBe(sum)
  })

  test('without CHECKSUM has no checksum of its data', async () => {
    const data = walk(await written('NO_CHECKSUM')).find(({ type }) => type === 'MSDA')
    expect(data?.streams.map(({ id }) => id)).toEqual(['APAD', 'MQDA', 'SPAD'])
  })

  test('numbers the data sets that are appended', async () => {
    const file = await written('INIT', 'NOINIT')
    const sets = walk(file).filter(({ type }) => type === 'SSET')
    expect(sets.map(({ at }) => file.readUInt16LE(at + 62))).toEqual([1, 2])
  })

  test('begins otherwise when it is compressed', async () => {
    expect((await written('COMPRESSION')).toString('latin1', 0, 8)).toBe('MSSQLBAK')
  })
})
