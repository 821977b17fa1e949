import { expect, it } from 'vitest'
import { compareDocuments, type DocumentElement } from '../../src/domain/document-differences.ts'
import { readDocument } from '../../src/sets/document.ts'

function read(text: string): DocumentElement | string {
  let root: DocumentElement | null = null
  const reader = readDocument((read) => (root = read))
  reader.write(Buffer.from(text))
  return reader.end() ?? root ?? 'nothing'
}

function compare(a: string, b: string): unknown {
  const [before, after] = [read(a), read(b)]
  return typeof before === 'string' || typeof after === 'string' ? null : compareDocuments(before, after)
}

const anchored = (scope: string, size: number): string =>
  `<Item><Key ScopeClass="${scope}"><SchemaId ElementName="Policy"/></Key><Value><Policy MaxSize="${size}"/></Value></Item>`

// The Key of a setting says whose it is: the order of an export means nothing.
it('an item is known by its key', () => {
  const a = `<D>${anchored('Global', 1)}${anchored('Site', 2)}</D>`
  const b = `<D>${anchored('Site', 3)}${anchored('Global', 1)}</D>`
  expect(compare(a, b)).toEqual([
    { subject: 'D/Item[Site Policy]', name: 'Value/Policy/@MaxSize', change: 'changed', from: '2', to: '3' },
  ])
})

it('simple values of one name are a list without order', () => {
  expect(compare('<D><S>b</S><S>a</S></D>', '<D><S>a</S><S>b</S></D>')).toEqual([])
  expect(compare('<D><S>b</S></D>', '<D><S>c</S><S>b</S></D>')).toEqual([
    { subject: 'D', name: 'S', change: 'changed', from: 'b', to: 'b, c' },
  ])
})

it('space between elements and prefixes of namespaces are nothing', () => {
  expect(compare('<D xmlns="u"><S>1</S></D>', '<x:D xmlns:x="u">\n  <x:S> 1 </x:S>\n</x:D>')).toEqual([])
})

it('what is not XML is said', () => {
  expect(read('<D><S></D>')).toMatch(/^it cannot be compared: /)
})

it('what would fill the memory or the stack is refused', () => {
  expect(read('<a>'.repeat(10_000))).toBe('it cannot be compared: its elements are nested more than 500 levels deep')
  const reader = readDocument(() => {})
  reader.write(Buffer.from('<D>'))
  const part = Buffer.alloc(16 * 1024 ** 2, ' ')
  for (let n = 0; n < 17; n++) reader.write(part)
  expect(reader.end()).toBe('it cannot be compared: it has more than 268435456 bytes')
})
