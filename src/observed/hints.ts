/**
 * A hint that something happened in a folder; the listing by interval is the truth. Plain `fs.watch`, because a share
 * holds a hundred thousand set folders: a watcher that looks at every entry would cost more than the listing.
 */
import { watch, type FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'

export interface Hints {
  /** Watches these folders as far as they exist; to be called again now and then, since folders come and go. */
  follow(folders: readonly string[]): void
  close(): void
}

export function createHints(onHint: () => void): Hints {
  const watched = new Map<string, { watcher: FSWatcher; inode: bigint }>()
  let closed = false
  let busy = false
  function drop(folder: string): void {
    watched.get(folder)?.watcher.close()
    watched.delete(folder)
  }
  function add(folder: string, inode: bigint): void {
    try {
      const watcher = watch(folder, { persistent: false }, onHint)
      watcher.on('error', () => {
        drop(folder)
      })
      watched.set(folder, { watcher, inode })
    } catch {
      // Some shares cannot be watched; the interval is enough.
    }
  }
  async function renew(folders: readonly string[]): Promise<void> {
    for (const folder of watched.keys()) if (!folders.includes(folder)) drop(folder)
    for (const folder of folders) {
      const inode = await inodeOf(folder)
      if (closed) return
      if (watched.get(folder)?.inode === inode) continue
      drop(folder)
      if (inode !== null) add(folder, inode)
    }
  }
  return {
    follow(folders) {
      if (busy) return
      busy = true
      void renew(folders).finally(() => (busy = false))
    },
    close() {
      closed = true
      for (const folder of watched.keys()) drop(folder)
    },
  }
}

/** Null when there is no such folder; a folder that was made anew has another one. */
async function inodeOf(folder: string): Promise<bigint | null> {
  try {
    return (await stat(folder, { bigint: true })).ino
  } catch {
    return null
  }
}
