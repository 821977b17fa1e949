import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAssembler, packetsOf, type Message } from '../../../src/lab/sql/wire/packets.ts'
import { dateFromTape, tapeDate } from '../../../src/lab/sql/tape/blocks.ts'
import { tokenize } from '../../../src/lab/sql/tsql/lexer.ts'
import { EngineError } from '../../../src/lab/sql/errors.ts'

test('a message survives packets of any size that arrive in pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 5000 }),
      fc.integer({ min: 512, max: 4096 }),
      fc.integer({ min: 1, max: 900 }),
      (data, size, piece) => {
        const got: Message[] = []
        const assemble = createAssembler((message) => got.push(message))
        const { bytes } = packetsOf(1, Buffer.from(data), size, 1, true)
        for (let at = 0; at < bytes.length; at += piece) assemble(bytes.subarray(at, at + piece))
        expect(got).toEqual([{ type: 1, data: Buffer.from(data), reset: false }])
      },
    ),
  )
})

test('a packet shorter than its own header is no packet', () => {
  expect(() => createAssembler(() => {})(Buffer.from([1, 1, 0, 4, 0, 0, 0, 0]))).toThrow(RangeError)
})

test('any text is tokens or an error of the engine', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        expect(tokenize(text).at(-1)?.kind).toBe('end')
      } catch (error) {
        expect(error).toBeInstanceOf(EngineError)
      }
    }),
  )
})

test('a date of a tape is that of the format description', () => {
  // By hand: 14 bits year, 4 month, 5 day, 5 hour, 6 minute, 6 second.
  expect(dateFromTape(Buffer.from('1fa8aa228d', 'hex')).toISOString()).toBe('2026-02-21T02:10:13.000Z')
  fc.assert(
    fc.property(fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
      const seconds = new Date(Math.floor(date.getTime() / 1000) * 1000)
      expect(dateFromTape(tapeDate(seconds))).toEqual(seconds)
    }),
  )
})
