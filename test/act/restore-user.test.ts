/** One user out of an export into the living pool, over the real shell host of the lab. */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { restoreUser } from '../../src/act/restore-user.ts'
import type { Ending, Tools } from '../../src/act/handler.ts'
import { meets, never, restoreBench, type RestoreBench } from './restore/lab-sets.ts'
import type { RestoreContext } from '../../src/act/restore/restorer.ts'

const pool = 'pool01.contoso.com'
const user = 'user0002@contoso.com'

let bench: RestoreBench
let context: RestoreContext
let before: Record<string, string[]>
beforeAll(async () => {
  bench = await restoreBench()
  before = bench.held('users', pool)
  context = await bench.setOf({ kind: 'user-data', subject: pool }, 'export-user-data', { PoolFqdn: pool }, {})
  Object.assign(context.set, { items: [context.copy], startedAt: '2026-03-10T01:00:00.000Z' })
})
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(() => void bench.asked())

function run(more: { user?: string; pool?: string; tools?: Tools; lost?: string } = {}): Promise<Ending> {
  const { set } = context
  const tools = {
    ...(more.tools ?? bench.tools),
    ...{ sets: () => [set], lost: () => more.lost ?? null },
    limit: (_resource: unknown, _signal: unknown, task: () => unknown) => task(),
  } as unknown as Tools
  return restoreUser.run(
    {
      ...{ kind: 'restore-user', id: 'u1', subject: more.user ?? user, location: 'main', cause: 'intentional' },
      ...{ reason: '', request: null, recovery: 'jane', pool: more.pool ?? pool, set: set.id },
    },
    tools,
    never,
  )
}
const changed = (): string[] => bench.asked().flatMap(({ call }) => (call === 'update-user-data' ? [call] : []))

test('brings back what was lost, and nobody else is touched', async () => {
  expect(before[user]?.length).toBeGreaterThan(0)
  await bench.break('user', user, 'emptied')
  expect(bench.held('users', pool)[user]).toEqual([])
  const { outcome, message } = await run()
  expect(outcome).toBe('done')
  expect(message).toMatch(/^Update-CsUserData brought \d+ contacts? and \d+ conferences? back: .* and nothing else\.$/)
  const after = bench.held('users', pool)
  expect(after[user]?.toSorted()).toEqual(before[user]?.toSorted())
  expect({ ...after, [user]: [] }).toEqual({ ...before, [user]: [] })
  const asked = bench.asked().find(({ call }) => call === 'update-user-data')
  expect(Object.keys(asked?.parameters ?? {}).sort()).toEqual(['FileName', 'UserFilter'])
  expect(asked?.parameters['UserFilter']).toBe(user)
})

test('what is there already is not merged a second time', async () => {
  expect(await run()).toMatchObject({
    outcome: 'done',
    message: expect.stringContaining('nothing was merged') as string,
  })
  expect(changed()).toEqual([])
})

test('what the user added since stays, and is told', async () => {
  await bench.break('user', user, 'emptied')
  await bench.break('contacts', pool, 'added')
  expect((await run()).message).toContain('and 1 contact and 0 conferences beside')
  expect(bench.held('users', pool)[user]).toContain('contact new1@fabrikam.com')
})

test('a merge that brought less than the set holds is no success', async () => {
  await bench.break('user', user, 'emptied')
  const { shell } = bench.tools.drivers
  const call: typeof shell.call = (name, ...rest) =>
    name === 'update-user-data' ? Promise.resolve({ objects: [], errors: [], warnings: [] }) : shell.call(name, ...rest)
  const tools = { ...bench.tools, drivers: { ...bench.tools.drivers, shell: { ...shell, call } } }
  await expect(run({ tools })).rejects.toMatchObject({ code: 'import-came-short' })
  await expect(run({ tools: meets(bench.tools, 'update-user-data', 'error-record') })).rejects.toMatchObject({
    code: 'import-reported-errors',
  })
})

test.each<[string, Parameters<typeof run>[0], string]>([
  ['nobody of that address is in the set', { user: 'nobody@contoso.com' }, 'user-not-in-set'],
  ['the set has no export of that pool', { pool: 'pool02.contoso.com' }, 'user-not-in-set'],
  ['the pool is lost', { lost: 'Taken while it was flagged.' }, 'user-not-in-pool'],
])('nothing is merged where %s', async (_, more, code) => {
  await expect(run(more)).rejects.toMatchObject({ code })
  expect(changed()).toEqual([])
})

test('nothing is merged where the user is on another pool now', async () => {
  await bench.break('user', user, 'moved')
  await expect(run()).rejects.toMatchObject({
    ...{ code: 'user-not-in-pool', message: expect.stringContaining('is on pool02.contoso.com now') as string },
  })
  expect(changed()).toEqual([])
  await bench.repair('user', user)
})

test('what is merged and proved is the file that was proved, not the one that has its place by then', async () => {
  await bench.break('user', user, 'emptied')
  const file = `${context.set.path}/${context.copy.path}`
  const good = readFileSync(file)
  const { shell } = bench.drivers
  const scratch: typeof shell.scratch = async () => {
    const folder = await shell.scratch()
    const write: typeof folder.write = async (...parts) => {
      await folder.write(...parts)
      rmSync(file)
      execFileSync('mkfifo', [file])
    }
    return { ...folder, write }
  }
  const tools = { ...bench.tools, drivers: { ...bench.drivers, shell: { ...shell, scratch } } }
  try {
    expect(await run({ tools })).toMatchObject({ outcome: 'done' })
    expect(bench.held('users', pool)[user]?.toSorted()).toEqual(before[user]?.toSorted())
  } finally {
    rmSync(file)
    writeFileSync(file, good)
  }
})

test('nothing is merged from a file that is not what the manifest says', async () => {
  const { set } = context
  const { appendFile } = await import('node:fs/promises')
  await appendFile(`${set.path}/${context.copy.path}`, 'x')
  await expect(run()).rejects.toMatchObject({ code: 'artefact-damaged' })
  expect(changed()).toEqual([])
})
