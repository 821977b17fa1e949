import type { Located } from '../base/yaml.ts'
import type { Desired } from '../domain/model.ts'
import { collect } from './collect.ts'
import { fault, type Fault, type Judgement } from './judgement.ts'
import { parseFile, type SourceFile } from './parse.ts'
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
 * names do not end in .yaml or .yml are ignored, and so is whatever is hidden (a name that begins with a dot).
 */
export function load(revision: string, files: Iterable<SourceFile>): Loaded {
  const parsed = [...files]
    .filter(({ path }) => isResourceFile(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(parseFile)
  const resources = collect(parsed.flatMap((file) => file.parts))
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
  return all
    .filter(({ severity }) => severity === wanted)
    .sort(byPlace)
    .map(withoutSeverity)
}

function byPlace(a: Located, b: Located): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}

function withoutSeverity({ severity: _, ...rest }: Judgement): Fault {
  return rest
}
