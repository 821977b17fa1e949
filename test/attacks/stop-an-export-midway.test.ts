/** Faults B2, B3 and B8: what a cmdlet wrote is opened when it is made, counted in any encoding, and kept where it stopped. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import type { Item } from '../../src/domain/words.ts'
import { checkSet } from '../../src/sets/check.ts'
import { filesOf, runSet, whyOf } from '../act/run-set.ts'
import { fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'

const users: Item = { kind: 'user-data', subject: 'se01.contoso.com' }
const locations: Item = { kind: 'location-information', subject: 'contoso' }
const signal = new AbortController().signal
const document =
  '<DocItemSet><DocItem Name="urn:lcd:a@contoso.com"/><DocItem Name="urn:lcd:b@contoso.com"/></DocItemSet>'

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

async function zipOf(name: string, content: Buffer | string): Promise<Buffer> {
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(content), name)
  zip.end()
  return buffer(zip.outputStream)
}

test('fault B2: a cut export of the emergency locations is not a copy', async () => {
  const whole = await zipOf('E911.xml', '<E911/>')
  world.cmdlets['export-location-information'] = [whole.subarray(0, whole.length - 30)]
  const set = await runSet(world, [locations])
  expect(set.items).toMatchObject([{ outcome: 'failed', code: 'export-damaged' }])
})

test('fault B2: an export whose XML ends in the middle is not a copy', async () => {
  world.cmdlets['export-user-data'] = [await zipOf('DocItemSet.xml', document.slice(0, -5))]
  expect((await runSet(world, [users])).items).toMatchObject([{ outcome: 'failed', code: 'export-damaged' }])
})

const declared = `<?xml version="1.0" encoding="iso-8859-1"?>${document.replace('a@', '\u00e4@')}`
test.each([
  ['UTF-8', Buffer.from(document)],
  ['UTF-8 with its mark', Buffer.from(`\ufeff${document}`)],
  ['UTF-16 with its mark', Buffer.from(`\ufeff${document}`, 'utf16le')],
  ['UTF-16 without a mark', Buffer.from(document, 'utf16le')],
  ['UTF-16, the high byte first', Buffer.from(`\ufeff${document}`, 'utf16le').swap16()],
  ['Latin 1, declared', Buffer.from(declared, 'latin1')],
])('fault B3: an export in %s is counted, and proved later', async (_encoding, content) => {
  world.cmdlets['export-user-data'] = [await zipOf('DocItemSet.xml', content)]
  const set = await runSet(world, [users])
  expect(set.items).toMatchObject([{ outcome: 'ok', counts: { elements: 3, documents: 2, users: 2 } }])
  expect(await checkSet(set, 'content', signal)).toMatchObject({ problems: [] })
})

test('fault B3: Call Park settings without any object are suspect', async () => {
  world.cmdlets['call-park-settings'] = [null]
  const set = await runSet(world, [{ kind: 'call-park', subject: 'se01.contoso.com' }])
  expect(set.items).toMatchObject([{ outcome: 'suspect', doubt: 'content', counts: { objects: 0 } }])
})

test('fault B8: a cmdlet that stops at a bad object leaves its file as suspect, with what it stopped at', async () => {
  const writes = await zipOf('DocItemSet.xml', document)
  world.cmdlets['export-user-data'] = [{ errors: ['urn:lcd:c@contoso.com is not valid.'], writes }]
  const set = await runSet(world, [users])
  expect(set).toMatchObject({
    state: 'partial',
    items: [{ outcome: 'suspect', doubt: 'content', counts: { users: 2 } }],
  })
  expect(whyOf(set)).toBe(
    'The cmdlet ended, but reported: urn:lcd:c@contoso.com is not valid. The last object in the file is urn:lcd:b@contoso.com. [export-reported-errors]',
  )
  expect(await filesOf(set)).toEqual(['user-data.zip'])
  expect(await checkSet(set, 'content', signal)).toMatchObject({ problems: [] })
})

test('fault B8: what it left is not kept where nobody can open it, and its complaint is the reason', async () => {
  const whole = await zipOf('DocItemSet.xml', document)
  world.cmdlets['export-user-data'] = [{ errors: ['It is not valid.'], writes: whole.subarray(0, whole.length - 30) }]
  const set = await runSet(world, [users])
  expect(set.items).toMatchObject([{ outcome: 'failed', code: 'export-reported-errors' }])
  expect(await filesOf(set)).toEqual([])
})
