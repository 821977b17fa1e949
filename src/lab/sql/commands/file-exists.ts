import { factsOf, type Frame } from '../run/frame.ts'
import { int } from '../values.ts'

const columns = ['File Exists', 'File is a Directory', 'Parent Directory Exists'].map((name) => ({ name, type: int }))

/** `xp_fileexist`, as the account of the service sees the machine: a path without an extension is a folder. */
export function fileExists(path: string, frame: Frame): void {
  const there = Number(!factsOf(frame).faults.driveGone)
  const file = Number(/\.\w+$/.test(path))
  frame.sink.columns(columns)
  frame.sink.row([there * file, there * (1 - file), there])
  frame.sink.done(1)
}
