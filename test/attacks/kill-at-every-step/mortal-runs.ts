/** Runs of the daemon in processes of their own, which are watched step by step, and die where that is asked. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { orderVariable, type Death, type Order } from '../../support/die-at.ts'
import { readTrace } from './kills.ts'
import { changesIn, strace } from './system-calls.ts'

const support = join(import.meta.dirname, '../../support')
const bin = join(import.meta.dirname, '../../../src/cli/holdfast.js')

export interface MortalRuns {
  /** `run --once` in a process of its own, `time` (milliseconds) being now, which dies there; how it ended. */
  kill(death: Death, time: number): Promise<'killed' | 'whole'>
  /** The same without a death; the steps that it took. */
  trace(time: number): Promise<ReturnType<typeof readTrace>>
  /** The same below `strace`: the steps that it took, and the changes of files that the kernel saw. */
  watch(time: number): Promise<{ steps: string[]; seen: string[] }>
}

/**
 * `root`: what they change below it are steps, so are files of theirs in the folder for temporary files. `notes`: a folder
 * beside it, which is there.
 */
export function mortalRuns({ root, config, notes }: { root: string; config: string; notes: string }): MortalRuns {
  async function run(
    order: Partial<Order>,
    under: string[] = [],
  ): Promise<{ signal: string | null; code: number | null; said: string }> {
    const whole: Order = { root, death: null, trace: null, time: null, ...order }
    const argv = ['--import', join(support, 'die-at.ts'), bin, 'run', '--once', '--output', 'json', '--config', config]
    const temporary = temporaryIn(root)
    mkdirSync(temporary, { recursive: true })
    const env = { ...process.env, TMPDIR: temporary, [orderVariable]: JSON.stringify(whole) }
    const [program = '', ...rest] = [...under, process.execPath, ...argv]
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env })
    const said = Promise.all([text(child.stdout), text(child.stderr)])
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    return { signal, code, said: (await said).join('') }
  }

  async function record(time: number, under: string[] = []): Promise<ReturnType<typeof readTrace>> {
    const trace = join(notes, 'trace')
    rmSync(trace, { force: true })
    const { code, said } = await run({ trace, time }, under)
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
    async watch(time) {
      const log = join(notes, 'strace')
      const steps = await record(time, strace(log))
      return { steps: steps.map(({ name }) => name), seen: changesIn(readFileSync(log, 'utf8'), root) }
    },
  }
}

/** Where these runs have their temporary files. */
export function temporaryIn(root: string): string {
  return join(root, 'temporary')
}
