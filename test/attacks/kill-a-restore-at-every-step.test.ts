/**
 * A daemon process dies by SIGKILL at a step of a restore that it runs (ADR 0032), and is started again. Steps are those of
 * `kill-at-every-step`: calls that change a file, commits of the state store, programs, RESTORE, cmdlets. The next start may
 * die too, at a later step; in the end one does not. What came back by then is worked with at once: that must still be there
 * at the end. With HOLDFAST_KILLS=every each single step is taken, and only one death is died before the last start; some 350
 * kills, half an hour or more.
 */
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Held } from '../../src/lab/content-view.ts'
import type { Death } from '../support/die-at.ts'
import type { Losses } from '../support/scenario-run.ts'
import { isEvery, killAll, wrong, type Killed } from './kill-at-every-step/killing.ts'
import { everyKill } from './kill-at-every-step/kills.ts'
import { begunIn, ofEveryRun, restoreKills, restorePlaceOf } from './kill-at-every-step/restore-kills.ts'
import { openRestoreLane, type RestoreLane, type Scene, type Told } from './kill-at-every-step/restore-lane.ts'
import { pass, work } from './kill-at-every-step/work.ts'

const database = 'sql02.contoso.com/LcsCDR'
const standard = 'se01.contoso.com'
const losses: readonly Losses[] = [
  {
    breaks: [`database ${database} lost`],
    recoveries: [{ server: database, scenario: 'archiving-monitoring', run: 'holdfast' }],
  },
  {
    breaks: [`server ${standard}`],
    recoveries: [{ server: standard, scenario: 'central-management', run: 'holdfast' }],
  },
]

/** Two cores: two labs, each with kills of its own; the short scene of the first loss is not worth a second one. */
let lanes: RestoreLane[] = []
beforeAll(async () => {
  lanes = await Promise.all([openRestoreLane(losses), openRestoreLane(losses.slice(1))])
}, 180_000)
afterAll(() => Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]())), 60_000)

interface Plot {
  scene: Scene
  /** What Holdfast runs in it. */
  steps: readonly string[]
  /** Of what the deployment held, whether it does again at the end. */
  comesBack: readonly boolean[]
}

/** Dies there, one death after the other, with people at work in between; then starts until all is done, and looks. */
async function dieAndGoOn(lane: RestoreLane, deaths: readonly Death[], plot: Plot): Promise<Killed> {
  const { scene, steps, comesBack } = plot
  await lane.show(scene)
  const begin = lane.held()
  const worked = new Map<number, Held>()
  const died: Death[] = []
  for (const death of deaths) {
    if ((await lane.kill(death, lane.now())) === 'whole') break
    died.push(death)
    const found = await lane.settled()
    const back = found.flatMap((one, index) => {
      const isBack = !isDeepStrictEqual(begin[index], lane.before[index]) && isDeepStrictEqual(one, lane.before[index])
      return isBack && !worked.has(index) ? [index] : []
    })
    await lane.change((world, dir) => {
      pass(120, world) // nobody has to ask whether that process is gone
      for (const index of back) work[found[index]?.kind ?? '']?.(world, dir)
    })
    const left = lane.held()
    for (const index of back) {
      const one = left[index]
      if (one && !isDeepStrictEqual(one, found[index])) worked.set(index, one)
    }
  }
  const faults: string[] = []
  for (let starts = 0; starts < 3 && (starts === 0 || !hasEnded(lane.told(scene), steps)); starts++) {
    const { code, out, err } = await lane.command('run', '--once', '--output', 'json')
    if (code !== 0) faults.push(`a start ended with ${code}: ${out}${err}`)
  }
  const after = await lane.settled()
  const told = lane.told(scene)
  const lost = after.filter((one, index) => {
    const wanted = worked.get(index) ?? (comesBack[index] === true ? lane.before : begin)[index]
    return !isDeepStrictEqual(one, wanted)
  })
  return {
    deaths: died,
    faults: [
      ...faults,
      ...lost.map(({ kind, subject }) => `${kind} of ${subject} is not as it was, with what was done since`),
      ...badlyTold(told, steps, died.length),
      ...lane.left().map((name) => `${name} was left`),
      ...lane.broken(),
      ...(hasEnded(told, steps) ? [] : lane.waits()),
    ],
  }
}

const isDone = ({ type }: Told): boolean => type === 'action-done'

function hasEnded(told: readonly Told[], steps: readonly string[]): boolean {
  return told.filter(isDone).length === steps.length
}

/** Each step was begun, begun again where it was cut off, and done once; the steps of a subject one after the other. */
function badlyTold(told: readonly Told[], steps: readonly string[], deaths: number): string[] {
  const bySubject = [...Map.groupBy(told, ({ subject }) => subject)]
  const stories = bySubject.map(([subject, entries]) => ({
    subject,
    story: entries.map(({ type }) => type.replace('action-', '')).join(' '),
  }))
  const done = told.filter(isDone).map(({ step }) => step)
  const cut = Map.groupBy(
    told.filter(({ type }) => type === 'action-interrupted'),
    ({ step }) => step,
  )
  return [
    ...stories
      .filter(({ story }) => !/^(started (interrupted started )*done( |$))+$/.test(story))
      .map(({ subject, story }) => `${subject}: ${story}`),
    ...(isDeepStrictEqual([...done].sort(), [...steps].sort()) ? [] : [`done were ${done.join(', ')}`]),
    ...[...cut]
      .filter(([, times]) => times.length > deaths)
      .map(([step]) => `${step ?? ''} was cut off ${deaths} times, and more is told`),
  ]
}

/** What is due at the begin of a scene, all that Holdfast runs in it, and by what that changes the world. */
const scenes: readonly { due: string; steps: readonly string[]; changes: readonly string[] }[] = [
  {
    due: `restore-databases of ${database}`,
    steps: ['restore-databases'],
    changes: ['send RESTORE DATABASE', 'send ALTER'],
  },
  {
    due: String.raw`restore-file-store of \\se01.contoso.com\LyncShare`,
    steps: ['restore-file-store'],
    changes: ['link shares/se01.contoso.com/LyncShare/1-WebServices-1/MeetingContent/Poll~1.xml'],
  },
  {
    due: 'import-configuration of contoso',
    steps: ['import-configuration'],
    changes: ['call Import-CsConfiguration'],
  },
  {
    due: 'import-locations of contoso',
    steps: ['import-locations', 'stop-services', 'import-user-data', 'start-services', 'import-response-groups'],
    changes: [
      ...['call Import-CsLisConfiguration', 'call Publish-CsLisConfiguration', 'call Stop-CsWindowsService'],
      ...['call Import-CsUserData', 'call Start-CsWindowsService', 'call Import-CsRgsConfiguration'],
    ],
  },
]

function sceneOf({ scenes }: RestoreLane, due: string): Scene {
  const found = scenes.find((scene) => scene.due.includes(due))
  if (!found) throw new Error(`${due} was never due`)
  return found
}

/** Places at which a scene before was killed. */
const known = new Set<string>()

const timeout = isEvery ? 4 * 3_600_000 : 600_000

test.each(scenes)(
  '$due',
  async ({ due, steps, changes }) => {
    const [first] = lanes as [RestoreLane]
    const scene = sceneOf(first, due)
    await first.show(scene)
    const trace = await first.trace(first.now())
    expect(badlyTold(first.told(scene), steps, 0)).toEqual([])
    expect(trace.map(({ name }) => name)).toEqual(expect.arrayContaining([...changes]))
    const comesBack = (await first.settled()).map((one, index) => isDeepStrictEqual(one, first.before[index]))

    const kills = isEvery ? everyKill(trace, known.size === 0 ? 0 : begunIn(trace)) : restoreKills(trace, known)
    for (const kill of kills) known.add(restorePlaceOf(kill))
    const those = lanes.filter((lane) => lane.scenes.some((one) => one.due.includes(due)))
    const rounds = isEvery ? kills.map((one) => [one]) : dealt(kills, those.length)
    const ended = await killAll(those, rounds, (lane, deaths) =>
      dieAndGoOn(lane, deaths, { scene: sceneOf(lane, due), steps, comesBack }),
    )

    expect(wrong(ended, ofEveryRun)).toEqual([])
  },
  timeout,
)

/** In turn: what stands side by side in a scene is not died in the same round. */
function dealt(kills: readonly Death[], rounds: number): Death[][] {
  return Array.from({ length: rounds }, (_, round) => kills.filter((_, index) => index % rounds === round))
}
