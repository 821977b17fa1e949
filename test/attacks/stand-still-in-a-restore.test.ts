/**
 * A daemon stands still in the middle of a restore (a suspended machine, a stopped container), and another one comes to its
 * place: its lease expires (fault S8), its store was copied, or somebody takes over (fault S9). The other one brings back what
 * was lost, people work with it, and then the first goes on: it writes nothing any more (ADR 0017). At last one stands still
 * because its share neither answers nor fails.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { change } from '../../src/lab/lab.ts'
import type { Held } from '../../src/lab/content-view.ts'
import { openCommands, type Commands } from '../support/commands.ts'
import { age } from '../support/driven.ts'
import { until } from '../support/until.ts'
import type { Way } from './kill-at-every-step/mortal-runs.ts'
import { openRestoreLane, type RestoreLane, type Scene } from './kill-at-every-step/restore-lane.ts'
import { work } from './kill-at-every-step/work.ts'

const instance = 'sql02.contoso.com'
const database = `${instance}/LcsCDR`
const store = String.raw`\\se01.contoso.com\LyncShare`
const shared = 'shares/se01.contoso.com/LyncShare'
const names = ['1-ApplicationServer-1', '1-WebServices-1']
const poll = `${shared}/${names[1]}/MeetingContent/Poll~1.xml`

let lane: RestoreLane
let commands: Commands
beforeAll(async () => {
  commands = openCommands()
  const accept = 'rows-since-rebuild' // else that alone would stop a second RESTORE
  lane = await openRestoreLane([
    {
      breaks: [`database ${database} lost`],
      recoveries: [{ server: database, scenario: 'archiving-monitoring', run: 'holdfast', accept }],
    },
    { breaks: [`file-store ${store} lost`], recoveries: [{ server: store, scenario: 'file-store', run: 'holdfast' }] },
  ])
}, 180_000)
afterAll(async () => {
  await commands[Symbol.asyncDispose]()
  await lane[Symbol.asyncDispose]()
}, 60_000)

/** The world as it was when this was due; nobody is at work. */
async function show(due: string): Promise<Scene> {
  const scene = lane.scenes.find((one) => one.due.some((step) => step.startsWith(due)))
  if (!scene) throw new Error(`${due} was never due`)
  await lane.show(scene)
  return scene
}

/** A configuration with a copy of the store as it is now; in the folder of the first, with its owner id, or in one of its own. */
function copied(folder: string): string {
  const name = 'state.db-copy'
  for (const part of readdirSync(lane.root).filter((one) => /^state\.db(-wal)?$/.test(one)))
    cpSync(join(lane.root, part), join(folder, part.replace('state.db', name)))
  const file = join(folder, 'other.yaml')
  writeFileSync(file, readFileSync(lane.config, 'utf8').replace('state: ./state.db', `state: ./${name}`))
  return file
}

/** As if nobody had been at work there for so long. */
async function leaveAlone(): Promise<void> {
  await age(join(lane.share, 'journal', 'owner.json'), 181)
}

/** How somebody comes to the place of one that stands still: what is done before the next one starts, and how that starts. */
const ways: Readonly<Record<string, (copy: (folder: string) => string) => () => Promise<Way & { later?: number }>>> = {
  'its lease expires, and nobody can see it': () => () =>
    Promise.resolve({ under: ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'], later: 31 }),
  'its store was copied': (copy) => {
    const config = copy(lane.root)
    return async () => {
      await leaveAlone()
      return { config }
    }
  },
  'somebody takes over': (copy) => {
    const folder = join(lane.root, 'temporary', 'other')
    mkdirSync(folder, { recursive: true })
    const config = copy(folder)
    return async () => {
      const taken = await commands.run(['take-over', 'backup01', '--config', config], lane.now())
      expect(taken).toMatchObject({ code: 0 })
      await leaveAlone()
      return { config }
    }
  },
}

/** Why this machine makes no PID namespace; null where it does. */
function noNamespace(): string | null {
  try {
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'pipe' })
    return null
  } catch (thrown) {
    return String(thrown).split('\n')[0] ?? ''
  }
}
const refusal = noNamespace()
const deeds = Object.keys(ways).filter((deed) => refusal === null || !deed.startsWith('its lease'))
if (refusal !== null) test.skip(`its lease expires: no PID namespace can be made here (${refusal})`, () => {})

/** Batches that change the database, oldest first, by the lab's own record: what and when. */
function batches(since: number): { verb: string; at: number }[] {
  const lines = readFileSync(join(lane.root, 'log', 'requests.jsonl'), 'utf8')
    .trim()
    .split('\n')
  return lines.flatMap((line) => {
    const { at, sql = '' } = JSON.parse(line) as { at: string; sql?: string }
    const verb = ['RESTORE DATABASE', 'ALTER DATABASE'].find((one) => sql.includes(one))
    const time = Date.parse(at)
    return verb === undefined || time < since ? [] : [{ verb, at: time }]
  })
}

/** Of the database, those that came to their end. */
function restores(): number {
  const all = lane.world().sqlServers.flatMap(({ facts }) => (facts.host === instance ? facts.restores : []))
  return all.length
}

/** When a file was last written below a folder of the lab. */
function lastWrite(...folders: readonly string[]): number {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => lstatSync(join(folder, name))),
  )
  return Math.max(...files.filter((stats) => stats.isFile()).map(({ ctimeMs }) => ctimeMs))
}

/** Without files that have no name yet: whoever stood still takes his own away. */
function named(held: readonly Held[]): Held[] {
  return held.map(({ content, ...about }) => ({
    ...about,
    content: content && Object.fromEntries(Object.entries(content).filter(([name]) => !name.endsWith('.part'))),
  }))
}

const beforeRestore = { due: `restore-databases of ${database}`, step: 'send RESTORE VERIFYONLY', rest: 'done' }
const rows = [
  ...deeds.map((deed) => ({ what: 'before a RESTORE', deed, ...beforeRestore })),
  {
    ...{ what: 'before the first folder of a file store', deed: 'its store was copied', rest: 'done' },
    ...{ due: `restore-file-store of ${store}`, step: `mkdir ${shared}/${names[0]}` },
  },
  {
    ...{ what: 'in the middle of a file store', deed: 'somebody takes over', rest: 'by hand' },
    ...{
      due: `restore-file-store of ${store}`,
      step: `open ${shared}/${names[1]}/MeetingContent/.holdfast-ID.part`,
    },
  },
]

test.each(rows)(
  '$what: $deed',
  async ({ due, step, deed, rest }) => {
    await show(due)
    const come = ways[deed]?.(copied)
    const begun = Date.now()
    const first = await lane.standStill(step, lane.now())
    try {
      const stood = Date.now()
      const { later = 0, ...way } = (await come?.()) ?? {}
      const second = await lane.whole(lane.now() + later * 1000, way)
      // Who does not know that somebody is at it takes a store with files for one that lives, and leaves the rest to people.
      const said = rest === 'by hand' ? '"actions":[]' : '"outcome":"done"'
      expect(second).toMatchObject({ code: 0, said: expect.stringContaining(said) as string })
      await lane.change((world, dir) => {
        work['rows']?.(world, dir)
        work['files']?.(world, dir)
        rmSync(join(lane.root, poll), { force: true })
      })
      const held = named(await lane.settled())
      const left = Date.now()

      const ended = await first.goOn()

      expect(named(await lane.settled())).toEqual(held)
      expect(ended.code).not.toBe(0)
      expect(ended.said).toMatch(/location-in-use|location-foreign-owner|lease-lost/)
      expect(batches(begun).filter(({ at }) => at < stood || at > left)).toEqual([])
      expect(lastWrite(lane.share, join(lane.root, shared))).toBeLessThanOrEqual(left)
    } finally {
      first.kill()
    }
  },
  120_000,
)

test('in the middle of a RESTORE, and alive: it ends that, and only then the next one begins', async () => {
  await show(`restore-databases of ${database}`)
  const folder = join(lane.root, 'temporary', 'other')
  mkdirSync(folder, { recursive: true })
  const config = copied(folder)
  await change(lane.root, 'break', { kind: 'sql', subject: instance, detail: 'slow-restores' })
  const [begun, before] = [Date.now(), restores()]
  const first = lane.whole(lane.now())
  await until(() => Promise.resolve(batches(begun).length > 0 || undefined))
  const taken = await commands.run(['take-over', 'backup01', '--config', config], lane.now())
  expect(taken).toMatchObject({ code: 0 })
  void first.then(() => change(lane.root, 'repair', { kind: 'sql', subject: instance, detail: null }))

  const second = await until(async () => {
    const tried = await lane.whole(lane.now(), { config })
    return tried.code === 4 ? undefined : tried
  })

  expect(second).toMatchObject({ code: 0, said: expect.stringContaining('"outcome":"done"') as string })
  expect(await first).toMatchObject({ code: 4, said: expect.stringContaining('location-foreign-owner') as string })
  expect(batches(begun).map(({ verb }) => verb)).toEqual(['RESTORE DATABASE', 'RESTORE DATABASE', 'ALTER DATABASE'])
  expect(restores()).toBe(before + 1) // the other one did not come to its end
  expect(lane.held()).toEqual(lane.before)
}, 120_000)

test('while the share hangs on which the backup is read: it is asked to stop, and ends; the next one begins again', async () => {
  const scene = await show(beforeRestore.due)
  const begun = Date.now()
  const hanging = await lane.hang('LcsCDR.bak', lane.now())

  const ended = await hanging.stop()

  // Node itself waits for a thread whose call does not return.
  expect(ended.said).toContain('a call on a share does not return')
  expect(lane.told(scene).map(({ type }) => type)).toEqual(['action-started', 'action-interrupted'])
  expect(batches(begun)).toEqual([])
  expect(await lane.whole(lane.now())).toMatchObject({ code: 0 })
  expect(lane.told(scene).map(({ type }) => type)).toEqual([
    ...['action-started', 'action-interrupted', 'action-started', 'action-done'],
  ])
}, 120_000)
