/** Command lines of Holdfast in processes that each run many, one at a time. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { CommandOrder } from './command-host.ts'

export interface Outcome {
  code: number
  out: string
  err: string
}

export interface Commands extends AsyncDisposable {
  /** `time` (milliseconds): what the time is when it starts. What runs at the same time runs in another process. */
  run(argv: readonly string[], time?: number): Promise<Outcome>
}

export function openCommands(): Commands {
  const hosts = new Set<ChildProcess>()
  const idle: ChildProcess[] = []
  const start = (): ChildProcess => {
    const host = fork(new URL('./command-host.ts', import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    })
    hosts.add(host)
    return host
  }
  return {
    async run(argv, time) {
      const host = idle.pop() ?? start()
      const answered = new AbortController()
      const { signal } = answered
      const ended = once(host, 'exit', { signal }).then(([code]) => {
        throw new Error(`the process of holdfast ${argv.join(' ')} ended with ${String(code)}`)
      })
      host.send({ argv: [...argv], time: time ?? null, env: process.env } satisfies CommandOrder)
      const [outcome] = (await Promise.race([once(host, 'message', { signal }), ended])) as [Outcome]
      answered.abort()
      ended.catch(() => {}) // it goes on
      idle.push(host)
      return outcome
    },
    async [Symbol.asyncDispose]() {
      const alive = [...hosts].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      await Promise.all(
        alive.map((host) => {
          host.kill('SIGKILL')
          return once(host, 'exit')
        }),
      )
    },
  }
}
