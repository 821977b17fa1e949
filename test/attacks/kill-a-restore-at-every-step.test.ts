/**
 * A daemon process dies by SIGKILL at a step of a restore that it runs (ADR 0032), and is started again. Steps are those of
 * `kill-at-every-step`: calls that change a file, commits of the state store, programs, RESTORE, cmdlets. What came back by
 * then is worked with until the next start: that must still be there at the end. With HOLDFAST_KILLS=every each single step is
 * taken; some 200 kills, a quarter of an hour or more. Not played yet: user data, Response
 * Groups, locations, and services that are stopped and started.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { World } from '../../src/lab/world.ts'
import type { Death } from '../support/die-at.ts'
import type { Losses } from '../support/scenario-run.ts'
import { isEvery, killAll, wrong, type Killed } from './kill-at-every-step/killing.ts'
import { everyKill, groupOf, someKills } from './kill-at-every-step/kills.ts'
import {
  openRestoreLane,
  type Held,
  type RestoreLane,
  type Scene,
  type Told,
} from './kill-at-every-step/restore-lane.ts'

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

/** Two cores: two labs, each with kills of its own. */
let lanes: RestoreLane[] = []
beforeAll(async () => {
  lanes = await Promise.all([openRestoreLane(losses), openRestoreLane(losses)])
}, 180_000)
afterAll(() => Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]())), 60_000)

/** Kind of content -> what people do with it as soon as it is back. */
const work: Readonly<Record<string, (world: World, dir: string) => void>> = {
  rows(world) {
    const records = databaseOf(world, 'sql02.contoso.com', 'LcsCDR')
    for (const table of Object.keys(records.tables)) records.tables[table] = (records.tables[table] ?? 0) + 1
  },
  files(_world, dir) {
    appendFileSync(join(dir, 'shares', standard, 'LyncShare/1-WebServices-1/MeetingContent/since.txt'), 'since')
  },
  configuration(world) {
    const [setting] = world.settings
    if (setting) for (const name of Object.keys(setting.values)) setting.values[name] = '7777'
  },
}

function databaseOf(
  { sqlServers }: World,
  host: string,
  name: string,
): World['sqlServers'][number]['facts']['databases'][number] {
  const found = sqlServers
    .filter(({ facts }) => facts.host === host)
    .flatMap(({ facts }) => facts.databases)
    .find((one) => one.name === name)
  if (!found) throw new Error(`${host} has no database ${name}`)
  return found
}

/** Dies there, lets people work, starts again, and looks. `steps`: what Holdfast runs in the scene. */
async function killAndStart(lane: RestoreLane, scene: Scene, steps: readonly string[], death: Death): Promise<Killed> {
  await lane.show(scene)
  const begin = await lane.settled()
  const how = await lane.kill(death, lane.now())
  const between = await lane.settled()
  const done = lane
    .told(scene)
    .filter(isDone)
    .map(({ step }) => step)
  const isBack = (index: number): boolean =>
    !isDeepStrictEqual(begin[index], lane.before[index]) && isDeepStrictEqual(between[index], lane.before[index])
  await lane.change((world, dir) => {
    world.clockOffsetSeconds += 120 // nobody has to ask whether that process is gone
    for (const [index, { kind }] of between.entries()) if (isBack(index)) work[kind]?.(world, dir)
  })
  const worked = await lane.settled()
  const faults: string[] = []
  for (let starts = 0; starts < 3 && (starts === 0 || !hasEnded(lane.told(scene), steps)); starts++) {
    const { code, out, err } = await lane.command('run', '--once', '--output', 'json')
    if (code !== 0) faults.push(`a start ended with ${code}: ${out}${err}`)
  }
  const after = await lane.settled()
  const wanted = (index: number): Held | undefined => (isBack(index) ? worked[index] : lane.before[index])
  const lost = after.filter(
    (one, index) => !isDeepStrictEqual(one, wanted(index)) && !isDeepStrictEqual(begin[index], one),
  )
  return {
    ...{ death, how },
    faults: [
      ...faults,
      ...lost.map(({ kind, subject }) => `${kind} of ${subject} is not as it was, with what was done since`),
      ...badlyTold(lane.told(scene), steps),
      ...done.flatMap((step) =>
        lane.told(scene).filter((one) => isDone(one) && one.step === step).length === 1 ? [] : [`${step} again`],
      ),
      ...lane.left().map((name) => `${name} was left`),
      ...lane.broken(),
      ...(hasEnded(lane.told(scene), steps) ? [] : lane.waits()),
    ],
  }
}

const isDone = ({ type }: Told): boolean => type === 'action-done'

function hasEnded(told: readonly Told[], steps: readonly string[]): boolean {
  return told.filter(isDone).length === steps.length
}

/** Each step was begun, begun again where it was cut off, and done once; the steps of a subject one after the other. */
function badlyTold(told: readonly Told[], steps: readonly string[]): string[] {
  const bySubject = [...Map.groupBy(told, ({ subject }) => subject)]
  const stories = bySubject.map(([subject, entries]) => ({
    subject,
    story: entries.map(({ type }) => type.replace('action-', '')).join(' '),
  }))
  const done = told.filter(isDone).map(({ step }) => step)
  const cut = told.filter(({ type }) => type === 'action-interrupted')
  return [
    ...stories
      .filter(({ story }) => !/^(started (interrupted started )*done( |$))+$/.test(story))
      .map(({ subject, story }) => `${subject}: ${story}`),
    ...(isDeepStrictEqual([...done].sort(), [...steps].sort()) ? [] : [`done were ${done.join(', ')}`]),
    ...(new Set(cut.map(({ step }) => step)).size === cut.length ? [] : ['one death cut off a step twice']),
  ]
}

/** What is due at the begin of a scene, and all that Holdfast runs in it. */
const scenes: readonly { due: string; steps: readonly string[] }[] = [
  { due: `restore-databases of ${database}`, steps: ['restore-databases'] },
  { due: String.raw`restore-file-store of \\se01.contoso.com\LyncShare`, steps: ['restore-file-store'] },
  { due: 'import-configuration of contoso', steps: ['import-configuration'] },
]

/** Places at which a scene before was killed; cmdlets, statements and commits are another thing in each. */
const done = new Set<string>()
/** What every run writes, a backup does too; how often a pass has something to write depends on who is faster. */
const ofEveryRun = /^in (\.$|shares\/backup01\.contoso\.com)|^(start|close|execute) |^commit (observation|remembered)$/
const isNew = ({ step }: Death): boolean => {
  const group = groupOf(step)
  return !ofEveryRun.test(group) && (!group.startsWith('in ') || !done.has(group))
}

/** Before a step is begun, one start is like the other. */
const begun = (trace: readonly { name: string }[]): number =>
  trace.findIndex(({ name }) => name === 'commit intent, journal')

const timeout = isEvery ? 4 * 3_600_000 : 600_000

test.each(scenes)(
  '$due',
  async ({ due, steps }) => {
    const sceneOf = ({ scenes }: RestoreLane): Scene => {
      const found = scenes.find((scene) => scene.due.includes(due))
      if (!found) throw new Error(`${due} was never due`)
      return found
    }
    const [first] = lanes as [RestoreLane]
    const scene = sceneOf(first)
    await first.show(scene)
    const trace = await first.trace(first.now())
    expect(badlyTold(first.told(scene), steps)).toEqual([])

    const kills = isEvery
      ? everyKill(trace, done.size === 0 ? 0 : begun(trace))
      : someKills(trace, begun(trace)).filter(isNew)
    for (const { step } of kills) done.add(groupOf(step))
    const ended = await killAll(lanes, kills, (lane, death) => killAndStart(lane, sceneOf(lane), steps, death))

    expect(wrong(ended)).toEqual([])
  },
  timeout,
)
