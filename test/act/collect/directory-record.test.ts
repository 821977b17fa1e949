import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Item } from '../../../src/domain/words.ts'
import { checkSet } from '../../../src/sets/check.ts'
import { failure, fakeWorld, type CmdletAnswer, type FakeWorld } from '../../support/fake-drivers.ts'
import { filesOf, runSet, whyOf } from '../run-set.ts'

const record: Item = { kind: 'directory-record', subject: 'contoso' }
const locations: Item = { kind: 'location-information', subject: 'contoso' }
const signal = new AbortController().signal

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
  world.cmdlets['export-location-information'] = ['the locations']
})
afterEach(() => world[Symbol.asyncDispose]())

const shows = (...objects: object[]): CmdletAnswer[] => [{ errors: [], objects }]
const user = (name: string): object => ({
  SipAddress: `sip:${name}@contoso.com`,
  Identity: `CN=${name},DC=contoso,DC=com`,
})
const endpoint = (languages: string[], Identity: string): object => ({ SecondaryLanguages: languages, Identity })

test('each list is a file, a line for each object, sorted by distinguished name, its properties in one order', async () => {
  world.cmdlets['directory-users'] = shows(user('kim'), user('Sam'), user('Ada'))
  world.cmdlets['directory-access-numbers'] = shows({
    ...{ Unlisted: 'x', Regions: ['b', 'a'], Identity: 'CN=1', Pool: 'pool01.contoso.com', DisplayName: 'Größe\u2028' },
  })
  const set = await runSet(world, [record])
  expect(set).toMatchObject({
    state: 'complete',
    required: [],
    items: [
      {
        ...{ kind: 'directory-record', path: 'data/directory', outcome: 'ok' },
        counts: { users: 3, accessNumbers: 1, umContacts: 0, commonAreaPhones: 0, trustedEndpoints: 0 },
      },
    ],
  })
  expect(await filesOf(set)).toEqual([
    ...['common-area-phones.jsonl', 'dial-in-access-numbers.jsonl', 'exchange-um-contacts.jsonl'],
    ...['trusted-application-endpoints.jsonl', 'users.jsonl'],
  ])
  const textOf = (file: string): Promise<string> => readFile(join(set.path, 'data', 'directory', file), 'utf8')
  const users = (await textOf('users.jsonl')).split('\n')
  expect(users.pop()).toBe('')
  expect(users.map((line) => line.slice(0, 70))).toEqual([
    '{"Identity":"CN=Ada,DC=contoso,DC=com","SipAddress":"sip:Ada@contoso.c',
    '{"Identity":"CN=kim,DC=contoso,DC=com","SipAddress":"sip:kim@contoso.c',
    '{"Identity":"CN=Sam,DC=contoso,DC=com","SipAddress":"sip:Sam@contoso.c',
  ])
  expect(await textOf('dial-in-access-numbers.jsonl')).toBe(
    '{"Identity":"CN=1","PrimaryUri":null,"DisplayName":"Größe\u2028","DisplayNumber":null,"LineUri":null,' +
      '"Pool":"pool01.contoso.com","HostingProvider":null,"PrimaryLanguage":null,"SecondaryLanguages":null,' +
      '"Regions":["b","a"],"ScopeToSite":null}\n',
  )
  expect(await textOf('common-area-phones.jsonl')).toBe('')
  expect(await checkSet(set, 'content', signal)).toMatchObject({ problems: [] })
  expect(await readFile(join(set.path, 'RESTORE.md'), 'utf8')).toContain('no restore source')
})

test('two records of the same directory are the same, in whatever order it is told', async () => {
  const texts: string[] = []
  for (const objects of [
    [endpoint(['de', 'fr'], 'CN=b'), { Identity: 'CN=a', Description: { y: 1, x: [2] } }],
    [{ Description: { x: [2], y: 1 }, Identity: 'CN=a' }, endpoint(['de', 'fr'], 'CN=b')],
  ]) {
    world.cmdlets['directory-trusted-endpoints'] = shows(...objects)
    const set = await runSet(world, [record])
    texts.push(await readFile(join(set.path, 'data', 'directory', 'trusted-application-endpoints.jsonl'), 'utf8'))
  }
  expect(texts[0]).toContain('"Description":{"x":[2],"y":1}')
  expect(texts[1]).toBe(texts[0])
})

test('a missing right makes it suspect and names cmdlet and group; the other lists are there, the set is complete', async () => {
  world.cmdlets['directory-users'] = [failure('shell-call-failed', 'Access is denied. (PermissionDenied)')]
  world.cmdlets['directory-um-contacts'] = shows({ Identity: 'CN=1' })
  const set = await runSet(world, [record, locations])
  expect(set).toMatchObject({ state: 'complete', required: [locations] })
  const item = set.items.find(({ kind }) => kind === 'directory-record')
  expect(item).toMatchObject({ outcome: 'suspect', doubt: 'content', counts: { umContacts: 1 } })
  expect(item?.counts).not.toHaveProperty('users')
  expect(whyOf({ ...set, items: item ? [item] : [] })).toBe(
    'Not all was recorded; it needs Get-CsUser in the Management Shell, under an account in RTCUniversalReadOnlyAdmins or above. Get-CsUser: Access is denied. (PermissionDenied) [item-suspect]',
  )
  expect(await filesOf(set)).not.toContain('users.jsonl')
  expect(await checkSet(set, 'content', signal)).toMatchObject({ problems: [] })
})

test('what came before an error is kept', async () => {
  world.cmdlets['directory-users'] = [{ errors: ['The user kim has no pool.'], objects: [user('sam')] }]
  const set = await runSet(world, [record])
  expect(set.items).toMatchObject([{ outcome: 'suspect', counts: { users: 1 } }])
  expect(whyOf(set)).toContain('Get-CsUser: The cmdlet ended, but reported: The user kim has no pool.')
  expect(await filesOf(set)).toContain('users.jsonl')
})

test('without a shell host it fails, and the set is complete all the same', async () => {
  world.cmdlets['directory-users'] = [failure('shell-not-configured')]
  const set = await runSet(world, [record, locations])
  expect(set.state).toBe('complete')
  expect(set.items.find(({ kind }) => kind === 'directory-record')).toMatchObject({
    ...{ outcome: 'failed', code: 'shell-not-configured' },
  })
  expect(await filesOf(set)).toEqual(['E911Config.zip'])
})

test('users that fell to zero make it suspect', async () => {
  world.cmdlets['directory-users'] = shows(user('kim'))
  await runSet(world, [record])
  world.cmdlets['directory-users'] = shows()
  const set = await runSet(world, [record])
  expect(set.items).toMatchObject([
    { outcome: 'suspect', message: 'users: 0; the newest ok copy holds 1.', counts: { users: 0 } },
  ])
})
