import { expect, test } from 'vitest'
import { and, assignments, insert, insertOnce, sql, upsert } from '../../src/store/statement.ts'

test('a value is bound, whatever is in it, and never written into the text', () => {
  const evil = `x' OR 1 = 1; DROP TABLE journal; --`
  expect(sql`SELECT * FROM request WHERE id = ${evil} AND at < ${5}`).toEqual({
    text: 'SELECT * FROM request WHERE id = ? AND at < ?',
    values: [evil, 5],
  })
})

test('a list is one value: its length makes no other text', () => {
  const [none, two] = [[], ['a', 'b"']].map((ids) => sql`SELECT * FROM proof WHERE setId IN ${ids}`)
  expect(none?.text).toBe(two?.text)
  expect(two?.values).toEqual(['["a","b\\""]'])
})

test('a statement in a statement keeps its values, in their order', () => {
  const conditions = and([sql`a = ${1}`, sql`b IN ${[2]}`, sql`c IS ${null}`])
  expect(sql`SELECT ${0} FROM t WHERE ${conditions} LIMIT ${9}`).toEqual({
    text: 'SELECT ? FROM t WHERE a = ? AND b IN (SELECT value FROM json_each(?)) AND c IS ? LIMIT ?',
    values: [0, 1, '[2]', null, 9],
  })
})

test('inserts name their columns; what is left out is not named, and rows go together', () => {
  const row = { location: 'main', beat: 'b' }
  const text = 'INSERT INTO "heartbeat" ("location", "beat") VALUES (?, ?)'
  const values = ['main', 'b']
  expect(insert('heartbeat', row)).toEqual({ text, values })
  expect(insertOnce('heartbeat', row)).toEqual({ text: `${text} ON CONFLICT DO NOTHING`, values })
  expect(upsert('heartbeat', ['location'], row)).toEqual({
    text: `${text} ON CONFLICT ("location") DO UPDATE SET "beat" = excluded."beat"`,
    values,
  })
  expect(insert('heartbeat', row, { location: 'other', beat: 'c' })).toEqual({
    text: `${text}, (?, ?)`,
    values: [...values, 'other', 'c'],
  })
  expect(assignments<'heartbeat'>({ beat: 'b', before: null })).toEqual({
    text: '"beat" = ?, "before" = ?',
    values: ['b', null],
  })
})
