import { describe, expect, test } from 'vitest'
import { recordsOf, type Heard } from '../../../src/drivers/shell/records.ts'

const message = (text: string): string => `\u001e${text}\n`

/** What is heard when the bytes come in pieces of that many; noise in one piece. */
async function heard(bytes: Buffer, size: number, limit = 100): Promise<Heard[]> {
  function* pieces(): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const all: Heard[] = []
  for await (const one of recordsOf(pieces() as unknown as AsyncIterable<Buffer>, limit)) {
    const last = all.at(-1)
    if ('noise' in one && last && 'noise' in last) last.noise += one.noise
    else all.push(one)
  }
  return all
}

describe.each([1, 2, 7, 1000])('in pieces of %i bytes', (size) => {
  test.each<[string, string, Heard[]]>([
    ['messages', `${message('{"a":1}')}${message('{}')}`, [{ message: '{"a":1}' }, { message: '{}' }]],
    ['an empty message', message(''), [{ message: '' }]],
    [
      'lines before and after',
      `PS>\n${message('{}')}bye\n`,
      [{ noise: 'PS>\n' }, { message: '{}' }, { noise: 'bye\n' }],
    ],
    ['half a line before a message', `10 %${message('{}')}`, [{ noise: '10 %' }, { message: '{}' }]],
    ['what looks like a message', '{"id":"1"}\n', [{ noise: '{"id":"1"}\n' }]],
    ['texts of any script', message('"Zürich 東京"'), [{ message: '"Zürich 東京"' }]],
    ['a message that the end cuts off', '\u001e{"id"', []],
    ['nothing', '', []],
  ])('%s', async (_, text, expected) => {
    expect(await heard(Buffer.from(text), size)).toEqual(expected)
  })

  test('noise in another code page', async () => {
    const bytes = Buffer.concat([Buffer.from([0x47, 0x81, 0xff, 0x0a]), Buffer.from(message('{}'))])
    expect(await heard(bytes, size)).toEqual([{ noise: 'G\ufffd\ufffd\n' }, { message: '{}' }])
  })

  test.each([
    ['a message in another code page', Buffer.from([0x1e, 0x81, 0xff, 0x0a]), 'is not UTF-8'],
    ['a message without end', Buffer.from(`\u001e${'x'.repeat(101)}`), 'longer than 100 bytes'],
  ])('%s', async (_, bytes, words) => {
    await expect(heard(bytes, size)).rejects.toMatchObject({
      code: 'shell-protocol',
      message: expect.stringContaining(words),
    })
  })

  test('noise has no limit here', async () => {
    expect(await heard(Buffer.from('x'.repeat(1000)), size)).toEqual([{ noise: 'x'.repeat(1000) }])
  })
})
