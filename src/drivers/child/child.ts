/** The one place that starts a program on this machine. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Clock } from '../../base/clock.ts'
import { scrub } from '../../base/log.ts'
import { untilAborted } from '../deadline.ts'
import { descendantOf, type Descendant } from './descendant.ts'
import { notStarted, type NotStarted } from './not-started.ts'
import { endTree } from './tree.ts'

/** A program that talks over its standard streams. */
export interface Child {
  /** What it writes to standard output, in the pieces in which it comes. */
  readonly lines: AsyncIterable<Buffer>
  write(data: string | Uint8Array): void
  /** Resolves when the process has ended, with a word on how; also when it never started. */
  readonly ended: Promise<string>
  /** As `ended`, once all it wrote was read: later where something it started still holds its streams. */
  readonly closed: Promise<string>
  /** Why it was never started; null where it was, and until `ended`. */
  readonly failure: NotStarted | null
  /** Null while it runs, when it never started, and when a signal ended it. */
  readonly exitCode: number | null
  /** The last lines it wrote to standard error. */
  complaints(): string
  /** Closes its input, upon which it ends by itself. */
  closeInput(): void
  /** Null where it never started. */
  readonly pid: number | null
  /** The process of that number, where it is this one or hangs below it now; null: it does not, or cannot be seen to. */
  below(pid: number): Descendant | null
  /** Ends it with all it started, and with `beside`, which may have left its group. True once all are gone. */
  end(beside?: Descendant | null): Promise<boolean>
}

export interface ChildOptions {
  command: readonly string[]
  /** Where it is started. */
  folder: string
  environment: NodeJS.ProcessEnv
  clock: Clock
}

/** Starts `command` in a process group of its own. Never throws: what was never started says why in `failure`. */
export function startChild({ command, folder, environment, clock }: ChildOptions): Child {
  const [program = '', ...parameters] = command
  const give = (thrown: unknown): NotStarted => notStarted(program, folder, thrown)
  let child: ChildProcessWithoutNullStreams
  try {
    child = spawn(program, parameters, {
      cwd: folder,
      env: environment,
      stdio: 'pipe',
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
  } catch (thrown) {
    return neverStarted(Promise.resolve(give(thrown)))
  }
  const root = child.pid
  if (root === undefined) return neverStarted(once(child, 'error').then(([error]) => give(error)))

  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaints = (complaints + piece).slice(-4096)))
  child.stdin.on('error', () => {}) // its end is told by `ended`
  child.on('error', () => {}) // of a signal that cannot be sent: `end` says whether it is gone
  const after = (event: 'exit' | 'close'): Promise<string> =>
    new Promise((resolve) =>
      child.on(event, (code, signal) => resolve(code === null ? `by signal ${String(signal)}` : `with code ${code}`)),
    )
  return {
    lines: child.stdout as AsyncIterable<Buffer>,
    write: (data) => void child.stdin.write(data),
    ended: after('exit'),
    closed: after('close'),
    failure: null,
    get exitCode() {
      return child.exitCode
    },
    complaints: () => scrub(complaints.trim().split(/\r?\n/).slice(-10).join('\n')),
    closeInput: () => void child.stdin.end(),
    pid: root,
    below: (pid) => descendantOf(root, pid),
    end: (beside = null) => endTree({ root: child, isLeader: true, beside }, clock),
  }
}

/** All that it writes until it ends; nothing where it never started. It is ended when the signal is aborted. */
export async function outputOf(child: Child, signal: AbortSignal): Promise<string> {
  child.closeInput()
  try {
    const output = await untilAborted(text(child.lines), signal)
    await untilAborted(child.closed, signal)
    return output
  } finally {
    await child.end()
  }
}

function neverStarted(reason: Promise<NotStarted>): Child {
  let failure: NotStarted | null = null
  const ended = reason.then((why) => {
    failure = why
    return 'before it began'
  })
  return {
    lines: Readable.from([]),
    write: () => {},
    ended,
    closed: ended,
    get failure() {
      return failure
    },
    exitCode: null,
    complaints: () => '',
    closeInput: () => {},
    pid: null,
    below: () => null,
    end: () => Promise.resolve(true),
  }
}
