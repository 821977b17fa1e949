import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach } from 'vitest'
import { openStore, type Store } from '../../src/store/store.ts'
import { TestClock } from '../support/test-clock.ts'
import { noon } from './samples.ts'

const open: Store[] = []
const folders: string[] = []

afterEach(() => {
  for (const store of open.splice(0)) {
    try {
      store[Symbol.dispose]()
    } catch {
      // closed by the test itself
    }
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Path of a state file in a fresh folder that goes with the test. */
export function freshFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-store-'))
  folders.push(folder)
  return join(folder, 'state.db')
}

export function opened(file = freshFile(), mode: 'read' | 'act' = 'act', clock = new TestClock(noon)): Store {
  const store = openStore(file, mode, clock)
  open.push(store)
  return store
}

/** Changes a state file as somebody with an SQLite shell would. */
export function tamper(file: string, ...statements: string[]): void {
  const sqlite = new DatabaseSync(file)
  for (const statement of statements) sqlite.exec(statement)
  sqlite.close()
}
