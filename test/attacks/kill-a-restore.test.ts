/**
 * A RESTORE that Holdfast runs in a recovery, and a daemon that is killed in the middle of it, twice: the next start begins
 * it again, and the step ends once, with what the database held (ADR 0032).
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { git, startCli, startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'
import { until } from '../support/until.ts'

const server = 'sql05.contoso.com'
const database = `${server}/LcsCDR`

let lab: TestLab
let daemon: ChildProcess | undefined
beforeAll(async () => {
  lab = await startLab()
  await lab.commit('desired-state/deployment.yaml', (text) => text.replace('grace: 1m', 'grace: 0s'))
}, 180_000)
afterAll(async () => {
  daemon?.kill('SIGKILL')
  await lab[Symbol.asyncDispose]()
})

/** Entries of the journal about the step, oldest first: their types. */
function told(): string[] {
  using store = new DatabaseSync(join(lab.dir, 'state.db'), { readOnly: true, timeout: 10_000 })
  return store
    .prepare("SELECT type FROM journal WHERE message LIKE 'recovery-step:%' AND subject = ? ORDER BY sequence")
    .all(database)
    .map(({ type }) => String(type))
}

/** How long the step took that was run to its end, as the journal has it, in seconds. */
function took(): number {
  using store = new DatabaseSync(join(lab.dir, 'state.db'), { readOnly: true, timeout: 10_000 })
  const [row] = store.prepare("SELECT message FROM journal WHERE type = 'action-done' AND subject = ?").all(database)
  return Number(/took (\d+)/.exec(String(row?.['message']))?.[1])
}

/** What an estimate of the next restore knows of the step. */
async function measured(): Promise<Step['measured']> {
  const { json } = await lab.json<{ subjects: { steps: Step[] }[] }>('recoverability', database)
  return json.subjects[0]?.steps.find(({ id }) => id === 'restore-databases')?.measured
}

interface Step {
  id: string
  measured?: { seconds: number; runs: number; last: { seconds: number } }
}

/** Says what nothing can see, and that Holdfast runs its own steps. */
async function declare(): Promise<void> {
  const said = { subject: database, by: 'Jane', at: new Date().toISOString() }
  const spec = {
    ...{ server: database, scenario: 'archiving-monitoring', run: 'holdfast' },
    acknowledge: ['check-surroundings', 'check-restore-rights', 'download-topology'].map((step) => ({ step, ...said })),
  }
  const text = stringify({ apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name: 'lost' }, spec })
  await writeFile(join(lab.clone, 'desired-state', 'recovery.yaml'), text)
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--message', `Restore ${database}`)
  await git(lab.clone, 'push', '--quiet')
}

async function flags(): Promise<unknown[]> {
  return (await lab.json<{ flags: unknown[] }>('status')).json.flags
}

function start(): ChildProcess {
  daemon = startCli('run', '--config', lab.config)
  return daemon
}

/** Twice as long as `until` waits: a look at the instance may be a full interval away (`looks.atLeastEvery`). */
function longUntil<T>(look: () => Promise<T | undefined>): Promise<T> {
  return until(look).catch(() => until(look))
}

/** Kills the daemon in the step's `tries`th try, when the database holds something else than `held`. */
async function killInRestore(victim: ChildProcess, tries: number, held: unknown): Promise<void> {
  await longUntil(() =>
    Promise.resolve(told().filter((type) => type === 'action-started').length === tries || undefined),
  )
  await until(async () => (isDeepStrictEqual(await lab.content(database), held) ? undefined : true))
  expect(told().at(-1)).toBe('action-started')
  victim.kill('SIGKILL')
  await once(victim, 'exit')
}

test('each start begins the RESTORE again that a kill broke off, and it ends once', async () => {
  let running = start()
  await longUntil(async () =>
    (await lab.json<SetsJson>('sets')).json.sets.some(
      ({ policy, state }) => policy === 'nightly' && state === 'complete',
    )
      ? true
      : undefined,
  )
  const before = await lab.content(database)
  await lab.break('database', database, 'lost')
  await longUntil(async () => ((await flags()).length > 0 ? true : undefined))
  await lab.break('sql', server, 'slow-restores')
  await lab.do('download-topology', 'contoso')
  await lab.do('publish-topology', 'contoso')
  await lab.do('create-databases', server)
  await lab.do('grant-sysadmin', server)
  const empty = await lab.content(database)
  expect(await measured()).toBeUndefined()
  await declare()

  await killInRestore(running, 1, empty)
  running = start()
  await killInRestore(running, 2, empty)
  await lab.repair('sql', server)
  start()
  await longUntil(() => Promise.resolve(told().includes('action-done') || undefined))

  const tries = ['action-started', 'action-interrupted']
  expect(told()).toEqual([...tries, ...tries, 'action-started', 'action-done'])
  expect(await lab.content(database)).toEqual(before)
  // What was broken off says nothing of the next one.
  const known = await measured()
  expect(known?.runs).toBe(1)
  expect(Math.round(known?.last.seconds ?? NaN)).toBe(took())
  expect(await lab.json('audit', 'verify')).toMatchObject({ code: 0, json: { ok: true } })
}, 180_000)
