import { execFile } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { comparedRow, type Row } from './row.ts'

export interface Runner {
  /** Not measured: clears the way. */
  prepare(): Promise<unknown>
  run(): Promise<unknown>
}

export interface Competitor extends Runner {
  name: string
  /** Largest ratio of ours to this one. */
  budget: number
}

export interface Options {
  rounds: number
  residentBudgetBytes: number
  /** Done right before each measurement, for all alike. */
  warm?: () => Promise<void>
}

/** Ours and all competitors take turns, so that a busy machine is unfair to none of them; medians count. */
export async function compare(
  name: string,
  ours: Runner,
  competitors: readonly Competitor[],
  options: Options,
): Promise<Row[]> {
  const times = new Map<Runner, number[]>([ours, ...competitors].map((runner) => [runner, []]))
  for (let round = 0; round < options.rounds; round++)
    for (const [runner, seconds] of times)
      seconds.push(await measure(runner, options.warm ?? (() => Promise.resolve())))
  const residentBytes = process.resourceUsage().maxRSS * 1024
  const seconds = median(times.get(ours) ?? [])
  return competitors.map((competitor) => {
    const theirs = { name: competitor.name, seconds: median(times.get(competitor) ?? []) }
    const budget = { ratio: competitor.budget, residentBytes: options.residentBudgetBytes }
    return comparedRow(name, { seconds, residentBytes }, theirs, budget)
  })
}

async function measure(runner: Runner, warm: () => Promise<void>): Promise<number> {
  await runner.prepare()
  await warm()
  const start = performance.now()
  await runner.run()
  return (performance.now() - start) / 1000
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Runs a line of the shell in `cwd`. */
export async function shell(line: string, cwd: string, env: Record<string, string> = {}): Promise<void> {
  await promisify(execFile)('sh', ['-c', line], { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 ** 2 })
}

export async function isInstalled(program: string): Promise<boolean> {
  return shell(`command -v ${program}`, '.').then(
    () => true,
    () => false,
  )
}
