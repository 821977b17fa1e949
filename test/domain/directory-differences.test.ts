import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareDirectories, type DirectoryObject } from '../../src/domain/directory-differences.ts'
import type { SetDifference } from '../../src/domain/set-differences.ts'

type Properties = Record<string, unknown>

async function* listOf(objects: readonly Properties[]): AsyncGenerator<DirectoryObject> {
  await Promise.resolve()
  const keyed = objects.map((properties) => ({ key: String(properties['Identity']), properties }))
  yield* keyed.toSorted((one, other) => (one.key < other.key ? -1 : 1))
}

async function compare(a: readonly Properties[], b: readonly Properties[]): Promise<SetDifference[]> {
  return Array.fromAsync(compareDirectories(listOf(a), listOf(b)))
}

const ann = {
  Identity: 'CN=Ann',
  SipAddress: 'sip:ann@contoso.com',
  RegistrarPool: 'pool01.contoso.com',
  LineURI: null,
}
const bob = { Identity: 'CN=Bob', SipAddress: 'sip:bob@contoso.com', RegistrarPool: 'pool01.contoso.com', LineURI: '' }

test('who came, and who went', async () => {
  const one = { kind: 'directory-record', subject: 'bob@contoso.com', name: '' }
  expect(await compare([ann], [ann, bob])).toEqual([{ ...one, change: 'added' }])
  expect(await compare([bob, ann], [ann])).toEqual([{ ...one, change: 'removed' }])
})

test('a user who moved has another pool, and its path in the directory is not told beside it', async () => {
  const before = { ...ann, HomeServer: 'CN=1' }
  const after = { ...ann, RegistrarPool: 'pool02.contoso.com', HomeServer: 'CN=2' }
  expect(await compare([before, bob], [after, bob])).toEqual([
    {
      ...{ kind: 'directory-record', subject: 'ann@contoso.com', name: 'RegistrarPool', change: 'changed' },
      ...{ from: 'pool01.contoso.com', to: 'pool02.contoso.com' },
    },
  ])
})

test('no value and an empty one are the same; what is no text is told as JSON', async () => {
  expect(await compare([ann], [{ ...ann, LineURI: '' }])).toEqual([])
  expect(await compare([{ ...ann, Enabled: true }], [{ ...ann, Enabled: false }])).toMatchObject([
    { name: 'Enabled', from: 'true', to: 'false' },
  ])
})

test('an object without an address has its name in the directory', async () => {
  expect(await compare([], [{ Identity: 'CN=Lobby' }])).toMatchObject([{ subject: 'CN=Lobby' }])
})

const lists = fc.uniqueArray(
  fc.record({ Identity: fc.constantFrom('a', 'b', 'c', 'd', 'e'), LineURI: fc.constantFrom('1', '2', null) }),
  { selector: ({ Identity }) => Identity },
)

test('each object that is in one list alone, or is another, is told once', async () => {
  await fc.assert(
    fc.asyncProperty(lists, lists, async (a, b) => {
      const lineOf = (list: typeof a, name: string): string | null | undefined =>
        list.find(({ Identity }) => Identity === name)?.LineURI
      const wanted = ['a', 'b', 'c', 'd', 'e'].filter((name) => lineOf(a, name) !== lineOf(b, name))
      expect((await compare(a, b)).map(({ subject }) => subject)).toEqual(wanted)
    }),
  )
})
