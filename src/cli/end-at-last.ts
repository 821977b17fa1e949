import type { Terminal } from './command.ts'

/** How long a process may take that has nothing left to do. */
const patienceMilliseconds = 10_000

/**
 * Ends this process when it does not end by itself: a thread that waits for a share that neither answers nor fails keeps it
 * alive for as long as that lasts, and Node waits for its threads also when it is told to exit. All is recorded and released by
 * then, so nothing is lost but the exit code.
 */
export function endAtLast({ err }: Pick<Terminal, 'err'>): void {
  // Its timer keeps nothing alive.
  AbortSignal.timeout(patienceMilliseconds).addEventListener('abort', () => {
    if (process.stdout.writableLength > 0) return // whoever reads it is slow, and it ends with that
    err(
      'holdfast: a call on a share does not return: this process, which has nothing left to do, ends itself by force.\n',
    )
    process.kill(process.pid, 'SIGKILL')
  })
}
