/** A lab and daemons in this process: they look and judge, start nothing, and a test drives their clock. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { addSeconds } from '../../src/base/time.ts'
import { readConfig, type Config } from '../../src/config/config.ts'
import type { Action } from '../../src/domain/action.ts'
import type { Snapshot } from '../../src/domain/plan.ts'
import { change, startLab, type RunningLab } from '../../src/lab/lab.ts'
import { startDaemon } from '../../src/reconcile/daemon.ts'
import { openStore } from '../../src/store/store.ts'
import { runbookView, type RunbookView } from '../../src/views/runbook.ts'
import { git } from './lab.ts'
import { TestClock } from './test-clock.ts'
import { writeRedundantDeployment } from './redundant-deployment.ts'
import type { CentralStore } from './small-deployment.ts'
import { writeUnpairedDeployment } from './unpaired-deployment.ts'

const signal = new AbortController().signal
const log = createLog({ write: () => {} }, 'silent')

export interface DrivenLab extends AsyncDisposable {
  /** Of the lab itself. */
  folder: string
  lab: RunningLab
  config: Config
  /** A daemon with a store of its own, beside whatever a former one left; `goesOn`: with the store of who made the sets. */
  watcher(goesOn?: 'goes-on'): Promise<Watcher>
}

export interface Watcher extends AsyncDisposable {
  /** The right time, also while the clock of the daemon is wrong. */
  readonly now: string
  /** Path of its state store. */
  readonly state: string
  /** Looks at everything and judges, after so much time; the clock of the lab goes with it. */
  after(seconds: number): Promise<Snapshot>
  /** The clock of the daemon alone jumps; nobody looks yet. */
  jump(seconds: number): void
  /** What `holdfast runbook` shows of a subject now. */
  runbook(subject: string): RunbookView
  /** Runs the steps of recoveries whose gates are open, and the checks that they wait for, until nothing is left to run. */
  runsRecoveries(): Promise<Snapshot>
  /** Makes the sets that are due. */
  makesSets(): Promise<Snapshot>
  /** Runs these checks alone. */
  verifies(): Promise<Snapshot>
}

/** A lab of the Contoso sample with the grace of the sample, of which every policy has made a set. */
export async function openDrivenLab(): Promise<DrivenLab> {
  return await openLab(
    () => join(import.meta.dirname, '..', '..', 'desired-state'),
    async ({ paths }) => {
      const deployment = join(paths.clone, 'desired-state', 'deployment.yaml')
      await writeFile(deployment, (await readFile(deployment, 'utf8')).replace('grace: 1m', 'grace: 15m'))
      await git(paths.clone, 'commit', '--all', '--message', 'Wait as long as in life')
      await git(paths.clone, 'push', '--quiet')
    },
  )
}

/** The same of the deployment in which nothing stands in for another, with a grace of a minute. */
export async function openUnpairedLab(centralStore: CentralStore): Promise<DrivenLab> {
  return await openLab((folder) => {
    writeUnpairedDeployment(folder, centralStore)
    return folder
  })
}

/** The same of the deployment in which each Back End has something that stands in for it. */
export async function openRedundantLab(centralStore: CentralStore): Promise<DrivenLab> {
  return await openLab((folder) => {
    writeRedundantDeployment(folder, centralStore)
    return folder
  })
}

/** `from`: gets a folder that is not there yet, and gives that of the desired state. */
export async function openLab(
  from: (folder: string) => string,
  prepare: (lab: RunningLab) => Promise<void> = () => Promise.resolve(),
): Promise<DrivenLab> {
  await using opened = new AsyncDisposableStack()
  const dir = opened.adopt(await mkdtemp(join(tmpdir(), 'holdfast-driven-')), (path) => rm(path, { recursive: true }))
  const folder = join(dir, 'lab')
  const lab = opened.use(await startLab(folder, from(join(dir, 'desired-state'))))
  await prepare(lab)
  const config = await readConfig(lab.config)
  {
    await using daemon = await startDaemon(config, { clock: systemClock, random: systemRandom, log })
    await daemon.untilIdle({ signal })
  }
  let count = 0
  const parts = opened.move()
  return {
    ...{ folder, lab, config },
    async watcher(goesOn) {
      if (goesOn) return await openWatcher(folder, config)
      // What the daemon before it left: it would be asked whether that one is gone, which takes time that stands still here.
      const share = config.pathMap.find(({ unc }) => /backup/i.test(unc))?.local ?? ''
      await rm(join(share, 'journal'), { recursive: true, force: true })
      return await openWatcher(folder, { ...config, state: join(dir, `state-${++count}.db`) })
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

async function openWatcher(folder: string, config: Config): Promise<Watcher> {
  const clock = new TestClock(new Date().toISOString())
  let last: Snapshot | null = null
  let [ahead, wrong] = [0, 0]
  const daemon = await startDaemon(config, {
    ...{ clock, random: systemRandom, log },
    onPass: ({ snapshot }) => (last = snapshot),
  })
  const setClock = (name: 'break' | 'repair', detail: string | null): Promise<void> =>
    change(folder, name, { kind: 'clock', subject: 'contoso', detail })
  async function runs(...kinds: Action['kind'][]): Promise<Snapshot> {
    const idle = daemon.untilIdle({ wanted: ({ kind }) => kinds.includes(kind), signal })
    // What waits for services sleeps by the driven clock; what they do takes real time.
    const soon = (): Promise<'soon'> => systemClock.sleep(20).then(() => 'soon')
    while ((await Promise.race([idle, soon()])) === 'soon') {
      await clock.advance(1)
      ahead += 1
      // On a busy machine it takes minutes of the driven clock: nobody's clock is wrong by that.
      if (ahead % 60 === 0) await setClock('break', `${ahead}s`)
    }
    await setClock('break', `${ahead}s`)
    return expected(last)
  }
  return {
    get now() {
      return addSeconds(clock.now(), -wrong)
    },
    jump(seconds) {
      clock.jump(seconds)
      wrong += seconds
    },
    state: config.state,
    runbook(subject) {
      using store = openStore(config.state, 'read', clock)
      const snapshot = expected(last)
      const sets = snapshot.desired.locations.flatMap(({ name }) => store.knownSets(name))
      const view = runbookView({ ...snapshot, sets }, [subject])
      if (view === null) throw new Error(`${subject} cannot be lost.`)
      return view
    },
    runsRecoveries: () => runs('recovery-step', 'verify-backup-set'),
    makesSets: () => runs('create-backup-set'),
    verifies: () => runs('verify-backup-set'),
    async after(seconds) {
      await clock.advance(seconds)
      ahead += seconds
      if (ahead > 0) await setClock('break', `${ahead}s`)
      await daemon.untilIdle({ wanted: () => false, signal })
      return expected(last)
    },
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]()
      if (ahead > 0) await setClock('repair', null)
    },
  }
}

function expected(last: Snapshot | null): Snapshot {
  if (last === null) throw new Error('the daemon made no pass')
  return last
}
