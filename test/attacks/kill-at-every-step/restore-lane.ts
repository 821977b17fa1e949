/**
 * A small lab in which something was lost and is brought back, once. Each time Holdfast has a step to run, the world is kept
 * as it is then, a scene; the processes that are killed and started play it again from there, as often as a test likes.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type { Held } from '../../../src/lab/content-view.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { openStore } from '../../../src/store/store.ts'
import type { World } from '../../../src/lab/world.ts'
import { openCommands, type Outcome } from '../../support/commands.ts'
import { smallDeployment } from '../../support/desired-files.ts'
import { openLab, type DrivenLab, type Watcher } from '../../support/driven-lab.ts'
import type { Manner } from '../../support/operator.ts'
import { held, lose, operators, putAway, type Losses } from '../../support/scenario-run.ts'
import { keep, show, takeUp } from './kept-world.ts'
import { mortalRuns, temporaryIn, type MortalRuns } from './mortal-runs.ts'
import { filesIn, isOnShare, namesIn } from './outside.ts'
import { fillStore } from './small-store.ts'

/** A Standard Edition server that has all, with its call records on a SQL Server of their own. No slot ever falls due. */
const deployment = smallDeployment
  .replace('keptElsewhere:', 'flagging: { grace: 1m }\n  keptElsewhere:')
  .replace('fileStore: se01-share', 'fileStore: se01-share, monitoring: sql02, applications: [response-group]')
  .replace("share: '", "minimumFree: 1MiB, share: '")
  .replace(/schedule: .*/, "schedule: { cron: '0 2 29 2 *', timeZone: UTC } }")
  .concat(
    '---\napiVersion: holdfast/v1\nkind: SqlStore\nmetadata: { name: sql02 }\nspec: { host: sql02.contoso.com }\n',
  )

export interface Scene {
  /** The steps that are due at its begin, as `step of subject`. */
  due: string[]
  /** Where it is kept. */
  folder: string
  /** Of the journal at its begin. */
  sequence: number
}

/** What the journal says of a step that Holdfast runs. */
export interface Told {
  type: string
  subject: string
  /** Its begin does not name it. */
  step: string | null
}

export interface RestoreLane extends AsyncDisposable, MortalRuns {
  scenes: readonly Scene[]
  /** What the deployment held before anything was lost. */
  before: readonly Held[]
  /** Of the lab. */
  root: string
  config: string
  share: string
  /** The world is as it was at the begin of the scene, and all that was done since was not. */
  show(scene: Scene): Promise<void>
  /** What time it is there. */
  now(): number
  command(...argv: string[]): Promise<Outcome>
  /** What the deployment holds. */
  held(): readonly Held[]
  /** The same once nothing changes any more. */
  settled(): Promise<readonly Held[]>
  world(): World
  /** Changes its facts, or files in the folder of the lab. */
  change(change: (world: World, dir: string) => void): Promise<void>
  /** Since the begin of the scene, oldest first. */
  told(scene: Scene): Told[]
  /** What is left where nothing may be left. */
  left(): string[]
  /** What steps of Holdfast wait for. */
  waits(): string[]
  /** What holds no more of the chain of the journal, of databases that came back, and of services. */
  broken(): string[]
}

/** Where it is played. */
export interface Stage {
  /** Gets a folder that is not there yet, and gives that of the desired state. */
  write: (folder: string) => string
  /** Servers whose file stores are made small. */
  servers: readonly string[]
  manner?: Manner
}

const usual: Stage = { write: writeDeployment, servers: ['se01.contoso.com'] }

/** Plays the losses one after the other, each to its end. */
export async function openRestoreLane(all: readonly Losses[], stage = usual): Promise<RestoreLane> {
  await using opened = new AsyncDisposableStack()
  const notes = mkdtempSync(join(tmpdir(), 'holdfast-scenes-'))
  opened.defer(() => rmSync(notes, { recursive: true }))
  const driven = opened.use(await openLab(stage.write, (lab) => fillStores(lab, stage)))
  const root = driven.folder
  const before = held(driven)
  const scenes: Scene[] = []
  const { config } = driven.lab
  const { state } = driven.config
  {
    await using daemon = await driven.watcher('goes-on')
    for (const losses of all)
      await play(losses, driven, daemon, stage, (due) => {
        const folder = join(notes, `scene-${scenes.length}`)
        scenes.push({ due, folder, sequence: keep(root, folder, state) })
      })
  }
  const commands = opened.use(openCommands())
  const file = driven.lab.paths.state
  const world = (): World => structuredClone(driven.lab.world())
  const now = (): number => Date.now() + world().clockOffsetSeconds * 1000
  const share = join(driven.lab.paths.shares, 'backup01.contoso.com/LyncBackup')
  const lane = opened.move()
  return {
    ...{ scenes, before, root, config, share, world, now },
    show: ({ folder }) => show(root, folder, file),
    ...mortalRuns({ root, config, notes }),
    command: (...argv) => commands.run([...argv, '--config', config], now()),
    held: () => held(driven),
    async settled() {
      for (let last = ''; ;) {
        const text = readFileSync(file, 'utf8')
        if (text === last) return held(driven)
        last = text
        await wait(100)
      }
    },
    async change(change) {
      const changed = world()
      change(changed, driven.folder)
      await takeUp(file, changed)
    },
    told({ sequence }) {
      using store = new DatabaseSync(state, { readOnly: true })
      const rows = store.prepare(
        "SELECT type, subject, message FROM journal WHERE message LIKE 'recovery-step:%' AND sequence > ? ORDER BY sequence",
      )
      return rows.all(sequence).map(({ type, subject, message }) => ({
        ...{ type: String(type), subject: String(subject) },
        step: /\bstep ([\w-]+)/.exec(String(message))?.[1] ?? null,
      }))
    },
    left: () => [
      ...namesIn(driven.lab.paths.scratch),
      ...namesIn(temporaryIn(root)),
      ...filesIn(share).filter((path) => !path.startsWith('nightly/') && !isOnShare(path)),
      ...namesIn(root).filter((name) => /^(state\.|owner)/.test(name) && !ofState.test(name)),
    ],
    waits() {
      using store = openStore(state, 'read', systemClock)
      return store.memory().standing.runbooks.flatMap(({ steps }) =>
        steps
          .filter(({ state }) => state !== 'done' && state !== 'ended')
          .map((step) => {
            const refused = step.run?.refused.map(({ gate, message }) => `${gate} ${message}`) ?? []
            return [step.id, step.state, step.evidence ?? '', ...refused].join(' ')
          }),
      )
    },
    broken() {
      using store = openStore(state, 'read', systemClock)
      const { ok, firstBad } = store.journal.verify()
      const { sqlServers, hosts } = world()
      const closed = sqlServers.flatMap(({ facts }) => facts.databases).filter(({ singleUser }) => singleUser)
      const stopped = hosts.flatMap(({ fqdn, services }) =>
        services.filter(({ running }) => !running).map(({ name }) => `${name} of ${fqdn}`),
      )
      return [
        ...(ok ? [] : [`entry ${firstBad ?? 0} of the journal is not whole`]),
        ...closed.map(({ name }) => `${name} was not given back to its users`),
        ...stopped.map((name) => `${name} was left stopped`),
      ]
    },
    [Symbol.asyncDispose]: () => lane.disposeAsync(),
  }
}

const ofState = /^(state\.db(\.mirror)?|owner\.id)$/

function writeDeployment(folder: string): string {
  mkdirSync(folder)
  writeFileSync(join(folder, 'deployment.yaml'), deployment)
  return folder
}

function fillStores({ paths }: DrivenLab['lab'], { servers }: Stage): Promise<void> {
  for (const server of servers) fillStore(join(paths.shares, server, 'LyncShare'))
  return Promise.resolve()
}

/** To its end; `onDue` hears of steps of Holdfast right before they are run. */
async function play(
  losses: Losses,
  driven: DrivenLab,
  daemon: Watcher,
  { manner }: Stage,
  onDue: (due: string[]) => void,
): Promise<void> {
  let last = await lose(losses, driven, daemon)
  const all = operators(losses, driven, daemon, manner)
  for (let round = 0; last.plan.flags.length > 0; round++) {
    if (round > 40) throw new Error(`it does not end: ${JSON.stringify(last.plan.runbooks, null, 1)}`)
    for (const one of all) await one.goesOn()
    last = await daemon.after(60)
    if (last.plan.actions.some(({ kind }) => kind === 'verify-backup-set')) last = await daemon.verifies()
    const due = last.plan.actions.flatMap((action) => (action.kind === 'recovery-step' ? action : []))
    if (due.length > 0) onDue(due.map(({ step, subject }) => `${step} of ${subject}`))
    last = await daemon.runsRecoveries()
  }
  for (const one of all) await one.goesOn()
  await putAway(losses, driven)
}
