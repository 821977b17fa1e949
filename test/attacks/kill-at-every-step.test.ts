/**
 * A daemon process dies by SIGKILL at a step by which it changes the world, and is started again. Steps are what
 * `support/die-at.ts` sees: each call that changes a file, each commit of the state store, each program that is started,
 * each export, each BACKUP; a write may die half done. Of the steps at the same place the first, the middle and the last
 * are taken; a run of the check takes one of these in turn (ADR 0047). With HOLDFAST_KILLS=every each single step is; some
 * 200 kills, many minutes.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Death } from '../support/die-at.ts'
import { lacking } from '../support/programs.ts'
import { isEvery, killAll, turn, wrong, type Killed } from './kill-at-every-step/killing.ts'
import { everyKill, someKills, type Step } from './kill-at-every-step/kills.ts'
import { openLane, slotMilliseconds, type Lane } from './kill-at-every-step/lane.ts'
import { temporaryIn } from './kill-at-every-step/mortal-runs.ts'
import { filesIn, isOnShare, namesIn, setsOnShare, type SetOnShare } from './kill-at-every-step/outside.ts'
import { verbOf } from './kill-at-every-step/system-calls.ts'

/** Each is one of its own: all the sets of a lane are looked at together. */
const killsOf = (trace: readonly Step[]): Death[][] =>
  (isEvery ? everyKill(trace) : someKills(trace, turn)).map((death) => [death])
const timeout = isEvery ? 4 * 3_600_000 : 1_800_000

/** Two cores: two labs, each with kills of its own. */
let lanes: Lane[] = []
beforeAll(async () => {
  lanes = await Promise.all([openLane(), openLane()])
}, 180_000)
afterAll(() => Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]())), 60_000)

/** Dies there, starts again, and looks; `now` is the time at both starts. */
async function killAndStart(
  lane: Lane,
  deaths: readonly Death[],
  [now, later]: readonly [number, number],
): Promise<Killed> {
  const [death] = deaths as [Death]
  const before = setsOnShare(lane.share, 'nightly')
  const how = await lane.kill(death, now)
  const between = setsOnShare(lane.share, 'nightly')
  const faults = [...faultsOf(before, between), ...pointerFaults(lane, between, null)]
  const { code, out, err } = await lane.command(later, 'run', '--once', '--output', 'json')
  if (code !== 0) faults.push(`the next start ended with ${code}: ${out}${err}`)
  const after = setsOnShare(lane.share, 'nightly')
  const slot = new Date(Math.floor(later / slotMilliseconds) * slotMilliseconds).toISOString()
  const made = after.filter((set) => set.state === 'complete' && set.slot === slot)
  if (made.length !== 1) faults.push(`slot ${slot} has ${made.length} complete sets`)
  faults.push(...faultsOf(between, after), ...pointerFaults(lane, after, made[0]?.id ?? null), ...leftIn(lane))
  return { deaths: how === 'killed' ? deaths : [], faults }
}

/** No set claims what is not so, and none that was there is gone or was touched. */
function faultsOf(before: readonly SetOnShare[], after: readonly SetOnShare[]): string[] {
  const now = new Map(after.map((set) => [set.id, set]))
  return [
    ...after.flatMap(({ id, faults }) => faults.map((fault) => `${id} has its commit record, but ${fault}`)),
    ...before.filter(({ id, print }) => now.get(id)?.print !== print).map(({ id }) => `${id} was lost or changed`),
  ]
}

/** `$Backup` names a complete set, or nothing yet; in the end just this one. */
function pointerFaults({ share }: Lane, sets: readonly SetOnShare[], wanted: string | null): string[] {
  const complete = sets.filter(({ state }) => state === 'complete').map(({ id }) => id)
  const named = filesIn(join(share, 'current')).includes('nightly.txt')
    ? readFileSync(join(share, 'current/nightly.txt'), 'utf8').trim().split('\\').slice(-2).join('/')
    : null
  if (wanted === null ? named === null || complete.includes(named) : named === wanted) return []
  return [`the pointer names ${named ?? 'nothing'}, and not ${wanted ?? 'a complete set'}`]
}

/** A start that died while it made the first copy of the repository, or the id of the owner, leaves a few bytes for good. */
const tolerated = /^(owner\.id|state\.db\.mirror)\.\w+$/
const ofLab = ['certificates', 'clone', 'control.json', 'holdfast.yaml', 'lab.json', 'log', 'repository.git', 'shares']
const beside = [
  ...ofLab,
  'owner.id',
  'scratch',
  'sql-password',
  'state.db',
  'state.db.mirror',
  'topology.xml',
  'temporary',
]

/** Exports in scratch, and whatever else does not belong where it is. */
function leftIn({ dir, share }: Lane): string[] {
  const shared = filesIn(share).filter((file) => !file.startsWith('nightly/') && !isOnShare(file))
  const others = namesIn(dir).filter((name) => !beside.includes(name) && !tolerated.test(name))
  return [...namesIn(join(dir, 'scratch')), ...namesIn(temporaryIn(dir)), ...shared, ...others].map(
    (name) => `${name} was left`,
  )
}

/** By the program's own word: codes of the verdict besides `usual`, and what is not listed, verified or proved. */
async function told(lane: Lane, time: number, usual: ReadonlySet<string>): Promise<string[]> {
  const [sets, verified, audited] = [
    await lane.command(time, 'sets', '--output', 'json'),
    await lane.command(time, 'verify', '--level', 'checksum', '--output', 'json'),
    await lane.command(time, 'audit', 'verify', '--output', 'json'),
  ]
  const reasons = await verdict(lane, time)
  const listed = (JSON.parse(sets.out) as { sets: { id: string; state: string }[] }).sets
  const states = new Map(listed.map(({ id, state }) => [id, state.replace('interrupted', 'open')]))
  return [
    ...setsOnShare(lane.share, 'nightly')
      .filter(({ id, state }) => states.get(id) !== state)
      .map(({ id, state }) => `${id} is ${state}, but listed as ${states.get(id) ?? 'nothing'}`),
    ...(verified.code === 0 ? [] : [`verify: ${verified.out}${verified.err}`]),
    ...(audited.code === 0 ? [] : [`audit verify: ${audited.out}${audited.err}`]),
    ...[...reasons].filter((reason) => !usual.has(reason)).map((reason) => `the verdict says ${reason}`),
  ]
}

async function verdict(lane: Lane, time: number): Promise<Set<string>> {
  const { out } = await lane.command(time, 'status', '--output', 'json')
  const { reasons } = (JSON.parse(out) as { verdict: { reasons: { code: string }[] } }).verdict
  return new Set(reasons.map(({ code }) => code))
}

test(
  'in the run of a slot: no set that is not whole, none lost, none twice, and nothing left behind',
  async () => {
    const begin = Math.floor(Date.now() / slotMilliseconds - (isEvery ? 300 : 80)) * slotMilliseconds
    const clocks = new Map(lanes.map((lane) => [lane, begin]))
    const nextSlot = (lane: Lane): number => {
      const slot = (clocks.get(lane) ?? 0) + slotMilliseconds
      clocks.set(lane, slot)
      return slot + 5000
    }
    for (const lane of lanes) {
      lane.forget()
      expect(await lane.command(nextSlot(lane), 'run', '--once')).toMatchObject({ code: 0 })
    }
    const [first] = lanes as [Lane]
    const routine = await first.trace(nextSlot(first))
    const usual = await verdict(first, nextSlot(first) - slotMilliseconds + 60_000)

    const ended = await killAll(lanes, killsOf(routine), (lane, deaths) => {
      const slot = nextSlot(lane)
      return killAndStart(lane, deaths, [slot, slot + 120_000])
    })

    expect(wrong(ended)).toEqual([])
    for (const lane of lanes) expect(await told(lane, (clocks.get(lane) ?? 0) + 300_000, usual)).toEqual([])
  },
  timeout,
)

test(
  'in the very first run: the same at each step that a later run does not take',
  async () => {
    const [lane] = lanes as [Lane]
    const begin = Math.floor(Date.now() / slotMilliseconds) * slotMilliseconds
    const [now, later, end] = [begin + 5000, begin + 120_000, begin + 300_000]
    lane.forget()
    const steps = await lane.trace(now)
    const usual = await verdict(lane, end)
    const routine = await lane.trace(now + slotMilliseconds)
    const known = new Set(routine.map(({ name }) => name))

    const ended = await killAll(lanes, killsOf(steps.filter(({ name }) => !known.has(name))), async (lane, deaths) => {
      lane.forget()
      const killed = await killAndStart(lane, deaths, [now, later])
      return { ...killed, faults: [...killed.faults, ...(await told(lane, end, usual))] }
    })

    expect(wrong(ended)).toEqual([])
  },
  timeout,
)

const canTrace = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0
const noTrace = canTrace ? null : (lacking('strace') ?? 'no right to use strace')

test.skipIf(noTrace !== null)(
  `no change of a file is missing from the steps${noTrace === null ? '' : ` (${noTrace})`}`,
  async () => {
    const [lane] = lanes as [Lane]
    lane.forget()
    const { steps, seen } = await lane.watch(Date.now())

    const known = new Set(steps.map(asSeen))
    const missing = seen.map(asSeen).filter((change) => !known.has(change) && !bySqlite.test(change))
    expect([...new Set(missing)]).toEqual([])
    const verbs = new Set(seen.map((change) => asSeen(change).split(' ')[0]))
    expect([...verbs], 'it has seen the run').toEqual(
      expect.arrayContaining(['open', 'write', 'rename', 'mkdir', 'link', 'remove']),
    )
  },
  timeout,
)

/** SQLite writes its own files; of those the steps are its commits. */
const bySqlite = /^\w+ state\.db(-\w+)?$/

/** A step or a change by what it does and where; a folder with a random name by that name. */
function asSeen(change: string): string {
  const [call = '', ...place] = change.split(' ')
  return `${verbOf(call)} ${place.join(' ').replace(/\.mirror\.$/, '.mirror.ID')}`
}
