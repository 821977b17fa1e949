import { Problem } from '../base/problem.ts'
import { oneLine } from '../base/text.ts'
import type { Located } from '../base/yaml.ts'
import type { Desired } from '../domain/model.ts'
import { checkCounts } from './check-counts.ts'
import { collect } from './collect.ts'
import { fault, type Fault, type Judgement } from './judgement.ts'
import { asFault, limits } from './limits.ts'
import { parseFile, type ParsedFile, type SourceFile } from './parse.ts'
import { resolve } from './resolve.ts'
import { everythingIsBackedUp } from './rules/advice.ts'
import { rules } from './rules.ts'

export type { Desired } from '../domain/model.ts'
export type { Fault } from './judgement.ts'
export type { SourceFile } from './parse.ts'

export type Loaded =
  { ok: true; desired: Desired; warnings: Fault[] } | { ok: false; errors: Fault[]; warnings: Fault[] }

/**
 * The files of one revision -> everything that is wrong with them at once, or the resolved desired state. Files whose
 * names do not end in .yaml or .yml are ignored, and so is whatever is hidden (a name that begins with a dot). `reading` is
 * told each file before it is read, and null when all are. Whoever may be given files by anybody calls `loadApart`.
 */
export function load(
  revision: string,
  files: Iterable<SourceFile>,
  reading: (file: SourceFile | null) => void = () => {},
): Loaded {
  try {
    return judge(revision, readAll(files, reading))
  } catch (thrown) {
    if (thrown instanceof Problem) return { ok: false, errors: [asFault(thrown)], warnings: [] }
    throw thrown
  }
}

/** Throws Problem `desired-state-too-large`, and nothing of it is judged. */
function readAll(files: Iterable<SourceFile>, reading: (file: SourceFile | null) => void): ParsedFile[] {
  const room = { ...limits.room }
  const parsed = [...files]
    .filter(({ path }) => isResourceFile(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => {
      reading(file)
      return parseFile(file, room)
    })
  reading(null)
  return parsed
}

function judge(revision: string, parsed: readonly ParsedFile[]): Loaded {
  const resources = collect(parsed.flatMap((file) => file.parts))
  checkCounts(resources)
  const own = parsed.flatMap((file) => file.faults)
  const judged = parsed.some((file) => file.parts.length > 0) ? rules.flatMap((rule) => rule(resources)) : []
  if (own.length === 0 && judged.length === 0 && resources.all('Deployment').length === 0) judged.push(empty)
  const all = [...own, ...judged]
  const errors = only('error', all)
  if (errors.length > 0) return { ok: false, errors, warnings: only('warning', all) }
  const desired = resolve(revision, resources)
  return { ok: true, desired, warnings: only('warning', [...all, ...everythingIsBackedUp(desired, resources)]) }
}

/** Whether a file of that path (with `/`) belongs to desired state. */
export function isResourceFile(path: string): boolean {
  return /\.ya?ml$/i.test(path) && !path.split('/').some((part) => part.startsWith('.') && !/^\.{1,2}$/.test(part))
}

const empty = fault(
  'desired-state-empty',
  { file: '.', line: 1, column: 1 },
  {
    message: 'There is no resource here: no .yaml or .yml file with an apiVersion and a kind.',
    hint: 'Check the path. An empty desired state is refused, so that a wrong path never looks like the wish to have nothing.',
  },
)

function only(wanted: Judgement['severity'], all: readonly Judgement[]): Fault[] {
  const found = all.filter(({ severity }) => severity === wanted).sort(byPlace)
  const [first, more] = [found.slice(0, limits.faults).map(told), found.length - limits.faults]
  const next = found[limits.faults]
  return next ? [...first, leftOut(next, more)] : first
}

function leftOut(next: Located, count: number): Fault {
  const { file, line, column } = next
  return {
    ...{ code: 'faults-left-out', file: oneLine(file, longestText), line, column },
    message: `From here on ${count} more ${count === 1 ? 'fault is' : 'faults are'} not shown.`,
    hint: 'Correct those that are shown first: they are often the cause of the others.',
  }
}

function byPlace(a: Located, b: Located): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}

const longestText = 500

/** Anybody may have written what is quoted in it. */
function told({ severity: _, code, file, line, column, message, hint }: Judgement): Fault {
  const bounded = (text: string): string => oneLine(text, longestText)
  return { code, file: bounded(file), line, column, message: bounded(message), hint: bounded(hint) }
}
