import { open, rm, type FileHandle } from 'node:fs/promises'
import { linesWithin } from './lines.ts'
import { fileProblem } from './problem.ts'

type Line = readonly [key: string, text: string]

/** Lines in the order of their keys, however many there are. Disposing of it deletes what it put aside. */
export interface SortedLines extends AsyncDisposable, AsyncIterable<string> {
  /** `text` holds no line feed. Throws a Problem `file-...` when there is no room to put lines aside. */
  add(key: string, text: string): Promise<void>
}

/** About 16 MiB of memory: two bytes a character at most, and what an object costs. */
const mostCharacters = 8 * 1024 ** 2
const overhead = 64
/** Read from each part at a time. */
const partBytes = 64 * 1024

/**
 * Sorts as `<` on text does. In memory up to a bound; above it, sorted parts are put aside in `file`, which must not be
 * there yet, and are merged when the lines are read. They can be read again, and lines can be added in between.
 */
export function sortedLines(file: string, bound = mostCharacters): SortedLines {
  let fresh: Line[] = []
  let size = 0
  let handle: FileHandle | null = null
  let end = 0
  let putting = Promise.resolve()
  const parts: { start: number; end: number }[] = []

  async function putAside(lines: Line[]): Promise<void> {
    try {
      handle ??= await open(file, 'wx+')
      const start = end
      for (const chunk of chunksOf(lines.sort(byKey))) {
        for (let done = 0; done < chunk.length;)
          done += (await handle.write(chunk, done, chunk.length - done, end + done)).bytesWritten
        end += chunk.length
      }
      parts.push({ start, end })
    } catch (thrown) {
      throw fileProblem(thrown, file, 'Writing')
    }
  }

  return {
    async add(key, text) {
      fresh.push([key, text])
      size += key.length + text.length + overhead
      if (size < bound) return
      const full = fresh
      fresh = []
      size = 0
      putting = putting.then(() => putAside(full))
      await putting
    },

    async *[Symbol.asyncIterator]() {
      await putting
      const from = handle
      const readers = from === null ? [] : parts.map((part) => readPart(from, file, part))
      yield* merged([...readers, readLines(fresh.sort(byKey))])
    },

    async [Symbol.asyncDispose]() {
      await putting.catch(() => {})
      if (handle === null) return
      await handle.close()
      await rm(file, { force: true })
    },
  }
}

/** `head`, then each line with its line end, as bytes. */
export async function* inChunks(lines: AsyncIterable<string>, head = ''): AsyncGenerator<Buffer> {
  let text = head
  for await (const line of lines) {
    text += `${line}\n`
    if (text.length < partBytes) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(text)
}

function byKey([a]: Line, [b]: Line): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function* chunksOf(lines: readonly Line[]): Generator<Buffer> {
  let text = ''
  for (const [key, line] of lines) {
    text += `${JSON.stringify(key)}\t${line}\n` // a key may be any text, half a surrogate pair too
    if (text.length < partBytes) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(text)
}

/** Lines in order. `next` gives none where more must be fetched; `fetch` says whether there was more. */
interface Reader {
  next(): Line | undefined
  fetch(): Promise<boolean>
}

function readLines(lines: readonly Line[]): Reader {
  let index = 0
  return { next: () => lines[index++], fetch: () => Promise.resolve(false) }
}

function readPart(handle: FileHandle, file: string, { start, end }: { start: number; end: number }): Reader {
  const chunks = linesWithin(handle, file, start, end, partBytes)
  let lines: readonly string[] = []
  let index = 0
  return {
    next() {
      const line = lines[index++]
      return line === undefined ? undefined : lineOf(line)
    },
    async fetch() {
      const chunk = await chunks.next()
      if (chunk.done === true) return false
      lines = chunk.value
      index = 0
      return true
    },
  }
}

function lineOf(line: string): Line {
  const tab = line.indexOf('\t')
  return [JSON.parse(line.slice(0, tab)) as string, line.slice(tab + 1)]
}

interface Head {
  line: Line
  reader: Reader
}

async function* merged(readers: readonly Reader[]): AsyncGenerator<string> {
  const heads: Head[] = [] // the smallest last
  for (const reader of readers) {
    const line = await nextOf(reader)
    if (line) insert(heads, { line, reader })
  }
  for (let head = heads.pop(); head; head = heads.pop()) {
    yield head.line[1]
    const line = head.reader.next() ?? (await nextOf(head.reader))
    if (line) insert(heads, { line, reader: head.reader })
  }
}

async function nextOf(reader: Reader): Promise<Line | undefined> {
  for (;;) {
    const line = reader.next()
    if (line || !(await reader.fetch())) return line
  }
}

function insert(heads: Head[], head: Head): void {
  let [low, high] = [0, heads.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = heads[middle]
    if (other && byKey(other.line, head.line) > 0) low = middle + 1
    else high = middle
  }
  heads.splice(low, 0, head)
}
