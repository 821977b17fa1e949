import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../src/base/log.ts'
import { toProblem, type Problem } from '../../src/base/problem.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { LocalShell } from '../../src/config/config-shell.ts'
import { readConfig, type Config } from '../../src/config/config.ts'
import type { ItemKind } from '../../src/domain/words.ts'
import { openShellHost } from '../../src/drivers/shell/shell-host.ts'
import { itemCalls } from '../../src/drivers/shell/item-calls.ts'
import { startLab, type RunningLab } from '../../src/lab/lab.ts'
import { ask } from '../../src/reconcile/asking.ts'
import { startDaemon, type RunReport } from '../../src/reconcile/daemon.ts'
import type { Turn } from '../../src/reconcile/pass.ts'
import { TestClock } from '../support/test-clock.ts'
import { until } from '../support/until.ts'

// Fault S17: a shell host that said nothing held up runs that need no cmdlet, and each item that needs one.

const [hostile, late] = ['hostile-host.mjs', 'late-host.mjs'].map((name) =>
  join(import.meta.dirname, 'fixtures', name),
) as [string, string]
/** It never says hello; it says hello, and then nothing. */
const silences = ['silent', 'mute'] as const
const never = new AbortController().signal
const log = createLog({ write: () => {} }, 'silent')

let dir: string
let lab: RunningLab
let day = 0
let clock: TestClock
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-attack-'))
  lab = await startLab(join(dir, 'lab'), join(import.meta.dirname, '..', '..', 'desired-state'))
})
beforeEach(() => {
  clock = new TestClock(`2026-08-1${day++}T12:00:00.000Z`) // all policies are due on each
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

/** The shell host of `holdfast.yaml` is another one. */
function shellOf(...command: readonly string[]): LocalShell {
  return { transport: 'local', command: [process.execPath, ...command], scratch: dir, deadlineSeconds: 7200 }
}

/** Time goes by until it holds; how many seconds. */
async function secondsUntil(holds: () => boolean): Promise<number> {
  const from = clock.monotonic()
  await until(async () => {
    if (!holds()) await clock.advance(5)
    return holds() || undefined
  })
  return (clock.monotonic() - from) / 1000
}

/** No time goes by until it holds. */
function atOnce(holds: () => boolean): Promise<true> {
  return until(() => Promise.resolve(holds() || undefined))
}

/** Of the record of the directory, several calls make it. */
function needsCmdlet(kind: ItemKind): boolean {
  return kind === 'directory-record' || itemCalls[kind] !== null
}

/** The gate of a host that is let in late, and how often it was started. */
function lateHost() {
  const [gate, diary] = [join(dir, `gate-${day}`), join(dir, `diary-${day}`)]
  return {
    command: [late, gate, diary, lab.paths.directory],
    letIn: () => {
      writeFileSync(gate, '')
    },
    starts: () => (existsSync(diary) ? readFileSync(diary, 'utf8').match(/start/g)?.length : 0),
  }
}

describe('ten calls', () => {
  const hostOf = (...command: readonly string[]) =>
    openShellHost({ settings: shellOf(...command), folder: dir, clock, random: systemRandom })

  test.each(silences)('of one that is %s: the first waits, the others fail at once and say why', async (deed) => {
    await using shell = hostOf(hostile, deed)
    const failures: Problem[] = []
    const call = (): Promise<unknown> =>
      shell.call('call-park-settings', {}, never).catch((thrown: unknown) => failures.push(toProblem(thrown)))
    for (let count = 0; count < 10; count++) void call()
    expect(await secondsUntil(() => failures.length > 0)).toBeLessThan(240)
    await atOnce(() => failures.length === 10)
    const [first] = failures
    const told = /^The shell host on this machine has been silent since (\S+Z), and is asked again after (\S+Z)\. It /
    const [, since = '', again = ''] = told.exec(first?.message ?? '') ?? []
    expect(new Set(failures.map(({ code, message }) => `${code} ${message}`))).toEqual(
      new Set([`shell-silent ${first?.message ?? ''}`]),
    )
    expect(Date.parse(clock.now()) - Date.parse(since)).toBeGreaterThanOrEqual(120_000)
    const left = Date.parse(again) - Date.parse(clock.now())
    expect(left).toBeGreaterThan(0)

    await clock.advance(left / 1000)
    void call()
    await secondsUntil(() => failures.length === 11) // it was asked once more
    expect(failures.at(-1)?.message).toContain(`silent since ${since}`)
    expect(failures.at(-1)?.message).not.toContain(again)
  })

  test('of one that is slow: callers who give up start nothing over, and the last is answered', async () => {
    const host = lateHost()
    await using shell = hostOf(...host.command)
    for (let look = 0; look < 9; look++) {
      const stop = new AbortController()
      const given = shell.call('call-park-settings', {}, stop.signal).catch(toProblem)
      await atOnce(() => host.starts() === 1)
      await clock.advance(12)
      stop.abort(new Error('No answer within 12 s.'))
      expect(await given).toMatchObject({ code: 'shell-deadline' })
    }
    host.letIn()
    expect((await shell.call('call-park-settings', {}, never)).objects).not.toEqual([])
    expect(host.starts()).toBe(1)
  })
})

describe('a run', () => {
  /** A daemon, and what it did so far: `nightly set`, `nightly user-data`, each when it was wanted and when it ended. */
  async function watched(command: readonly string[], onPass?: (turn: Turn) => void) {
    const config: Config = { ...(await readConfig(lab.config)), shell: shellOf(...command) }
    const [wanted, ended]: [string[], string[]] = [[], []]
    const daemon = await startDaemon(config, {
      ...{ clock, random: systemRandom, log },
      ...(onPass && { onPass }),
      onProgress(event) {
        if (event.kind === 'step-percent') return
        const policy = event.set.split('/')[0] ?? ''
        if (event.kind === 'set-started') wanted.push(...event.items.map(({ kind }) => `${policy} ${kind}`))
        if (event.kind === 'item-ended') ended.push(`${policy} ${event.item.kind}`)
        if (event.kind === 'set-ended') ended.push(`${policy} set`)
      },
    })
    return { daemon, config, wanted, ended }
  }

  const ofNightly = (list: readonly string[]): string[] => list.filter((one) => /^nightly (?!set)/.test(one))
  const direct = (list: readonly string[]): string[] =>
    ofNightly(list).filter((one) => !needsCmdlet(one.split(' ')[1] as ItemKind))
  const outcomes = ({ actions }: RunReport): string[] =>
    actions
      .filter(({ kind }) => kind === 'create-backup-set')
      .map(({ subject, outcome }) => `${subject} ${outcome}`)
      .sort()

  test.each(silences)(
    'once, %s: file stores wait for nothing, and all items that need a cmdlet share one wait',
    async (deed) => {
      const { daemon, wanted, ended } = await watched([hostile, deed])
      await using _ = daemon
      const once = daemon.untilIdle({ signal: never })
      await atOnce(() => ended.includes('file-stores file-store'))
      // What remains is the record of the environment, which holds what cmdlets report; and so begins the other run.
      await clock.advance(30)
      await atOnce(() => ended.includes('file-stores set'))
      await atOnce(() => wanted.includes('nightly configuration'))
      await atOnce(() => direct(ended).length === direct(wanted).length)
      expect(ofNightly(wanted).length - direct(wanted).length).toBeGreaterThan(5)
      expect(await secondsUntil(() => ofNightly(ended).length === ofNightly(wanted).length)).toBeLessThan(240)
      await atOnce(() => ended.includes('nightly set'))
      const report = await once
      expect(outcomes(report)).toEqual(['file-stores done', 'nightly partial'])
      const run = report.actions.find(({ kind, subject }) => kind === 'create-backup-set' && subject === 'nightly')
      expect(run?.message).toContain('shell-silent')
    },
  )

  test('once, slow to say hello: the runs are whole, and no process was started over', async () => {
    const host = lateHost()
    const { daemon, ended } = await watched(host.command)
    await using _ = daemon
    const once = daemon.untilIdle({ signal: never })
    await atOnce(() => ended.includes('file-stores file-store'))
    await secondsUntil(() => clock.monotonic() >= 110_000)
    host.letIn()
    expect(outcomes(await once)).toEqual(['file-stores done', 'nightly done'])
    expect(host.starts()).toBe(2) // one to look, one to act
  })

  test('by hand, of a daemon that knows the silence: it waits for nothing', async () => {
    let known = false
    const { daemon, config, ended } = await watched([hostile, 'silent'], ({ snapshot }) => {
      const { services } = snapshot.observed.facts
      known = [...services.values()].some((one) => !one.known && one.code === 'shell-silent')
    })
    await using _ = daemon
    const stop = new AbortController()
    const running = daemon.run(stop.signal)
    await atOnce(() => ended.includes('file-stores file-store'))
    await secondsUntil(() => known && ended.includes('nightly set'))

    const before = ended.length
    const asked = { done: false }
    const options = { clock, random: systemRandom, log, actor: 'alex', wait: false, signal: never }
    const asking = ask([{ backup: 'file-stores' }], config, options).finally(() => (asked.done = true))
    await secondsUntil(() => ended.slice(before).includes('file-stores file-store'))
    await atOnce(() => ended.slice(before).includes('file-stores set'))
    await secondsUntil(() => asked.done)
    expect(await asking).toMatchObject([{ begun: true }])
    stop.abort()
    await running
  })
})
