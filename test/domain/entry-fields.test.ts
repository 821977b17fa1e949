import { array, assert, constantFrom, property, record, string, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldsOf, withFields, type FieldName } from '../../src/domain/entry-fields.ts'

describe('the fields of an entry about a recovery', () => {
  it('are written so that a person reads them, and what is not known is left out', () => {
    expect(
      withFields(
        { step: 'take-image', recovery: 'se01', by: 'Jane Doe', took: 12, count: ['users 6'], set: null },
        'She kept it: twice.',
      ),
    ).toBe('recovery se01, step take-image, by "Jane Doe", took 12, count "users 6": She kept it: twice.')
    expect(withFields({ recovery: 'se01', gate: ['rows-since-rebuild', 'copy-incomplete'] })).toBe(
      'recovery se01, gate rows-since-rebuild, gate copy-incomplete',
    )
  })

  it('are read back, with the words', () => {
    const read = fieldsOf('recovery se01, since 2026-03-10T12:00:00.000Z, took 12, gate a, gate b: Because: of it.')
    expect(read?.one('recovery')).toBe('se01')
    expect(read?.one('since')).toBe('2026-03-10T12:00:00.000Z')
    expect(read?.number('took')).toBe(12)
    expect(read?.all('gate')).toEqual(['a', 'b'])
    expect(read?.one('set')).toBeNull()
    expect(read?.number('recovery')).toBeNull()
    expect(read?.words).toBe('Because: of it.')
  })

  it.each([
    'done, set nightly/20260310T020000Z-abcd: 5 rows',
    'Recovery r asks for it.',
    'se01: absent',
    'recovery "se01',
    String.raw`recovery "\q"`,
    '',
  ])('are none in what an older version wrote: %s', (message) => {
    expect(fieldsOf(message)).toBeNull()
  })

  it('are not made by what somebody writes into one of them, or into the words', () => {
    const names = constantFrom<FieldName>('recovery', 'by', 'of', 'gate', 'left', 'took')
    const text = string({ unit: constantFrom('"', ',', ':', ' ', '\\', '\n', 'by', 'x', '9', 'ä') })
    const fields = uniqueArray(record({ name: names, values: array(text, { minLength: 1, maxLength: 3 }) }), {
      selector: ({ name }) => name,
      minLength: 1,
    })
    assert(
      property(fields, text, (list, words) => {
        const message = withFields(Object.fromEntries(list.map(({ name, values }) => [name, values])), words)
        const read = fieldsOf(message)
        for (const { name, values } of list) expect(read?.all(name)).toEqual(values)
        expect(read?.words).toBe(words)
      }),
      { numRuns: 2000 },
    )
  })
})
