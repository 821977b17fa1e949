import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { fileProblem } from './problem.ts'

const manyBytes = 256 * 1024
const longestLine = 1024 ** 2
const readFlags =
  constants.O_RDONLY |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0) |
  ((constants.O_NONBLOCK as number | undefined) ?? 0)

/** A line that no file of ours has. */
export class LineTooLong extends Error {}

/**
 * The lines of a UTF-8 file, many at a time, in constant memory; only LF ends one. Text after the last LF is a line too.
 * `seen` gets the bytes on the way. Follows no link. Throws a Problem `file-...`, or `LineTooLong`.
 */
export async function* linesOf(path: string, seen: (chunk: Buffer) => void = () => {}): AsyncGenerator<string[]> {
  let handle: FileHandle
  try {
    handle = await open(path, readFlags)
  } catch (thrown) {
    throw fileProblem(thrown, path, 'Opening')
  }
  try {
    yield* linesWithin(handle, path, 0, Number.POSITIVE_INFINITY, manyBytes, seen)
  } finally {
    await handle.close()
  }
}

/** The same for a part of an open file, of which `chunkBytes` are read at a time. */
export async function* linesWithin(
  handle: FileHandle,
  path: string,
  start: number,
  end: number,
  chunkBytes: number,
  seen: (chunk: Buffer) => void = () => {},
): AsyncGenerator<string[]> {
  let rest: Buffer = Buffer.alloc(0)
  for (let position = start; position < end;) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - position))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position).catch((thrown: unknown) => {
      throw fileProblem(thrown, path, 'Reading')
    })
    if (bytesRead === 0) break
    position += bytesRead
    const chunk = buffer.subarray(0, bytesRead)
    seen(chunk)
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const whole = all.lastIndexOf(10) + 1
    if (all.length - whole > longestLine) throw new LineTooLong(path)
    rest = Buffer.from(all.subarray(whole))
    if (whole > 0) yield all.toString('utf8', 0, whole - 1).split('\n')
  }
  if (rest.length > 0) yield [rest.toString()]
}
