/** A server that was wiped and rebuilt answers a backup with what it holds now: that is never a recovery point. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RestoreView } from '../../src/views/restore.ts'
import type { RecoverabilityView } from '../../src/views/recoverability.ts'
import type { StatusView } from '../../src/views/status.ts'
import { startedDaemon } from '../support/daemon-process.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'
import { until } from '../support/until.ts'

const server = 'se01.contoso.com'

let lab: TestLab
let daemon: ChildProcess | undefined

beforeAll(async () => {
  lab = await startLab()
  await lab.commit(join('desired-state', 'deployment.yaml'), (text) => text.replace('grace: 1m', 'grace: 1s'))
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
}, 180_000)
afterAll(async () => {
  daemon?.kill('SIGTERM')
  if (daemon?.exitCode === null) await once(daemon, 'exit')
  await lab[Symbol.asyncDispose]()
})

async function isFlagged(): Promise<boolean> {
  const { verdict } = (await lab.json<StatusView>('status')).json
  return verdict.reasons.some(({ code, subject }) => code === 'rebuild-required' && subject === server)
}

/** From which sets the server would come back. */
async function sources(): Promise<(string | null)[]> {
  const { json } = await lab.json<RecoverabilityView>('recoverability', server)
  return [...new Set(json.subjects[0]?.items.map(({ from }) => from))]
}

test('a loss that no pass has seen yet is not restored: a command without a daemon says what to run first', async () => {
  await lab.break('wipe', server)
  const first = 'the daemon will say so; without one, run holdfast run --once first, now, and again 1 s later.'
  const { json } = await lab.json<RestoreView>('restore', server, '--dry-run')
  expect(json.refused).toMatchObject([{ gate: 'not-flagged', message: expect.stringContaining(first) as string }])
  const asked = await lab.holdfast('restore', server)
  expect([asked.code, asked.err.replaceAll(/\s+/g, ' ')]).toEqual([4, expect.stringContaining(first)])

  for (let run = 0; run < 2; run++) await lab.holdfast('run', '--once')
  const { code, err } = await lab.holdfast('restore', server)
  expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([4, expect.stringContaining('No Recovery in Git is for')])
}, 120_000)

test('what is taken while its server is flagged is suspect, for ever', async () => {
  daemon = await startedDaemon(lab)
  const before = await sources()
  expect(before).not.toContain(null)

  await until(async () => ((await isFlagged()) ? true : undefined))
  await lab.break('wipe', server, 'rebuilt')
  expect((await lab.holdfast('backup', 'nightly', '--wait')).code).toBe(3)
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'nightly')
  const [newest] = json.sets
  expect(newest?.state).toBe('partial')
  expect(before).not.toContain(newest?.id)
  const told = newest?.items.filter(({ subject }) => subject.includes(server)) ?? []
  expect(told.map(({ kind, outcome }) => `${kind} ${outcome}`).sort()).toEqual([
    'call-park ok', // orbits stand in the Central Management store
    'file-store suspect',
    'response-groups suspect',
    'user-data suspect',
  ])
  expect((await lab.holdfast('sets', newest?.id ?? '')).out).toContain('[flagged]')
  expect(await sources()).toEqual(before)

  await lab.repair('wipe', server)
  await until(async () => ((await isFlagged()) ? undefined : true))
  expect(await sources()).toEqual(before)
}, 120_000)
