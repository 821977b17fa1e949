/**
 * A daemon process dies by SIGKILL at a step of a restore test (databases and file stores, ADR 0040), or of the merge of one
 * user (ADR 0039), and is started again: it ends right, production is as it was, and what was made for a test is gone. Steps
 * are those of `kill-at-every-step`. With HOLDFAST_KILLS=every each single step is taken; some 400 kills, half an hour or more.
 */
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Death } from '../support/die-at.ts'
import { isEvery, killAll, wrong, type Killed } from './kill-at-every-step/killing.ts'
import { everyKill, isFlush, type Step } from './kill-at-every-step/kills.ts'
import { openProvingLane, type ProvingLane } from './kill-at-every-step/proving-lane.ts'
import { begunIn, ofEveryRun } from './kill-at-every-step/restore-kills.ts'

const pool = 'se01.contoso.com'
const timeout = isEvery ? 4 * 3_600_000 : 600_000

let lane: ProvingLane
beforeAll(async () => {
  lane = await openProvingLane()
}, 180_000)
afterAll(() => lane[Symbol.asyncDispose](), 60_000)

/** Of the kills at each place after the work was begun the one in the middle, in scratch the first one too; `HOLDFAST_KILLS=every`: each. */
function killsOf(trace: readonly Step[]): Death[] {
  const kills = everyKill(trace, begunIn(trace))
  if (isEvery) return kills
  const groups = Map.groupBy(
    kills.filter(({ step }) => !isFlush(step) && !ofEveryRun.test(step)),
    placeOf,
  )
  const picked = [...groups].flatMap(([place, group]) => [
    ...(/RESTORE|DROP|mkdir in restore/.test(place) ? group.slice(0, 1) : []),
    ...group.slice(group.length >> 1, (group.length >> 1) + 1),
  ])
  return [...new Set(picked)]
}

/** All files of a folder are one place. */
function placeOf({ step, when }: Death): string {
  const [, verb = '', place = ''] = /^(\w+) (restore|scratch|shares)/.exec(step) ?? []
  if (place !== '') return `${/^(rm|rmdir|unlink)$/.test(verb) ? 'remove' : verb} in ${place}`
  return /^(call|send) /.test(step) ? `${when} ${step.replace(/^call Export-.*/, 'an export')}` : step
}

/** What a kill left in scratch before the next start, over all kills: a test that finds none of it shows nothing. */
interface Seen {
  databases: number
  folders: number
}

async function dieAndGoOn(
  death: Death,
  begin: () => Promise<void>,
  faultsOf: () => string[],
  seen: Seen,
): Promise<Killed> {
  await begin()
  const how = await lane.kill(death, lane.now())
  const { databases, files } = lane.scratch()
  if (databases.length > 0) seen.databases += 1
  if (files.length > 0) seen.folders += 1
  await lane.wait(120) // nobody has to ask whether that process is gone
  const { code, out, err } = await lane.command('run', '--once', '--output', 'json')
  const started = code === 0 ? [] : [`the next start ended with ${code}: ${out}${err}`]
  return {
    deaths: how === 'killed' ? [death] : [],
    faults: [
      ...started,
      ...faultsOf(),
      ...lane.left().map((name) => `${name} was left`),
      ...(lane.isChained() ? [] : ['the journal is not whole']),
    ],
  }
}

function scratchFaults(): string[] {
  const { databases, files } = lane.scratch()
  return [...databases, ...files].map((name) => `${name} was left in scratch`)
}

/** Each subject was begun, begun again where it was cut off, and done once. */
function badlyTold(kind: string, subjects: number): string[] {
  const stories = [...Map.groupBy(lane.told(kind), ({ subject }) => subject)].map(([subject, entries]) => ({
    subject,
    story: entries.map(({ type }) => type.replace('action-', '')).join(' '),
  }))
  return [
    ...(stories.length === subjects ? [] : [`${stories.length} of ${subjects} were told of`]),
    ...stories
      .filter(({ story }) => !/^(started (interrupted started )?done)( started done)*$/.test(story))
      .map(({ subject, story }) => `${subject}: ${story}`),
  ]
}

test(
  'one user comes back: his contacts and conferences, nobody else’s, and nothing is left',
  async () => {
    const base = lane.keep()
    const users = (): Record<string, string[]> =>
      lane.held().find((one) => one.kind === 'users' && one.subject === pool)?.content ?? {}
    const before = users()
    const [user = ''] = Object.keys(before).filter((name) => (before[name]?.length ?? 0) > 1)
    const everything = lane.held()
    const sets = JSON.parse((await lane.command('sets', '--output', 'json')).out) as { sets: { id: string }[] }
    await lane.break('user', user, 'emptied')
    expect(users()[user]).toEqual([])
    await lane.commit(
      'one-user.yaml',
      stringify({
        ...{ apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name: 'one-user' } },
        spec: { user, pool, from: sets.sets[0]?.id },
      }),
    )
    const begin = lane.keep()

    await begin()
    const trace = await lane.trace(lane.now())
    expect(trace.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['call Update-CsUserData', 'call Export-CsUserData']),
    )
    const isBack = (): boolean => isDeepStrictEqual(sorted(users()), sorted(before))
    expect(isBack()).toBe(true)
    const faultsOf = (): string[] => [
      ...(isBack() ? [] : ['the user, or another one, is not as before']),
      ...lane
        .held()
        .filter((one, index) => one.kind !== 'users' && !isDeepStrictEqual(one, everything[index]))
        .map(({ kind, subject }) => `${kind} of ${subject} changed`),
      ...badlyTold('restore-user', 1),
    ]
    expect(faultsOf()).toEqual([])

    const seen = { databases: 0, folders: 0 }
    const ended = await killAll(
      [lane],
      killsOf(trace).map((one) => [one]),
      (_, [death]) => dieAndGoOn(death!, begin, faultsOf, seen),
    )
    expect(wrong(ended, ofEveryRun)).toEqual([])
    await base()
  },
  timeout,
)

test(
  'restore tests of databases and file stores: proved, scratch is clean, production untouched',
  async () => {
    await lane.wait(3600)
    expect((await lane.command('backup', 'nightly', '--wait')).code).toBe(0)
    await lane.wait(25 * 3600)
    const before = lane.held()
    const begin = lane.keep()

    await begin()
    const trace = await lane.trace(lane.now())
    const names = trace.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['send RESTORE DATABASE', 'send DROP']))
    expect(names.some((name) => name.startsWith('mkdir restore/'))).toBe(true)
    const faultsOf = (): string[] => [
      ...scratchFaults(),
      ...lane
        .held()
        .filter((one, index) => !isDeepStrictEqual(one, before[index]))
        .map(({ kind, subject }) => `${kind} of ${subject} changed`),
      ...badlyTold('verify-backup-set', 2),
    ]
    expect(faultsOf()).toEqual([])

    const seen = { databases: 0, folders: 0 }
    const ended = await killAll(
      [lane],
      killsOf(trace).map((one) => [one]),
      (_, [death]) => dieAndGoOn(death!, begin, faultsOf, seen),
    )
    expect(wrong(ended, ofEveryRun)).toEqual([])
    // Kills did leave things, so that what is gone was removed.
    expect(seen.databases).toBeGreaterThan(0)
    expect(seen.folders).toBeGreaterThan(0)
    const { json } = {
      json: JSON.parse((await lane.command('status', '--output', 'json')).out) as {
        conditions: { type: string; subject: string; status: string }[]
      },
    }
    expect(json.conditions.find(({ type }) => type === 'Restorable')).toMatchObject({ status: 'true' })
  },
  timeout,
)

function sorted(users: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(users).map(([name, held]) => [name, [...held].sort()]))
}
