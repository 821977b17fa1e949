import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ItemOutcome } from '../../src/domain/backup-set.ts'
import type { DocumentElement } from '../../src/domain/document-differences.ts'
import { compareSets, withoutMoves, type SetContents, type SetDifference } from '../../src/domain/set-differences.ts'

const empty: SetContents = { items: [], environment: null, configuration: null }

const item = (kind: ItemOutcome['kind'], subject: string, more: Partial<ItemOutcome> = {}): ItemOutcome => ({
  ...{ kind, subject, path: 'data/x', outcome: 'ok', bytes: 10 },
  ...more,
})

const element = (
  text: string,
  children: Record<string, DocumentElement> = {},
  attributes: Record<string, string> = {},
): DocumentElement => ({
  text,
  attributes: new Map(Object.entries(attributes)),
  children: new Map(Object.entries(children)),
})

const items = (...all: ItemOutcome[]): SetContents => ({ ...empty, items: all })
const facts = (environment: SetContents['environment']): SetContents => ({ ...empty, environment })
const policy = (one: DocumentElement): SetContents => ({
  ...empty,
  configuration: element('', { 'x.xml': element('', { 'Policy[Global]': one }) }),
})
const database = 'sql05.contoso.com/LcsCDR'
const store = '\\\\fs01.contoso.com\\Lync'
const setting = { kind: 'configuration', subject: 'x.xml/Policy[Global]' } as const

const table: readonly [what: string, a: SetContents, b: SetContents, differences: SetDifference[]][] = [
  [
    'an item more',
    items(),
    items(item('sql-database', database)),
    [{ kind: 'sql-database', subject: database, name: 'item', change: 'added' }],
  ],
  [
    'another outcome',
    items(item('configuration', 'contoso')),
    items(item('configuration', 'contoso', { outcome: 'failed' })),
    [{ kind: 'configuration', subject: 'contoso', name: 'outcome', change: 'changed', from: 'ok', to: 'failed' }],
  ],
  [
    'a database that grew',
    items(item('sql-database', database)),
    items(item('sql-database', database.toUpperCase(), { bytes: 20 })),
    [{ kind: 'sql-database', subject: database, name: 'size', change: 'changed', from: '10', to: '20' }],
  ],
  [
    'files of a file store',
    items(item('file-store', store, { counts: { files: 3 } })),
    items(item('file-store', store, { counts: { files: 4 } })),
    [{ kind: 'file-store', subject: store, name: 'files', change: 'changed', from: '3', to: '4' }],
  ],
  [
    'the size of an export alone is nothing',
    items(item('configuration', 'contoso')),
    items(item('configuration', 'contoso', { bytes: 11 })),
    [],
  ],
  [
    'what is counted of the configuration is told by its content',
    items(item('configuration', 'contoso', { counts: { elements: 5 } })),
    items(item('configuration', 'contoso', { counts: { elements: 6 } })),
    [],
  ],
  [
    'when the configuration was updated is told by what was',
    facts({ contoso: { configurationUpdatedAt: '2026-03-09T08:00:00.000Z' } }),
    facts({ contoso: { configurationUpdatedAt: '2026-03-10T08:00:00.000Z' } }),
    [],
  ],
  [
    'a fact that no restore needs',
    facts({ 'sql01.contoso.com': { mirroringRole: 'PRINCIPAL' } }),
    facts({ 'SQL01.contoso.com': { mirroringRole: 'MIRROR' } }),
    [
      {
        ...{ kind: 'environment', subject: 'sql01.contoso.com', name: 'mirroringRole', change: 'changed' },
        ...{ from: 'PRINCIPAL', to: 'MIRROR' },
      },
    ],
  ],
  [
    'an attribute',
    policy(element('', {}, { MaxSize: '1' })),
    policy(element('', {}, { MaxSize: '2' })),
    [{ ...setting, name: '@MaxSize', change: 'changed', from: '1', to: '2' }],
  ],
  [
    'a value that came',
    policy(element('')),
    policy(element('', { Port: element('5061') })),
    [{ ...setting, name: 'Port', change: 'added', to: '5061' }],
  ],
  [
    'a whole object, without its values',
    { ...empty, configuration: element('') },
    { ...empty, configuration: element('', { 'Policy[Tag]': element('', {}, { Size: '1' }) }) },
    [{ kind: 'configuration', subject: 'Policy[Tag]', name: '', change: 'added' }],
  ],
]

it.each(table)('%s', (_what, a, b, differences) => {
  expect(compareSets(a, b)).toEqual(differences)
})

it.each([
  ['an attribute', element('', {}, { Password: 'old' }), element('', {}, { Password: 'new' })],
  ['an element', element('', { PrivateKey: element('old') }), element('', { PrivateKey: element('new') })],
  [
    'around it',
    element('', { Secret: element('', { V: element('old') }) }),
    element('', { Secret: element('', { V: element('new') }) }),
  ],
  ['by identity', element('', { 'P[SqlPassword]': element('old') }), element('', { 'P[SqlPassword]': element('new') })],
  ['a PIN', element('', {}, { DialInPin: 'old' }), element('', {}, { DialInPin: 'new' })],
  ['a URL', element('', {}, { Url: 'http://x/old' }), element('', {}, { Url: 'http://me:new@x/' })],
  ['base 64', element('', {}, { Blob: 'old' }), element('', {}, { Blob: 'A'.repeat(64) })],
])('what may be a secret has changed, and nothing more is told: %s', (_what, a, b) => {
  const [only, ...more] = compareSets(policy(a), policy(b))
  expect(more).toEqual([])
  expect(Object.keys(only ?? {}).sort()).toEqual(['change', 'kind', 'name', 'subject'])
  expect(only?.change).toBe('changed')
})

const word = fc.constantFrom('a', 'b', 'Password', 'N[x]')
const { tree } = fc.letrec<{ tree: DocumentElement }>((tie) => ({
  tree: fc
    .record({
      text: fc.constantFrom('', '1', '2'),
      attributes: fc.dictionary(word, fc.constantFrom('1', '2')),
      children: fc.oneof({ depthSize: 'small' }, fc.constant({}), fc.dictionary(word, tie('tree'), { maxKeys: 3 })),
    })
    .map(({ text, attributes, children }) => element(text, children, attributes)),
}))
const contents: fc.Arbitrary<SetContents> = fc.record({
  items: fc.uniqueArray(
    fc
      .tuple(fc.constantFrom('sql-database', 'file-store', 'user-data'), word, fc.nat(2))
      .map(([kind, subject, bytes]) => item(kind, subject, { bytes })),
    { selector: ({ kind, subject }) => `${kind} ${subject}` },
  ),
  environment: fc.dictionary(word, fc.dictionary(word, word)),
  configuration: tree,
})

const mirrored = ({ kind, subject, name, change, from, to }: SetDifference): SetDifference => ({
  ...{ kind, subject, name },
  change: change === 'added' ? 'removed' : change === 'removed' ? 'added' : 'changed',
  ...(to === undefined ? {} : { from: to }),
  ...(from === undefined ? {} : { to: from }),
})

it('nothing differs from itself, and turned round the differences are mirrored', () => {
  fc.assert(
    fc.property(contents, contents, (a, b) => {
      expect(compareSets(a, a)).toEqual([])
      expect(compareSets(b, a)).toEqual(compareSets(a, b).map(mirrored))
    }),
  )
})

describe('a user who moved', () => {
  const [a, b] = ['pool01.contoso.com', 'pool02.contoso.com']
  const moved = (user: string): SetDifference => ({
    ...{
      kind: 'directory-record',
      subject: user,
      name: 'RegistrarPool',
      change: 'changed',
      from: a,
      to: b.toUpperCase(),
    },
  })
  const counts = (subject: string, name: string, from: number, to: number): SetDifference => ({
    ...{ kind: 'user-data', subject, name, change: 'changed', from: String(from), to: String(to) },
  })
  const two = [moved('u1@contoso.com'), moved('u2@contoso.com')]
  const left = [counts(a, 'documents', 101, 99), counts(a, 'elements', 1000, 980), counts(a, 'users', 100, 98)]
  const came = [counts(b, 'documents', 51, 53), counts(b, 'elements', 500, 520), counts(b, 'users', 50, 52)]

  it('accounts for the counts of both exports', () => {
    expect(withoutMoves([...left, ...came, ...two])).toEqual(two)
  })

  it.each<[string, SetDifference[]]>([
    [
      'more users than moved',
      [counts(a, 'documents', 101, 99), counts(a, 'elements', 1000, 980), counts(a, 'users', 100, 97)],
    ],
    [
      'more elements than the users who moved can have',
      [...left.filter(({ name }) => name !== 'elements'), counts(a, 'elements', 1000, 800)],
    ],
    ['something else beside it', [...left, counts(a, 'conferences', 9, 3)]],
    [
      'elements that came where users left',
      [...left.filter(({ name }) => name !== 'elements'), counts(a, 'elements', 1000, 1010)],
    ],
  ])('does not account for %s: all counts of that pool are told', (_what, found) => {
    expect(withoutMoves([...found, ...came, ...two])).toEqual([...found, ...two])
  })

  it('is the only thing that accounts for anything', () => {
    expect(withoutMoves([...left, ...came])).toEqual([...left, ...came])
  })
})
