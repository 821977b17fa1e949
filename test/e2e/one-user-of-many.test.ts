/** One of 10,000 users of a pool gets back what he had some days ago, in a process that has no room for all of them. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { World } from '../../src/lab/world.ts'
import type { UserRestoreView } from '../../src/views/user-restore.ts'
import { takeUp } from '../attacks/kill-at-every-step/kept-world.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { git, startLab, type Outcome, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

const pool = 'se01.contoso.com'
const user = 'user4711@contoso.com'
const many = { users: 10_000, contacts: 300_000, conferences: 20_000 }
/** Megabytes. Their contacts alone take more, as text. */
const heap = 64

let from: string
let lab: TestLab
beforeAll(async () => {
  from = mkdtempSync(join(tmpdir(), 'holdfast-many-'))
  const policy = "include: { kinds: [user-data] }, schedule: { cron: '0 2 29 2 *', timeZone: UTC }"
  writeFileSync(join(from, 'deployment.yaml'), smallDeployment.replace(/schedule: .*\} \}/, `${policy} }`))
  lab = await startLab(from)
  await change((world) => {
    for (const { facts } of world.sqlServers)
      for (const { name, tables } of facts.databases)
        if (name === 'rtcxds')
          Object.assign(tables, { Resource: many.users, Contact: many.contacts, Conference: many.conferences })
    for (const one of world.directory) one.users = many.users
  })
}, 120_000)
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  rmSync(from, { recursive: true })
})

async function change(work: (world: World) => void): Promise<void> {
  const file = join(lab.dir, 'lab.json')
  const world = JSON.parse(readFileSync(file, 'utf8')) as World
  work(world)
  await takeUp(file, world)
}

/** Everybody adds so many contacts, in all. */
const adds = (here: number): Promise<void> =>
  change(({ pools }) => {
    for (const one of pools) if (one.fqdn === pool) one.newContacts = { here, atPartner: 0 }
  })

const users = async (): Promise<Record<string, string[]>> => (await lab.content(pool))['users'] ?? {}

/** In a process of its own, with so little memory. */
function holdfast(...argv: string[]): Promise<Outcome> {
  const bin = join(import.meta.dirname, '../../src/cli/holdfast.js')
  const options = [`--max-old-space-size=${heap}`, bin, ...argv, '--config', lab.config]
  return new Promise((resolve) => {
    execFile(process.execPath, options, { maxBuffer: 1 << 26 }, (error, out, err) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, out, err })
    })
  })
}

test('exactly his contacts of that day come back, everybody else is as before, in little memory', async () => {
  const made: string[] = []
  let thatDay: string[] | undefined
  for (const contacts of [0, 2, 3]) {
    if (contacts > 0) await adds(contacts)
    if (contacts === 3) await lab.break('user', user, 'emptied')
    const { code, out, err } = await holdfast('backup', 'nightly', '--wait', '--output', 'json')
    expect(code, out + err).toBe(0)
    made.push((JSON.parse(out) as { set: SetsJson['sets'][number] }).set.id)
    if (contacts === 2) thatDay = (await users())[user]?.toSorted()
  }
  const [, wanted = ''] = made
  const before = await users()
  expect(Object.keys(before)).toHaveLength(many.users)
  expect(before[user]).toEqual([])

  const shown = await holdfast('restore', 'user', user, '--set', wanted, '--output', 'json')
  expect(shown.code, shown.err).toBe(0)
  const { copies, toCommit } = JSON.parse(shown.out) as UserRestoreView
  const held = (copies[0]?.contacts ?? 0) + (copies[0]?.conferences ?? 0)
  expect(held).toBe(many.contacts / many.users + 2 + many.conferences / many.users)
  expect(thatDay).toHaveLength(held)
  await writeFile(join(lab.clone, 'desired-state', 'one-user.yaml'), toCommit)
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--quiet', '--message', 'Bring one user back')
  await git(lab.clone, 'push', '--quiet')

  const run = await holdfast('run', '--once', '--output', 'json')
  expect(run.code, run.out + run.err).toBe(0)
  const after = await users()
  expect(after[user]?.toSorted()).toEqual(thatDay)
  expect({ ...after, [user]: [] }).toEqual({ ...before, [user]: [] })
  const { json } = await lab.json<{ entries: { type: string; message: string }[] }>('audit', 'list', '--subject', user)
  expect(json.entries.map(({ type, message }) => `${type} ${message}`).join('\n')).toMatch(
    /action-done restore-user: .*: Update-CsUserData brought 32 contacts and 2 conferences back: .*, and nothing else\./,
  )
}, 180_000)
