import { join } from 'node:path'
import { systemCode } from '../base/problem.ts'
import type { BackupSet, ItemOutcome, SetProblem } from '../domain/backup-set.ts'
import { checkZip, type EntryCheck } from '../drivers/files/zip.ts'
import { linesOf, LineTooLong } from '../drivers/files/lines.ts'
import { fileProblem, provesNothing } from '../drivers/files/problem.ts'
import { mostRecordBytes, openPlainFile, readSmallFile } from '../drivers/files/small-file.ts'
import { readTape } from './tape.ts'
import { wellFormed } from './well-formed.ts'

/** Whether each artefact is what it should be; the files of a file store are whatever they are. */
export async function checkContent(
  set: BackupSet,
  there: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<SetProblem[]> {
  const problems: SetProblem[] = []
  for (const item of set.items) {
    if (item.outcome === 'failed' || item.outcome === 'skipped') continue
    for (const file of filesOf(item, there)) {
      signal.throwIfAborted()
      const message = await checkFile(item, join(set.path, file), signal).catch((thrown: unknown) => {
        signal.throwIfAborted()
        const problem = fileProblem(thrown, file, 'Reading')
        if (provesNothing(problem.code, systemCode(thrown))) throw problem
        return `it cannot be read (${systemCode(thrown) ?? String(thrown)})`
      })
      if (message !== null) problems.push({ file, kind: 'content', message })
    }
  }
  return problems
}

function filesOf(item: ItemOutcome, there: ReadonlySet<string>): string[] {
  if (item.kind === 'file-store') return []
  if (item.kind === 'environment' || item.kind === 'directory-record')
    return [...there].filter((path) => path.startsWith(`${item.path}/`))
  return there.has(item.path) ? [item.path] : []
}

async function checkFile(item: ItemOutcome, file: string, signal: AbortSignal): Promise<string | null> {
  switch (item.kind) {
    case 'environment':
    case 'call-park':
      return parses((await readSmallFile(file, mostRecordBytes)).toString('utf8'))
    case 'directory-record':
      return await parsesByLine(file, signal)
    case 'sql-database':
      return (await readTape(file)).problem
    case 'location-information':
      // The documents promise a file, not a ZIP.
      return (await isZip(file)) ? checkExport(file, signal) : null
    case 'configuration':
    case 'user-data':
    case 'response-groups':
    case 'persistent-chat':
      return checkExport(file, signal)
    case 'file-store':
      return null
  }
}

async function checkExport(file: string, signal: AbortSignal): Promise<string | null> {
  const { entries, problem } = await checkZip(file, { inspect: inspectXml, signal })
  return problem ?? (entries.length === 0 ? 'the ZIP file is empty' : null)
}

/** How an entry of an export is looked at. */
export function inspectXml(name: string): EntryCheck | null {
  return /\.xml$/i.test(name) ? wellFormed() : null
}

export async function isZip(file: string): Promise<boolean> {
  const { handle } = await openPlainFile(file, Number.MAX_SAFE_INTEGER)
  await using _closed = handle
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
  return bytesRead === 4 && buffer.toString('latin1', 0, 2) === 'PK'
}

/** However many lines there are. */
async function parsesByLine(file: string, signal: AbortSignal): Promise<string | null> {
  let number = 0
  try {
    for await (const lines of linesOf(file)) {
      signal.throwIfAborted()
      for (const line of lines) {
        number++
        const problem = parses(line)
        if (problem !== null) return `line ${number}: ${problem}`
      }
    }
    return null
  } catch (thrown) {
    if (thrown instanceof LineTooLong) return `a line after ${number} is too long`
    throw thrown
  }
}

function parses(text: string): string | null {
  try {
    JSON.parse(text)
    return null
  } catch {
    return 'it is not JSON'
  }
}
