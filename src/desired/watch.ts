import { watch as watchFiles, type FSWatcher } from 'chokidar'
import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'

interface Watched {
  /** Folder of a repository on this machine; null for a remote one. */
  repository: string | null
  intervalSeconds: number
  look: () => Promise<void>
  clock: Clock
  random: Random
  log: Log
}

const debounceMilliseconds = 100

/** Looks by interval with jitter, and at once when a local repository gets a commit. Events are hints, no more. */
export function watchSource({ repository, intervalSeconds, look, clock, random, log }: Watched): AsyncDisposable {
  const closed = new AbortController()
  let pending: Promise<void> | null = null

  /** A push touches several files: one look for all of them. */
  function soon(): void {
    pending ??= clock
      .sleep(debounceMilliseconds, closed.signal)
      .then(() => {
        pending = null
        return look()
      })
      .catch(ignore)
  }

  async function byInterval(): Promise<void> {
    for (;;) {
      const share = (random.bytes(1)[0] ?? 0) / 255
      await clock.sleep(intervalSeconds * 1000 * (0.9 + 0.2 * share), closed.signal)
      await look()
    }
  }

  const watcher = repository === null ? null : watchRepository(repository, soon, log)
  const loop = byInterval().catch(ignore)
  return {
    async [Symbol.asyncDispose]() {
      closed.abort()
      await watcher?.close()
      await Promise.all([loop, pending])
    },
  }
}

function watchRepository(repository: string, changed: () => void, log: Log): FSWatcher {
  const folder = gitFolder(repository)
  const watcher = watchFiles([join(folder, 'HEAD'), join(folder, 'packed-refs'), join(folder, 'refs', 'heads')], {
    ignoreInitial: true,
  })
  watcher.on('all', changed)
  watcher.on('ready', changed) // what came between the first look and now
  watcher.on('error', (error) => log.warn({ err: error }, 'the repository cannot be watched; it is asked by interval'))
  return watcher
}

/** Where a repository keeps its references: itself when bare, else `.git`, which may be a file that points elsewhere. */
function gitFolder(repository: string): string {
  const inner = join(repository, '.git')
  const found = statSync(inner, { throwIfNoEntry: false })
  if (!found) return repository
  if (found.isDirectory()) return inner
  const target = /^gitdir: (.+)$/m.exec(readFileSync(inner, 'utf8'))?.[1]?.trim()
  return target === undefined ? inner : resolve(repository, target)
}

function ignore(): void {}
