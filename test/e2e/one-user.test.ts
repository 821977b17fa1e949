/** One user of many gets back what the set holds of him, by a commit, and everybody else stays as he is. */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UserRestoreView } from '../../src/views/user-restore.ts'
import { git, startCli, startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'

const pool = 'pool01.contoso.com'
const user = 'user0003@contoso.com'

let lab: TestLab
beforeAll(async () => {
  lab = await startLab()
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
}, 240_000)
afterAll(() => lab[Symbol.asyncDispose]())

interface Entries {
  entries: { type: string; subject: string; message: string }[]
}

const users = async (): Promise<Record<string, string[]>> => (await lab.content(pool))['users'] ?? {}
const shown = async (): Promise<UserRestoreView> => (await lab.json<UserRestoreView>('restore', 'user', user)).json
async function journal(): Promise<string[]> {
  const { json } = await lab.json<Entries>('audit', 'list', '--limit', '200')
  return json.entries.filter(({ subject }) => subject === user).map(({ type, message }) => `${type}: ${message}`)
}

test('is shown, declared, killed in the middle, run once, and proved', { timeout: 240_000 }, async () => {
  const before = await users()
  expect(Object.keys(before).length).toBeGreaterThan(100)
  expect(before[user]?.length).toBeGreaterThan(0)
  await lab.break('user', user, 'emptied')

  const view = await shown()
  expect(view.copies).toMatchObject([{ pool }])
  const { contacts = 0, conferences = 0 } = view.copies[0] ?? {}
  expect(contacts + conferences).toBe(before[user]?.length)
  const { out } = await lab.holdfast('restore', 'user', `sip:${user.toUpperCase()}`)
  expect(out).toContain(view.toCommit)
  expect(out).toContain('unified contact store')
  expect((await lab.holdfast('run', '--once')).code).toBe(0)
  expect((await users())[user], 'nothing is run unmerged').toEqual([])

  await writeFile(join(lab.clone, 'desired-state', 'one-user.yaml'), view.toCommit)
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--quiet', '--message', 'Bring one user back')
  await git(lab.clone, 'push', '--quiet')

  await lab.break('cmdlet', 'Update-CsUserData', 'hangs')
  const victim = startCli('run', '--once', '--config', lab.config)
  await until(async () => ((await journal()).some((line) => line.startsWith('action-started')) ? true : undefined))
  victim.kill('SIGKILL')
  await once(victim, 'exit')
  await lab.repair('cmdlet', 'Update-CsUserData')

  const next = await lab.holdfast('run', '--once')
  expect(next.code, next.out + next.err).toBe(0)
  const after = await users()
  expect(after[user]?.toSorted()).toEqual(before[user]?.toSorted())
  expect({ ...after, [user]: [] }).toEqual({ ...before, [user]: [] })
  expect(await journal()).toContainEqual(expect.stringMatching(/^action-interrupted: /))
  expect((await journal()).at(-1)).toMatch(/^action-done: .*Update-CsUserData brought .* and nothing else\.$/)

  // What the user deletes afterwards stays deleted: a declaration is run once.
  await lab.break('user', user, 'emptied')
  expect((await lab.holdfast('run', '--once')).code).toBe(0)
  expect((await users())[user]).toEqual([])
})

test('who is in no set is told so, and a set without him is no reason to run anything', async () => {
  for (const argv of [
    ['nobody@contoso.com'],
    [user, '--pool', 'pool02.contoso.com'],
    ['jane'],
    [user, '--sets', 'all'],
  ]) {
    const { code, out, err } = await lab.holdfast('restore', 'user', ...argv)
    expect({ argv, code, out }).toEqual({ argv, code: 2, out: '' })
    expect(err).toMatch(/\[(user-not-in-set|usage)\]/)
  }
  const { code } = await lab.json('restore', 'user', user, '--set', (await shown()).chosen.set)
  expect(code).toBe(0)
})
