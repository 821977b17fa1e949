/** Loads revisions on this thread, until whoever started it ends it. */
import { parentPort } from 'node:worker_threads'
import { load, type SourceFile } from './load.ts'

/** What it is given. */
export interface Order {
  revision: string
  files: readonly SourceFile[]
  /** Index of the file at which it is, to be seen from outside. */
  at: Int32Array
}

parentPort?.on('message', ({ revision, files, at }: Order) => {
  parentPort?.postMessage(load(revision, files, (file) => Atomics.store(at, 0, file ? files.indexOf(file) : -1)))
})
