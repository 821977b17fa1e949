/** Two sets on a share, and what differs in what the directory held. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import type { Item } from '../../src/domain/words.ts'
import { readDifferences } from '../../src/sets/compare.ts'
import { runSet } from '../act/run-set.ts'
import { fakeWorld, type FakeWorld } from '../support/fake-drivers.ts'

const record: Item = { kind: 'directory-record', subject: 'contoso' }
const signal = new AbortController().signal

let world: FakeWorld
beforeEach(async () => {
  world = await fakeWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

function user(name: string, pool = 'pool01', more: object = {}): object {
  return {
    ...{ Identity: `CN=${name},DC=contoso,DC=com`, SipAddress: `sip:${name}@contoso.com` },
    ...{ RegistrarPool: `${pool}.contoso.com`, HomeServer: `CN=${pool}`, ...more },
  }
}

async function setWith(...users: object[]): Promise<BackupSet> {
  world.cmdlets['directory-users'] = [{ errors: [], objects: users }]
  world.clock.jump(60)
  return runSet(world, [record])
}

test('a user who moved, one whose number changed, one who came: exactly these three', async () => {
  const before = await setWith(user('kim'), user('Ada'), user('Sam', 'pool01', { LineURI: 'tel:+1' }))
  const after = await setWith(
    user('Sam', 'pool01', { LineURI: 'tel:+2' }),
    user('Ada', 'pool02'),
    user('kim'),
    user('Zoe'),
  )
  const one = { kind: 'directory-record', change: 'changed' }
  expect((await readDifferences(before, after, signal)).filter(({ name }) => name !== 'users')).toEqual([
    {
      ...{ ...one, subject: 'Ada@contoso.com', name: 'RegistrarPool' },
      ...{ from: 'pool01.contoso.com', to: 'pool02.contoso.com' },
    },
    { ...one, subject: 'Sam@contoso.com', name: 'LineURI', from: 'tel:+1', to: 'tel:+2' },
    { kind: 'directory-record', subject: 'Zoe@contoso.com', name: '', change: 'added' },
  ])
})

test('a list that is not what its manifest says is not believed', async () => {
  const [before, after] = [await setWith(user('kim')), await setWith(user('kim'))]
  await appendFile(join(after.path, 'data', 'directory', 'users.jsonl'), '{"Identity":"CN=zed"}\n')
  await expect(readDifferences(before, after, signal)).rejects.toMatchObject({ code: 'set-damaged' })
})
