import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTape } from '../../src/sets/tape.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-tape-'))

function file(content: Uint8Array): string {
  const path = join(folder, 'x.bak')
  writeFileSync(path, content)
  return path
}

/** The word at `end` becomes the XOR of all words before it. */
function sum(bytes: Buffer, end: number): Buffer {
  let value = 0
  for (let at = 0; at < end; at += 2) value ^= bytes.readUInt16LE(at)
  bytes.writeUInt16LE(value, end)
  return bytes
}

/** A descriptor block of 512 bytes without streams; strings are UTF-16 from byte 128 on, named at `at`. */
function block(type: string, text?: { at: number; value: string }, corrupt = 0): Buffer {
  const bytes = Buffer.alloc(512)
  bytes.write(type, 0, 'latin1')
  bytes.writeUInt16LE(256, 8)
  bytes.writeUInt8(2, 48)
  if (text) {
    bytes.writeUInt16LE(text.value.length * 2, text.at)
    bytes.writeUInt16LE(128, text.at + 2)
    bytes.write(text.value, 128, 'utf16le')
  }
  if (type === 'ESET') bytes.writeUInt32LE(corrupt, 56)
  sum(bytes, 50)
  stream('SPAD', 512 - 256 - 22, 0).copy(bytes, 256)
  return bytes
}

function stream(id: string, length: number, attributes: number): Buffer {
  const bytes = Buffer.alloc(22)
  bytes.write(id, 0, 'latin1')
  bytes.writeUInt16LE(attributes, 6)
  bytes.writeBigUInt64LE(BigInt(length), 8)
  return sum(bytes, 20)
}

/** A data block whose stream follows right behind the header, padded to 512 bytes. */
function data(length: number, attributes = 0): Buffer {
  const header = Buffer.alloc(52)
  header.write('MSDA', 0, 'latin1')
  header.writeUInt16LE(52, 8)
  sum(header, 50)
  const body = Buffer.concat([header, stream('MQDA', length, attributes), Buffer.alloc(length, 0x41)])
  const padded = Math.ceil((body.length + 24) / 512) * 512
  const start = Math.ceil(body.length / 4) * 4
  return Buffer.concat([
    body,
    Buffer.alloc(start - body.length),
    stream('SPAD', padded - start - 22, 0),
    Buffer.alloc(padded - start - 22),
  ])
}

const head = [block('TAPE', { at: 80, value: 'Microsoft SQL Server' }), block('SSET', { at: 64, value: 'holdfast 1' })]
const whole = Buffer.concat([...head, block('VOLB'), data(5001), block('ESET'), block('SFMB')])

test('a whole tape tells who wrote it and what it is called', async () => {
  expect(await readTape(file(whole))).toEqual({
    kind: 'tape',
    software: 'Microsoft SQL Server',
    name: 'holdfast 1',
    complete: true,
    problem: null,
    warnings: [],
  })
})

test.each([0, 1, 51, 511, 512, 1024, 1536, 1600, 4000, whole.length - 1600, whole.length - 1024 - 24])(
  'cut after %i bytes it is not whole',
  async (length) => {
    const tape = await readTape(file(whole.subarray(0, length)))
    expect(tape.complete).not.toBe(true)
    expect(tape.problem).not.toBeNull()
  },
)

test('a header with one wrong bit is no tape', async () => {
  const bytes = Buffer.from(whole)
  bytes.writeUInt8(bytes.readUInt8(20) ^ 4, 20)
  expect(await readTape(file(bytes))).toMatchObject({ kind: 'unknown', problem: expect.stringContaining('damaged') })
})

test('what the writer itself counted as corrupt is a problem', async () => {
  const bytes = Buffer.concat([...head, data(100), block('ESET', undefined, 3)])
  expect(await readTape(file(bytes))).toMatchObject({ complete: true, problem: expect.stringContaining('3 corrupt') })
})

test('a stream of unpublished length only warns, and the end is found from behind', async () => {
  const odd = Buffer.concat([...head, data(300_000, 2), Buffer.alloc(200_192, 0x42)])
  expect(await readTape(file(odd))).toMatchObject({ complete: null, problem: null, warnings: [expect.any(String)] })
  const ended = Buffer.concat([odd, block('ESET')])
  expect(await readTape(file(ended))).toMatchObject({ complete: true, problem: null })
})

test('a compressed backup is known by its first bytes, and not judged', async () => {
  const bytes = Buffer.concat([Buffer.from('MSSQLBAK'), Buffer.alloc(2000)])
  expect(await readTape(file(bytes))).toMatchObject({ kind: 'compressed', complete: null, problem: null })
})

test('no garbage makes it throw or hang', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(whole.length - 1), async (noise, at) => {
      const bytes = Buffer.from(whole)
      bytes.set(noise.subarray(0, bytes.length - at), at)
      expect(['tape', 'unknown']).toContain((await readTape(file(bytes))).kind)
      expect((await readTape(file(noise))).complete).not.toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('a pipe in the place of a backup is waited for by nobody', async () => {
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  await expect(readTape(path)).rejects.toMatchObject({ code: 'share-entry-odd' })
})
