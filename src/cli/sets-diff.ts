import { Problem } from '../base/problem.ts'
import { sameSubject } from '../domain/subject.ts'
import { itemKinds } from '../domain/words.ts'
import { readDifferences } from '../sets/compare.ts'
import { setsDiffView, type SetsDiffView } from '../views/sets-diff.ts'
import type { Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { setNamed } from './named.ts'
import { openForReading } from './open.ts'
import { section } from './render.ts'
import { withoutControls } from './table.ts'

/** `holdfast sets --diff A B`. */
export async function printSetsDiff(ids: readonly string[], choosesOthers: boolean, context: Context): Promise<number> {
  const [first, second, ...more] = ids
  if (first === undefined || second === undefined || more.length > 0 || choosesOthers)
    throw new Problem('usage', {
      message: '--diff needs two sets, and nothing else.',
      hint: 'Write holdfast sets --diff A B.',
    })
  if (sameSubject(first, second))
    throw new Problem('usage', { message: '--diff was given the same set twice.', hint: 'holdfast sets lists them.' })
  await using reading = await openForReading(context)
  const [a, b] = [setNamed(first, reading.sets), setNamed(second, reading.sets)]
  const { signal } = context.terminal
  const view = setsDiffView(a.id, b.id, await readDifferences(a, b, signal))
  context.terminal.out(context.output === 'json' ? `${JSON.stringify(view)}\n` : inWords(view))
  return exitCode.done
}

function inWords({ a, b, changes }: SetsDiffView): string {
  if (changes.length === 0) return `Nothing that is compared differs between ${a} and ${b}.\n`
  const groups = itemKinds.map((kind) => {
    const lines = changes.filter((one) => one.kind === kind).map((one) => `  ${withoutControls(sentence(one))}\n`)
    return section(`${kind}: ${lines.length}`, lines.join(''))
  })
  return `From ${a} to ${b}:\n\n${groups.join('')}`
}

/** Of the path of a setting, what people know it by: scope and name of the settings, and the way from there. */
function settingOf(subject: string, name: string): string {
  const path = [subject, name].filter(Boolean).join('/')
  const [, key, rest] = /^.*\/Item\[([^\]]*)\]\/(?:Value\/)?(.*)$/.exec(path) ?? []
  return key === undefined || rest === undefined ? path : `${key.replace(/ [0-]+$/, '')}, ${rest}`
}

function sentence({ kind, subject, name, change, from, to }: SetsDiffView['changes'][number]): string {
  if (kind === 'directory-record' && name === 'RegistrarPool' && from && to)
    return `${subject}: moved from ${from} to ${to}`
  const what = kind === 'configuration' ? settingOf(subject, name) : [subject, name].filter(Boolean).join(', ')
  if (from !== undefined && to !== undefined) return `${what}: ${from} -> ${to}`
  const value = from ?? to
  return `${what}: ${change}${value === undefined ? '' : ` (${value})`}`
}
