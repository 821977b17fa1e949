import { Problem } from '../../base/problem.ts'
import { directoryKey } from '../../domain/directory-differences.ts'
import { propertiesOf } from '../../drivers/shell/calls.ts'
import type { CallName } from '../../drivers/shell/host.ts'

/** An object of a directory has a few thousand characters. */
const longest = 256 * 1024

/**
 * An object as one line: its properties in the order of the table of calls, so that two records differ only where the
 * directory does. `key` sorts it.
 */
export function directoryLine(call: CallName, value: unknown): { key: string; text: string } {
  const object = isTable(value) ? value : {}
  const text = JSON.stringify(
    Object.fromEntries(propertiesOf(call).map((name) => [name, ordered(object[name] ?? null)])),
  )
  if (text.length > longest)
    throw new Problem('shell-answer-too-large', {
      message: `An object has ${text.length} characters.`,
      hint: 'Run the same cmdlet by hand and look at what it repeats.',
    })
  return { key: directoryKey(object, text), text }
}

/** The order of names within a table is chance; that of a list says something. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isTable(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, one]) => [name, ordered(one)]),
  )
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
