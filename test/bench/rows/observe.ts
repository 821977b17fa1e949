import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../../src/base/clock.ts'
import { readConfig } from '../../../src/config/config.ts'
import { openStore } from '../../../src/store/store.ts'
import { startCli, startLab } from '../../support/lab.ts'
import { writeLargeDeployment } from '../../support/large-deployment.ts'
import { memoryOf, processorSeconds } from '../process.ts'
import { limitedRow, type BenchContext, type Row } from '../row.ts'

const servers = 1000
/** Ports and instances are seen first; services of all machines, asked one by one, take another minute. */
const settleSeconds = 60
const idleSeconds = 60
const residentBytes = 250 * 1024 ** 2
const budget = {
  firstLook: { seconds: 120, residentBytes },
  /** Processor time of a minute, in which every machine is tried and every instance asked. */
  idle: { seconds: 12, residentBytes },
}

/** A lab of 100 pools and 1,000 servers, looked at over the wire by a daemon of its own process. */
export async function rows({ folder }: BenchContext): Promise<Row[]> {
  if (process.platform !== 'linux') return []
  const from = join(folder, 'desired-state')
  writeLargeDeployment(from)
  // Looks are measured: the one run that is due at once shall be a short one.
  const policy = join(from, 'deployment.yaml')
  await writeFile(policy, (await readFile(policy, 'utf8')).replace('"all"', '{ "kinds": ["configuration"] }'))
  await using lab = await startLab(from)
  const config = await readConfig(lab.config)
  const begun = performance.now()
  const daemon = startCli('run', '--config', lab.config)
  daemon.stderr?.resume()
  const { pid } = daemon
  if (pid === undefined) throw new Error('The daemon did not start.')
  try {
    await lookedAtAll(config.state)
    const firstLook = (performance.now() - begun) / 1000
    await pause(settleSeconds * 1000)
    const before = processorSeconds(pid)
    await pause(idleSeconds * 1000)
    const idle = processorSeconds(pid) - before
    const peak = memoryOf(pid).peakBytes
    return [
      limitedRow('first look at 1,000 servers', { seconds: firstLook, residentBytes: peak }, budget.firstLook),
      limitedRow('looks at 1,000 servers, processor time in 60 s', { seconds: idle, residentBytes: peak }, budget.idle),
    ]
  } finally {
    daemon.kill('SIGTERM')
    await once(daemon, 'exit')
  }
}

/** Ports of all machines, and every instance of SQL Server: what decides whether a machine is there. */
async function lookedAtAll(state: string): Promise<void> {
  for (;;) {
    using store = openStore(state, 'read', systemClock)
    const facts = store.lastObserved()
    const known = [...(facts?.ports.values() ?? [])].filter((one) => one.known).length
    const instances = [...(facts?.sqlInstance.values() ?? [])]
    if (known >= servers && instances.length > 0 && instances.every((one) => one.known)) return
    await pause(200)
  }
}
