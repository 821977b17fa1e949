/** The one place that starts a module of ours as a process of its own: for code whose crash must not be ours. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { environmentWithoutSecrets } from './environment.ts'

/** A process that gets and sends structured values. */
export interface ModuleProcess {
  /** Dropped where the process has ended. */
  send(value: object): void
  /** Resolves when the process has ended: its exit code, or null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** Ends it at once; resolves when it has. */
  end(): Promise<void>
}

/** Starts the module. It sees the environment of this process without secrets, with `variables` on top. */
export function startModule(
  module: URL,
  variables: Readonly<Record<string, string>>,
  onMessage: (value: unknown) => void,
): ModuleProcess {
  const child = fork(module, {
    env: { ...environmentWithoutSecrets(), ...variables },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(
    ([code]) => code as number | null,
    () => null, // never started
  )
  child.on('message', onMessage)
  child.on('error', () => {}) // told by its end
  return {
    ended,
    send(value) {
      if (child.connected) child.send(value, () => {})
    },
    async end() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
