import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { script, table, type Line, type ManagementHost } from './management-host.ts'
import { scratchMark } from './scenarios.ts'

/** What an engine answered, with times and pids taken out and paths replaced by marks. */
export interface Transcript {
  /** The engine's version, and the SHA-256 of what it ran. */
  proved: { engine: string; script: string; table: string }
  hello: Line
  exchanges: { request: { call: string; parameters: Record<string, unknown> }; answer: Line[] }[]
}

export const transcripts = join(import.meta.dirname, 'transcripts')

/** SHA-256 of the script and the table as they are now. */
export function current(): { script: string; table: string } {
  return { script: digest(script), table: digest(table) }
}

export function recorded(): string[] {
  if (!existsSync(transcripts)) return []
  return readdirSync(transcripts)
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => file.replace('.jsonl', ''))
}

export function readTranscript(name: string): Transcript {
  const lines = readFileSync(join(transcripts, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const [head, ...rest] = lines
  const exchanges: Transcript['exchanges'] = []
  for (const line of rest)
    if ('call' in line) exchanges.push({ request: line as Transcript['exchanges'][number]['request'], answer: [] })
    else exchanges.at(-1)?.answer.push(line)
  return { ...(head as unknown as Pick<Transcript, 'proved' | 'hello'>), exchanges }
}

/** One line for the proof, then one for each request and each line of its answer. */
export function writeTranscript(
  name: string,
  { proved, hello, exchanges }: Transcript,
  scratch: string,
  { module }: ManagementHost,
): void {
  const lines = [
    { proved, hello: { ...hello, pid: 4711 } },
    ...exchanges.flatMap(({ request, answer }) => [request, ...answer]),
  ]
  const mark = (text: string): string =>
    text.replaceAll(scratch, scratchMark).replaceAll(module, '<module>').replaceAll(script, 'holdfast.ps1')
  mkdirSync(transcripts, { recursive: true })
  const text = lines.map((line) => JSON.stringify(sorted(replaced(line, mark)))).join('\n')
  writeFileSync(join(transcripts, `${name}.jsonl`), `${text}\n`)
}

/** Every text of a value with the mark of the scratch folder replaced by the folder. */
export function unmarked<T>(value: T, scratch: string): T {
  return replaced(value, (text) => text.replaceAll(scratchMark, scratch)) as T
}

function replaced(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => replaced(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaced(one, change)]))
}

/** The order of names in an object is chance in some engines. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]))
}

function digest(path: string): string {
  return hash('sha256', readFileSync(path), 'hex')
}
