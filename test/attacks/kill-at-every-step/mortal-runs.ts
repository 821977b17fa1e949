/** Runs of the daemon in processes of their own, which are watched step by step, and die where that is asked. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { until } from '../../support/until.ts'
import { orderVariable, type Death, type Order } from '../../support/die-at.ts'
import { readTrace } from './kills.ts'
import { changesIn, strace } from './system-calls.ts'

const support = join(import.meta.dirname, '../../support')
const bin = join(import.meta.dirname, '../../../src/cli/holdfast.js')

export interface Ended {
  code: number | null
  said: string
}

export interface Way {
  config?: string
  under?: readonly string[]
}

/** One that stands still at a step. */
export interface Standing {
  goOn(): Promise<Ended>
  kill(): void
}

/** One whose share neither answers nor fails. */
export interface Hanging {
  /** Asks it to stop, as the system does; how it ended. */
  stop(): Promise<Ended>
}

export interface MortalRuns {
  /** `run --once` in a process of its own, `time` (milliseconds) being now, which dies there; how it ended. */
  kill(death: Death, time: number): Promise<'killed' | 'whole'>
  /** The same without a death; the steps that it took. */
  trace(time: number): Promise<ReturnType<typeof readTrace>>
  /** The same below `strace`: the steps that it took, and the changes of files that the kernel saw. */
  watch(time: number): Promise<{ steps: string[]; seen: string[] }>
  /** Resolves once it stands still at that step. */
  standStill(step: string, time: number): Promise<Standing>
  /** Resolves once it hangs on a share: in a call that opens the file with this end of its name. */
  hang(file: string, time: number): Promise<Hanging>
  /** To its end; `config`: another one; `under`: a program that starts it. */
  whole(time: number, way?: Way): Promise<Ended>
}

/**
 * `root`: what they change below it are steps, so are files of theirs in the folder for temporary files. `notes`: a folder
 * beside it, which is there.
 */
export function mortalRuns({ root, config, notes }: { root: string; config: string; notes: string }): MortalRuns {
  function start(
    order: Partial<Order>,
    { under = [], config: other = config }: Way = {},
  ): { child: ChildProcess; ended: Promise<Ended & { signal: string | null }> } {
    const whole: Order = { root, death: null, stand: null, hang: null, trace: null, time: null, ...order }
    const argv = ['--import', join(support, 'die-at.ts'), bin, 'run', '--once', '--output', 'json', '--config', other]
    const temporary = temporaryIn(root)
    mkdirSync(temporary, { recursive: true })
    const env = { ...process.env, TMPDIR: temporary, [orderVariable]: JSON.stringify(whole) }
    const [program = '', ...rest] = [...under, process.execPath, ...argv]
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env })
    const said = Promise.all([text(child.stdout), text(child.stderr)])
    const ended = once(child, 'exit').then(async (exit) => {
      const [code, signal] = exit as [number | null, string | null]
      return { signal, code, said: (await said).join('') }
    })
    return { child, ended }
  }

  const run = (order: Partial<Order>, way?: Way): Promise<Ended & { signal: string | null }> => start(order, way).ended

  async function record(time: number, under: readonly string[] = []): Promise<ReturnType<typeof readTrace>> {
    const trace = join(notes, 'trace')
    rmSync(trace, { force: true })
    const { code, said } = await run({ trace, time }, { under })
    if (code !== 0) throw new Error(`the run that was to be recorded ended with ${String(code)}: ${said}`)
    return readTrace(readFileSync(trace, 'utf8'))
  }

  return {
    async kill(death, time) {
      const { signal, code, said } = await run({ death, time })
      if (signal === 'SIGKILL') return 'killed'
      if (code !== 0) throw new Error(`a run that was not killed ended with ${String(code ?? signal)}: ${said}`)
      return 'whole'
    },
    trace: (time) => record(time),
    async standStill(step, time) {
      const { child, ended } = start({ stand: step, time })
      const over = ended.then(({ code, said }) => {
        throw new Error(`nobody came to ${step}, and it ended with ${String(code)}: ${said}`)
      })
      over.catch(() => {})
      await Promise.race([over, until(() => Promise.resolve(isStanding(child) || undefined))])
      return {
        goOn() {
          child.kill('SIGCONT')
          return ended
        },
        kill: () => void child.kill('SIGKILL'),
      }
    },
    async hang(file, time) {
      const pipe = join(temporaryIn(root), 'hangs')
      mkdirSync(temporaryIn(root), { recursive: true })
      execFileSync('mkfifo', [pipe])
      const { child, ended } = start({ hang: { file, pipe }, time })
      // To write to it without waiting is refused until somebody waits to read.
      const held = await until(() => open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined))
      return {
        async stop() {
          child.kill('SIGTERM')
          const how = await ended
          await held.close()
          return how
        },
      }
    },
    whole: (time, way) => run({ time }, way),
    async watch(time) {
      const log = join(notes, 'strace')
      const steps = await record(time, strace(log))
      return { steps: steps.map(({ name }) => name), seen: changesIn(readFileSync(log, 'utf8'), root) }
    },
  }
}

function isStanding({ pid }: ChildProcess): boolean {
  return / T \d+ /.test(readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8'))
}

/** Where these runs have their temporary files. */
export function temporaryIn(root: string): string {
  return join(root, 'temporary')
}
