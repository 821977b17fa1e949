/**
 * A daemon process dies by SIGKILL at a step of a failback, or of the sync of conference content before it, and is started
 * again: both end once, with what the partner kept. Steps are those of `kill-at-every-step`: calls that change a file, commits
 * of the state store, programs, cmdlets. HOLDFAST_KILLS=every takes each single one.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Held } from '../../src/lab/content-view.ts'
import type { Death } from '../support/die-at.ts'
import { ways } from '../support/hands.ts'
import { smallDeployment } from '../support/desired-files.ts'
import { isEvery, killAll, wrong, type Killed } from './kill-at-every-step/killing.ts'
import { everyKill } from './kill-at-every-step/kills.ts'
import { begunIn, ofEveryRun, restoreKills } from './kill-at-every-step/restore-kills.ts'
import { openRestoreLane, type RestoreLane, type Scene } from './kill-at-every-step/restore-lane.ts'
import { pass } from './kill-at-every-step/work.ts'

const [pool, partner] = ['se02.contoso.com', 'se03.contoso.com']

function member(name: string, other: string): string {
  return `---
apiVersion: holdfast/v1
kind: Pool
metadata: { name: ${name}.contoso.com }
spec: { site: Berlin, type: standard-edition, userStore: ${name}-rtc, fileStore: ${name}-share, pairedWith: ${other}.contoso.com }
---
apiVersion: holdfast/v1
kind: SqlStore
metadata: { name: ${name}-rtc }
spec: { host: ${name}.contoso.com, instance: rtc }
---
apiVersion: holdfast/v1
kind: FileStore
metadata: { name: ${name}-share }
spec: { path: '\\\\${name}.contoso.com\\LyncShare' }
`
}

/** A pair, and the server of the Central Management store beside it. No slot ever falls due. */
const deployment = smallDeployment
  .replace('keptElsewhere:', 'flagging: { grace: 1m }\n  keptElsewhere:')
  .replace("share: '", "minimumFree: 1MiB, share: '")
  .replace(/schedule: .*/, "schedule: { cron: '0 2 29 2 *', timeZone: UTC } }")
  .concat(member('se02', 'se03'), member('se03', 'se02'))

const stage = {
  servers: [pool, partner],
  manner: { takes: { ...ways, 'fail-over-pool': 'failed-over' } },
  write(folder: string): string {
    mkdirSync(folder)
    writeFileSync(join(folder, 'deployment.yaml'), deployment)
    return folder
  },
}
const losses = [
  {
    breaks: [`server ${pool}`],
    recoveries: [{ server: pool, scenario: 'standard-edition', run: 'holdfast' as const }],
  },
]
const steps = ['sync-conference-content', 'fail-back-pool']

let lanes: RestoreLane[] = []
beforeAll(async () => {
  lanes = [await openRestoreLane(losses, stage)]
}, 240_000)
afterAll(() => Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]())), 60_000)

function sceneOf({ scenes }: RestoreLane): Scene {
  const found = scenes.find(({ due }) => due.includes(`sync-conference-content of ${pool}`))
  if (!found) throw new Error(`it was never due: ${scenes.flatMap(({ due }) => due).join(', ')}`)
  return found
}

const stateOf = (lane: RestoreLane): string | undefined =>
  lane.world().pools.find(({ fqdn }) => fqdn === pool)?.poolState

/** Dies there; then starts until both steps have ended, and looks. */
async function dieAndGoOn(lane: RestoreLane, [death]: readonly Death[], wanted: readonly Held[]): Promise<Killed> {
  const scene = sceneOf(lane)
  await lane.show(scene)
  const died = death && (await lane.kill(death, lane.now())) === 'killed' ? [death] : []
  await lane.change((world) => {
    pass(120, world) // nobody has to ask whether that process is gone
  })
  const faults: string[] = []
  for (let starts = 0; starts < 3 && (starts === 0 || doneIn(lane, scene).length < steps.length); starts++) {
    const { code, out, err } = await lane.command('run', '--once', '--output', 'json')
    if (code !== 0) faults.push(`a start ended with ${code}: ${out}${err}`)
  }
  const after = await lane.settled()
  const others = after.filter((one, index) => !isDeepStrictEqual(one, wanted[index]))
  return {
    deaths: died,
    faults: [
      ...faults,
      ...others.map(({ kind, subject }) => `${kind} of ${subject} is not as it is after a whole run`),
      ...(isDeepStrictEqual(doneIn(lane, scene), steps) ? [] : [`done were ${doneIn(lane, scene).join(', ')}`]),
      ...(stateOf(lane) === 'Active' ? [] : [`the pool is ${stateOf(lane) ?? 'unknown'}`]),
      ...lane.left().map((name) => `${name} was left`),
      ...lane.broken(),
    ],
  }
}

function doneIn(lane: RestoreLane, scene: Scene): (string | null)[] {
  return lane
    .told(scene)
    .filter(({ type }) => type === 'action-done')
    .map(({ step }) => step)
}

test(
  'each start goes on where a kill broke a sync or a failback off',
  async () => {
    const [lane] = lanes as [RestoreLane]
    const scene = sceneOf(lane)
    await lane.show(scene)
    expect(stateOf(lane)).toBe('FailedOver')
    const trace = await lane.trace(lane.now())
    expect(doneIn(lane, scene)).toEqual(steps)
    expect(trace.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['call Invoke-CsBackupServiceSync', 'call Invoke-CsPoolFailback']),
    )
    const wanted = await lane.settled()
    expect(wanted).toEqual(lane.before)

    const kills = isEvery ? everyKill(trace, begunIn(trace)) : restoreKills(trace, new Set())
    const ended = await killAll(
      lanes,
      kills.map((one) => [one]),
      (on, deaths) => dieAndGoOn(on, deaths, wanted),
    )
    expect(ended.killed.length).toBeGreaterThan(2)
    expect(wrong(ended, ofEveryRun)).toEqual([])
  },
  isEvery ? 4 * 3_600_000 : 600_000,
)
