/** A small lab of its own, with the processes that are killed and started on it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openCommands, type Outcome } from '../../support/commands.ts'
import { smallDeployment } from '../../support/desired-files.ts'
import { orderVariable, type Death, type Order } from '../../support/die-at.ts'
import { startLab } from '../../support/lab.ts'
import { readTrace } from './kills.ts'
import { changesIn, strace } from './system-calls.ts'

export const slotMilliseconds = 30 * 60_000

/** An export by cmdlet, two databases, a file store: every way in which a set is filled. */
const deployment = smallDeployment
  .replace('userStore: se01-rtc,', 'userStore: se01-rtc, monitoring: se01-rtc,')
  .replace("share: '", "minimumFree: 1MiB, share: '")
  .replace(
    /spec: \{ location.*/,
    `spec:
  location: backup01
  include: { kinds: [user-data, sql-database, file-store] }
  schedule: { cron: '*/30 * * * *', timeZone: UTC, window: 30m, jitter: 0s }`,
  )

const support = join(import.meta.dirname, '../../support')
const bin = join(import.meta.dirname, '../../../src/cli/holdfast.js')
const files: readonly [name: string, bytes: number][] = [
  ['1-ApplicationServer-1/AppServerFiles/CPS/Music on hold (Zürich).wma', 5000],
  ['1-WebServices-1/DataConf/Meeting.Active', 1],
  ['1-WebServices-1/MeetingContent/Poll~1.xml', 300],
  ['1-WebServices-1/MeetingContent/recording 🙂.bin', 1_300_000],
]

export interface Lane extends AsyncDisposable {
  /** The folder of the lab, with state store and scratch folder in it. */
  dir: string
  share: string
  /** Runs a command in a process that has run others before, `time` (milliseconds) being now. */
  command(time: number, ...argv: string[]): Promise<Outcome>
  /** `run --once` in a process of its own, which dies there; how it ended. */
  kill(death: Death, time: number): Promise<'killed' | 'whole'>
  /** The same without a death; the steps that it took. */
  trace(time: number): Promise<ReturnType<typeof readTrace>>
  /** The same below `strace`: the steps that it took, and the changes of files that the kernel saw. */
  watch(time: number): Promise<{ steps: string[]; seen: string[] }>
  /** As if Holdfast had never run there. */
  forget(): void
}

export async function openLane(): Promise<Lane> {
  await using opened = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
  opened.defer(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'deployment.yaml'), deployment)
  const { dir, share, config } = opened.use(await startLab(folder))
  fillStore(join(dir, 'shares/se01.contoso.com/LyncShare'))
  const commands = opened.use(openCommands())

  async function run(
    order: Partial<Order>,
    under: string[] = [],
  ): Promise<{ signal: string | null; code: number | null; said: string }> {
    const whole: Order = { root: dir, death: null, trace: null, time: null, ...order }
    const argv = ['--import', join(support, 'die-at.ts'), bin, 'run', '--once', '--output', 'json', '--config', config]
    const env = { ...process.env, [orderVariable]: JSON.stringify(whole) }
    const [program = '', ...rest] = [...under, process.execPath, ...argv]
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env })
    const said = Promise.all([text(child.stdout), text(child.stderr)])
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    return { signal, code, said: (await said).join('') }
  }

  async function record(time: number, under: string[] = []): Promise<ReturnType<typeof readTrace>> {
    const trace = join(folder, 'trace')
    rmSync(trace, { force: true })
    const { code, said } = await run({ trace, time }, under)
    if (code !== 0) throw new Error(`the run that was to be recorded ended with ${String(code)}: ${said}`)
    return readTrace(readFileSync(trace, 'utf8'))
  }

  const held = opened.move()
  return {
    dir,
    share,
    command: (time, ...argv) => commands.run([...argv, '--config', config], time),
    async kill(death, time) {
      const { signal, code, said } = await run({ death, time })
      if (signal === 'SIGKILL') return 'killed'
      if (code !== 0) throw new Error(`a run that was not killed ended with ${String(code ?? signal)}: ${said}`)
      return 'whole'
    },
    trace: (time) => record(time),
    async watch(time) {
      const log = join(folder, 'strace')
      const steps = await record(time, strace(log))
      return { steps: steps.map(({ name }) => name), seen: changesIn(readFileSync(log, 'utf8'), dir) }
    },
    forget() {
      for (const name of readdirSync(dir)) if (/^(state\.db|owner\.id|scratch$)/.test(name)) remove(dir, name)
      for (const name of readdirSync(share)) remove(share, name)
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** Instead of what the lab made: a few files, one of them larger than what is copied in one piece. */
function fillStore(store: string): void {
  for (const name of readdirSync(store)) remove(store, name)
  for (const [name, bytes] of files) {
    mkdirSync(join(store, dirname(name)), { recursive: true })
    writeFileSync(join(store, name), Buffer.alloc(bytes, 'Lync'))
  }
}

function remove(folder: string, name: string): void {
  rmSync(join(folder, name), { recursive: true, force: true })
}
