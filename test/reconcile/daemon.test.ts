import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { readConfig, type Config } from '../../src/config/config.ts'
import { startLab, type RunningLab } from '../../src/lab/lab.ts'
import { startDaemon, type RunReport } from '../../src/reconcile/daemon.ts'
import { faultyFiles } from '../support/faulty-files.ts'
import type { Turn } from '../../src/reconcile/pass.ts'
import { TestClock } from '../support/test-clock.ts'
import { until } from '../support/until.ts'

const signal = new AbortController().signal
const log = createLog({ write: () => {} }, 'silent')

let dir: string
let lab: RunningLab
let config: Config
const clock = new TestClock('2026-07-29T12:00:00.000Z')

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-daemon-'))
  lab = await startLab(join(dir, 'lab'), join(import.meta.dirname, '..', '..', 'desired-state'))
  config = await readConfig(lab.config)
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

/** One daemon that ends, at the clock's time. */
async function once(): Promise<RunReport> {
  await using daemon = await startDaemon(config, { clock, random: systemRandom, log })
  return await daemon.untilIdle({ signal })
}

/** The runs of a report as `policy outcome slot`. */
function runs({ actions }: RunReport): string[] {
  return actions
    .filter(({ kind }) => kind === 'create-backup-set')
    .map(({ subject, outcome, slot }) => `${subject} ${outcome} ${slot ?? 'no slot'}`)
    .sort()
}

test('driven through days: each slot once, a missed week is made up for once, an idle hour does nothing', async () => {
  const first = await once()
  expect(runs(first)).toEqual(['file-stores done 2026-07-29T10:30:00.000Z', 'nightly done 2026-07-29T00:00:00.000Z'])

  await clock.advance(3600)
  expect((await once()).actions).toEqual([])

  // 02:00 in Berlin is 00:00 UTC in summer; the jitter is at most five minutes.
  await clock.advance(11 * 3600 + 360)
  expect(runs(await once())).toContain('nightly done 2026-07-30T00:00:00.000Z')
  expect(runs(await once())).toEqual([])

  await clock.advance(7 * 86_400)
  const late = runs(await once())
  expect(late.filter((run) => run.startsWith('nightly'))).toEqual(['nightly done 2026-08-06T00:00:00.000Z'])
  expect(late).toHaveLength(2)
})

test('what ends in the middle of a pass is followed by another one', async () => {
  await once()
  await clock.advance(86_400)
  using state = new DatabaseSync(config.state, { readOnly: true })
  const isUnderWay = (): boolean => state.prepare('SELECT 1 FROM intent').get() !== undefined
  // A pass that starts nothing lasts until all that runs has ended.
  let startsNothing = false
  using _slow = faultyFiles(async (call, path) => {
    if (startsNothing && call === 'rename' && path.includes('head.json'))
      await until(() => Promise.resolve(isUnderWay() ? undefined : true))
    return null
  })
  const onPass = ({ started }: Turn): void => void (startsNothing = started === 0)
  await using daemon = await startDaemon(config, { clock, random: systemRandom, log, onPass })
  const { actions } = await daemon.untilIdle({
    wanted: ({ kind, subject }) => kind === 'create-backup-set' || (kind === 'point-backup' && subject === 'nightly'),
    signal,
  })

  // Which policy ends first depends on the machine.
  const ended = actions.map(({ kind, subject, outcome }) => `${kind} ${subject} ${outcome}`)
  expect(ended).toEqual(expect.arrayContaining(['create-backup-set nightly done', 'point-backup nightly done']))
})

test('a second daemon is refused while the first lives', async () => {
  await using _first = await startDaemon(config, { clock, random: systemRandom, log })

  await expect(startDaemon(config, { clock, random: systemRandom, log })).rejects.toMatchObject({
    code: 'another-daemon',
  })
})

test('a daemon whose lease was taken stops, and starts nothing any more', async () => {
  await using daemon = await startDaemon(config, { clock, random: systemRandom, log })
  const running = daemon.run(signal)
  const ended = expect(running).rejects.toMatchObject({ code: 'lease-lost' })
  const state = new DatabaseSync(config.state)
  state.exec(`UPDATE "lease" SET "owner" = 'other'`)
  await clock.advance(6)
  await ended
  await expect(daemon.untilIdle({ signal })).rejects.toMatchObject({ code: 'lease-lost' })
  state.exec(`UPDATE "lease" SET "owner" = NULL`)
  state.close()
})
