import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

export interface Child {
  process: ChildProcess
  /** The next line that it writes. */
  line(): Promise<string>
  exited: Promise<void>
}

function pathOf(script: string): string {
  return fileURLToPath(new URL(`children/${script}.ts`, import.meta.url))
}

export function startChild(script: string, ...parameters: string[]): Child {
  return follow(spawn(process.execPath, [pathOf(script), ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] }))
}

/** As a grandchild of a process that never asks how it ended: killed, it stays a zombie until that one goes too. */
export function startOrphan(script: string, ...parameters: string[]): Child {
  const words = [process.execPath, pathOf(script), ...parameters].map((word) => `'${word}'`).join(' ')
  return follow(spawn('sh', ['-c', `${words} & exec sleep 60`], { stdio: ['ignore', 'pipe', 'inherit'] }))
}

function follow(child: ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> }): Child {
  started.push(child)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    process: child,
    line: async () => String((await lines.next()).value),
    exited: new Promise((resolve) => child.once('exit', () => resolve())),
  }
}
