/**
 * A small lab with a policy that has restore tests, and with what they and the merge of one user leave: scenes are kept, and
 * the processes that are killed and started play them again.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parse, stringify } from 'yaml'
import { systemClock } from '../../../src/base/clock.ts'
import type { Held } from '../../../src/lab/content-view.ts'
import { change, type RunningLab } from '../../../src/lab/lab.ts'
import type { World } from '../../../src/lab/world.ts'
import { openStore } from '../../../src/store/store.ts'
import { openCommands, type Outcome } from '../../support/commands.ts'
import { smallDeployment } from '../../support/desired-files.ts'
import { openLab } from '../../support/driven-lab.ts'
import { git } from '../../support/lab.ts'
import { held } from '../../support/scenario-run.ts'
import { keep, show, takeUp } from './kept-world.ts'
import { mortalRuns, temporaryIn, type MortalRuns } from './mortal-runs.ts'
import { namesIn } from './outside.ts'
import { fillStore } from './small-store.ts'
import { pass } from './work.ts'

const unc = String.raw`\\scratch01.contoso.com\Restore`
const scratchServer = 'sqltest.contoso.com'

/** When sets are made, as cron, and tested. */
interface Pace {
  cron: string
  everyDays: number
}

/** The schedule never falls due, and a test each day. */
const byHand: Pace = { cron: '0 2 29 2 *', everyDays: 1 }

/** An export, two databases and a file store. */
const deploymentAt = ({ cron, everyDays }: Pace): string =>
  smallDeployment
    .replace('fileStore: se01-share', 'fileStore: se01-share, monitoring: sql02')
    .replace("share: '", "minimumFree: 1MiB, share: '")
    .replace(
      /spec: \{ location.*/,
      `spec:
  location: backup01
  include: { kinds: [user-data, sql-database, file-store] }
  schedule: { cron: '${cron}', timeZone: UTC, jitter: 0s }
  verification:
    restoreTest: { sqlStore: sqltest, folder: 'D:\\Restore', files: '${unc}', everyDays: ${everyDays} }`,
    )
    .concat(
      '---\napiVersion: holdfast/v1\nkind: SqlStore\nmetadata: { name: sql02 }\nspec: { host: sql02.contoso.com }\n',
      `---\napiVersion: holdfast/v1\nkind: SqlStore\nmetadata: { name: sqltest }\nspec: { host: ${scratchServer} }\n`,
    )

export interface Entry {
  type: string
  subject: string
  message: string
}

export interface ProvingLane extends AsyncDisposable, MortalRuns {
  dir: string
  clone: string
  now(): number
  command(...argv: string[]): Promise<Outcome>
  break(kind: string, subject: string, detail: string): Promise<void>
  /** Commits a file of desired state. */
  commit(file: string, text: string): Promise<void>
  /** So much time goes by while no Holdfast runs. */
  wait(seconds: number): Promise<void>
  /** Keeps the world; what it gives shows it again. */
  keep(): () => Promise<void>
  /** What production holds. */
  held(): readonly Held[]
  /** Databases of tests on the instance that is given for them, and what is in the folder that is. */
  scratch(): { databases: string[]; files: string[] }
  /** What nothing may be left in beside these. */
  left(): string[]
  /** Whether the chain of the journal is whole. */
  isChained(): boolean
  /** The journal of a kind of action since the scene began, oldest first. */
  told(kind: string): Entry[]
}

export async function openProvingLane(pace = byHand): Promise<ProvingLane> {
  await using opened = new AsyncDisposableStack()
  const notes = mkdtempSync(join(tmpdir(), 'holdfast-proving-'))
  opened.defer(() => rmSync(notes, { recursive: true }))
  const driven = opened.use(await openLab((to) => writeDeployment(to, pace), prepare))
  const root = driven.folder
  const { config, paths } = driven.lab
  const { state } = driven.config
  const commands = opened.use(openCommands())
  const world = (): World => structuredClone(driven.lab.world())
  const now = (): number => Date.now() + world().clockOffsetSeconds * 1000
  const lane = opened.move()
  let scenes = 0
  let since = 0
  return {
    ...{ dir: root, clone: paths.clone, now },
    ...mortalRuns({ root, config, notes }),
    command: (...argv) => commands.run([...argv, '--config', config], now()),
    break: (kind, subject, detail) => change(root, 'break', { kind, subject, detail }),
    async commit(file, text) {
      await writeFile(join(paths.clone, 'desired-state', file), text)
      await git(paths.clone, 'add', '--all')
      await git(paths.clone, 'commit', '--quiet', '--message', `Add ${file}`)
      await git(paths.clone, 'push', '--quiet')
    },
    async wait(seconds) {
      const changed = world()
      pass(seconds, changed)
      await takeUp(paths.state, changed)
    },
    keep() {
      const folder = join(notes, `scene-${scenes++}`)
      const sequence = keep(root, folder, state)
      return async () => {
        await show(root, folder, paths.state)
        since = sequence
      }
    },
    held: () => held(driven).filter(({ subject }) => !subject.startsWith(scratchServer)),
    scratch() {
      const server = world().sqlServers.find(({ facts }) => facts.host === scratchServer)
      if (!server) throw new Error(`the lab has no ${scratchServer}`)
      return {
        databases: server.facts.databases.map(({ name }) => name).filter((name) => name.includes('restore_test')),
        files: namesIn(join(root, 'restore')),
      }
    },
    left: () => [...namesIn(paths.scratch), ...namesIn(temporaryIn(root))],
    isChained() {
      using store = openStore(state, 'read', systemClock)
      return store.journal.verify().ok
    },
    told(kind) {
      using store = new DatabaseSync(state, { readOnly: true })
      const rows = store
        .prepare('SELECT type, subject, message FROM journal WHERE message LIKE ? AND sequence > ? ORDER BY sequence')
        .all(`${kind}:%`, since)
      return rows.map(({ type, subject, message }) => ({
        ...{ type: String(type), subject: String(subject), message: String(message) },
      }))
    },
    [Symbol.asyncDispose]: () => lane.disposeAsync(),
  }
}

function writeDeployment(folder: string, pace: Pace): string {
  mkdirSync(folder)
  writeFileSync(join(folder, 'deployment.yaml'), deploymentAt(pace))
  return folder
}

async function prepare({ config, paths }: RunningLab): Promise<void> {
  fillStore(join(paths.shares, 'se01.contoso.com/LyncShare'))
  mkdirSync(join(paths.directory, 'restore'))
  const settings = parse(await readFile(config, 'utf8')) as { pathMap: Record<string, string> }
  settings.pathMap[unc] = join(paths.directory, 'restore')
  await writeFile(config, stringify(settings))
}
