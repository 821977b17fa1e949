/** A damaged store is neither repaired nor deleted: it gets another name, and a daemon begins a new one in its place. */
import { existsSync, renameSync, statSync } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import { Problem, systemCode } from '../base/problem.ts'
import type { Random } from '../base/random.ts'
import type { Time } from '../base/time.ts'
import { CorruptStore, openDatabase } from './database.ts'
import { isUsable } from './migrations.ts'
import { identityOf, openStore, type Store } from './store.ts'

/**
 * Opens the store of a daemon. One that is damaged is set aside with all that belongs to it, and the new one remembers
 * it. A store that is locked, of a newer version or of another program is not damaged. Throws as `openStore` does.
 */
export function openOrReplace(file: string, clock: Clock, random: Random, busyMilliseconds: number): Store {
  const found = identityOf(file)
  const open = (): Store => expectMemory(openStore(file, 'act', clock, random, busyMilliseconds), file)
  try {
    examine(file, busyMilliseconds)
    return open()
  } catch (thrown) {
    if (!(thrown instanceof CorruptStore)) throw thrown
    if (isHeld(file, clock, busyMilliseconds)) throw thrown
    const at = clock.now()
    const path = setAside(file, found, at, thrown)
    const store = open()
    if (path !== null) store.replaces({ path, at, reason: thrown.reason })
    return store
  }
}

/** Throws CorruptStore when the file is damaged; what else is wrong with it, opening it says. Changes nothing. */
function examine(file: string, busyMilliseconds: number): void {
  if (!existsSync(file)) return
  expectHeader(file)
  try {
    const database = openDatabase(file, true, busyMilliseconds)
    try {
      if (isUsable(database, file)) database.expectSound()
    } finally {
      database.close()
    }
  } catch (thrown) {
    if (thrown instanceof CorruptStore) throw thrown
  }
}

/** As long as SQLite's smallest page; what is shorter it takes for a new file: it writes over it, and deletes its log. */
const shortestBytes = 512

function expectHeader(file: string): void {
  const { size } = statSync(file)
  const isCut = size === 0 ? (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0 : size < shortestBytes
  if (isCut) throw new CorruptStore(file, `it was cut to ${size} bytes`)
}

/** Bytes may have changed where SQLite does not look. */
function expectMemory(store: Store, file: string): Store {
  try {
    store.memory()
    store.lastObserved()
    return store
  } catch (thrown) {
    store[Symbol.dispose]()
    throw thrown instanceof SyntaxError ? new CorruptStore(file, 'what it remembers is not JSON', thrown) : thrown
  }
}

/** What can be read of a damaged store says whether a living daemon works with it. */
function isHeld(file: string, clock: Clock, busyMilliseconds: number): boolean {
  try {
    expectHeader(file)
    using store = openStore(file, 'read', clock, undefined, busyMilliseconds)
    return store.lease.holder() !== null
  } catch {
    return false
  }
}

/** The new path; null when somebody else was faster. Its log goes with it, under the name that SQLite expects. */
function setAside(file: string, found: string | null, at: Time, why: CorruptStore): string | null {
  if (found === null || identityOf(file) !== found) return null
  const path = freeName(`${file}.corrupt-${at.replace(/[-:]|\.\d+/g, '')}`)
  try {
    renameSync(file, path)
    for (const part of ['-wal', '-shm', '-journal']) if (existsSync(file + part)) renameSync(file + part, path + part)
    return path
  } catch (thrown) {
    throw new Problem('state-store-unreadable', {
      subject: file,
      message: `The state store is damaged (${why.reason}), and it could not be set aside (${systemCode(thrown) ?? String(thrown)}).`,
      hint: 'Move the file and those beside it that begin with its name to another folder, and keep them. Then start the daemon.',
      cause: thrown,
    })
  }
}

function freeName(name: string): string {
  let free = name
  for (let number = 2; existsSync(free); number++) free = `${name}-${number}`
  return free
}
