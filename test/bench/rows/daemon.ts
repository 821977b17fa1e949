import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../../src/base/clock.ts'
import { readConfig } from '../../../src/config/config.ts'
import { openStore } from '../../../src/store/store.ts'
import { git, startCli, startLab, type TestLab } from '../../support/lab.ts'
import { memoryOf, processorSeconds } from '../process.ts'
import { limitedRow } from '../row.ts'

const commits = 20
const commitBudgetSeconds = 1
const idleSeconds = 60
const idleBudgetSeconds = 0.6
const idleBudgetBytes = 150 * 1024 ** 2
/** The lab looks four times as often as the product does by itself, for whoever watches it. */
const hurriedLooks = /^looks:\n {2}atLeastEvery: .*\n/m

/** The daemon on the lab, at the product's own pace: how soon a pushed commit is planned on (99th percentile), and what it costs when idle. */
export async function rows() {
  await using lab = await startLab()
  await writeFile(lab.config, (await readFile(lab.config, 'utf8')).replace(hurriedLooks, ''))
  await lab.holdfast('run', '--once')
  const daemon = startCli('run', '--config', lab.config)
  try {
    const config = await readConfig(lab.config)
    const plannedAt = (revision: string): Promise<number> => planned(config.state, revision)
    await plannedAt((await git(lab.clone, 'rev-parse', 'HEAD')).trim())
    const commit = await commitRow(lab, plannedAt)
    const idle = process.platform === 'linux' && daemon.pid !== undefined ? [await idleRow(daemon.pid)] : []
    return [commit, ...idle]
  } finally {
    daemon.kill('SIGTERM')
    await once(daemon, 'exit')
  }
}

async function commitRow(lab: TestLab, plannedAt: (revision: string) => Promise<number>) {
  const seconds: number[] = []
  // The first one is not counted: it waits for the first looks of a daemon that has just started.
  for (let n = 0; n <= commits; n++) {
    await lab.commit('desired-state/backup/nightly.yaml', (text) => `${text}# ${n}\n`)
    const pushed = performance.now()
    const revision = (await git(lab.clone, 'rev-parse', 'HEAD')).trim()
    seconds.push(((await plannedAt(revision)) - pushed) / 1000)
  }
  const slowest = Math.max(...seconds.slice(1))
  return limitedRow(
    'commit pushed to plan made (99th percentile)',
    { seconds: slowest },
    { seconds: commitBudgetSeconds },
  )
}

/** When the plan of the daemon was first seen to be made on the revision. */
async function planned(state: string, revision: string): Promise<number> {
  using store = openStore(state, 'read', systemClock)
  for (;;) {
    if (store.lastPlan()?.revision === revision && store.lease.holder()) return performance.now()
    await pause(10)
  }
}

async function idleRow(pid: number) {
  await pause(5000)
  const before = processorSeconds(pid)
  await pause(idleSeconds * 1000)
  const seconds = processorSeconds(pid) - before
  const { residentBytes } = memoryOf(pid)
  return limitedRow(
    `idle daemon on the lab, processor time in ${idleSeconds} s`,
    { seconds, residentBytes },
    { seconds: idleBudgetSeconds, residentBytes: idleBudgetBytes },
  )
}
