/** One user out of an export of many, however it is written. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { userInExport } from '../../src/sets/user-in-export.ts'

const signal = new AbortController().signal

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-user-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function exportOf(document: string | Buffer): Promise<string> {
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(document), 'DocItemSet.xml')
  zip.end()
  const file = join(folder, 'user-data.zip')
  await pipeline(zip.outputStream, createWriteStream(file))
  return file
}

const item = (user: string, inside: string): string =>
  `<DocItem Name="urn:lcd:${user}"><Data><HomedResource UserAtHost="${user}">${inside}</HomedResource></Data></DocItem>\n`
const contact = (buddy: string): string => `<Contact Buddy="${buddy}" />`
const set = (items: string): string => `<?xml version="1.0" encoding="utf-8"?>\n<DocItemSet>\n${items}</DocItemSet>\n`

const jane = 'jane@contoso.com'
const janes = item(jane, `${contact('tom@contoso.com')}${contact('Ann@contoso.com')}<Conference Subject="Weekly" />`)
const held = { contacts: ['ann@contoso.com', 'tom@contoso.com'], conferences: ['weekly'] }

test('among thousands of others, across the pieces in which it is read', async () => {
  const others = Array.from({ length: 10_000 }, (_, at) => item(`user${at}@contoso.com`, contact('x@contoso.com')))
  const file = await exportOf(set(`${others.slice(0, 7777).join('')}${janes}${others.slice(7777).join('')}`))
  expect(await userInExport(file, jane, signal)).toEqual(held)
  expect(await userInExport(file, 'user9999@contoso.com', signal)).toEqual({
    ...{ contacts: ['x@contoso.com'], conferences: [] },
  })
  expect(await userInExport(file, 'nobody@contoso.com', signal)).toBeNull()
})

test.each<[string, string | Buffer]>([
  ['in other letters', set(janes.replaceAll(jane, 'Jane@Contoso.COM'))],
  ['with prefixes', set(janes.replaceAll(/<(\/?)(\w)/g, '<$1a:$2'))],
  ['with single quotes', set(janes.replaceAll('"', "'"))],
  ['as UTF-16', Buffer.from(`\uFEFF${set(janes)}`, 'utf16le')],
  ['in two items', set(item(jane, contact('tom@contoso.com')) + janes)],
])('%s', async (_, document) => {
  expect(await userInExport(await exportOf(document), jane, signal)).toEqual(held)
})

test('more than any user has is not kept in memory, in however many items it comes', async () => {
  const many = (from: number): string =>
    item(jane, Array.from({ length: 50_001 }, (_, at) => contact(`u${from + at}@contoso.com`)).join(''))
  const file = await exportOf(set(many(0) + many(50_001)))
  await expect(userInExport(file, jane, signal)).rejects.toMatchObject({
    code: 'export-damaged',
    message: expect.stringContaining('more than 100000 contacts') as string,
  })
})

test('names that only resemble it are of others', async () => {
  const others = ['mary.jane@contoso.com', 'jane@contoso.com.au', 'janeXcontoso.com'].map((one) =>
    item(one, contact('x')),
  )
  expect(await userInExport(await exportOf(set(others.join(''))), jane, signal)).toBeNull()
})

test('a user who has nothing is there', async () => {
  const nothing = { contacts: [], conferences: [] }
  expect(await userInExport(await exportOf(set(`<DocItem Name="urn:lcd:${jane}" />`)), jane, signal)).toEqual(nothing)
})

test('an apostrophe, in either way of writing it', async () => {
  const brien = "o'brien@contoso.com"
  for (const name of [brien, 'o&apos;brien@contoso.com', 'o&#39;brien@contoso.com'])
    expect(await userInExport(await exportOf(set(item(name, contact('x')))), brien, signal)).toMatchObject({
      contacts: ['x'],
    })
})

test('what cannot be read is said', async () => {
  const broken = [set(item(jane, '<Contact Buddy="x">')), set(janes).split('<Conference')[0] ?? '']
  for (const document of broken)
    await expect(userInExport(await exportOf(document), jane, signal)).rejects.toMatchObject({ code: 'export-damaged' })
  const file = join(folder, 'no.zip')
  await writeFile(file, 'no ZIP')
  await expect(userInExport(file, jane, signal)).rejects.toMatchObject({ code: 'export-damaged' })
})
