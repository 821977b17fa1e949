/**
 * What the journal's entries about a recovery say: fields that are read back, and words for people. Written and read here
 * alone, for the columns of the journal stay as they are.
 */
import type { ActionKind } from './action.ts'

/** Every field, in the order in which they are written. */
const fieldNames = [
  /** Name of the `Recovery`. */
  'recovery',
  /** Subject of the flag. */
  'server',
  'scenario',
  'from',
  'run',
  /** Since when it is lost; of a step, since when it is so. */
  'since',
  /** Who made the commit, and when. */
  'author',
  'committed',
  /** Id of a row of the procedure, and its title. */
  'step',
  'title',
  /** By what a step is done: seen, said or ran. */
  'how',
  /** Of a fork that is decided: the way. Of a step that it ended: the fork. */
  'way',
  'fork',
  /** What is accepted, of which subject, and which of its facts. */
  'what',
  'of',
  'fact',
  /** Who says so, and as of when. */
  'by',
  'as-of',
  /** Each condition of the gate that does not hold. */
  'gate',
  'outcome',
  /** Seconds. */
  'took',
  'set',
  /** Of the copy in the set. */
  'bytes',
  /** `users 12`: each thing that was counted afterwards. */
  'count',
  /** `id of subject`: each step that was not done. */
  'left',
] as const
export type FieldName = (typeof fieldNames)[number]

/** Null and undefined: it is not known, and not written. */
export type FieldValue = string | number | readonly string[] | null | undefined

export interface EntryFields {
  /** Null: the entry does not say. */
  one(name: FieldName): string | null
  number(name: FieldName): number | null
  all(name: FieldName): readonly string[]
  /** What follows for people. */
  words: string
}

/** `recovery se01, step take-image, by "Jane Doe": She kept it.` */
export function withFields(fields: Readonly<Partial<Record<FieldName, FieldValue>>>, words = ''): string {
  const told = fieldNames.flatMap((name) => valuesOf(fields[name]).map((value) => `${name} ${quoted(value)}`))
  return `${told.join(', ')}${words === '' ? '' : `: ${words}`}`
}

function valuesOf(value: FieldValue): string[] {
  if (value === null || value === undefined) return []
  return typeof value === 'object' ? [...value] : [`${value}`]
}

/** Plain where nothing in it can be taken for the end of the value. */
const plain = /^[^\s",]*[^\s",:]$/

function quoted(value: string): string {
  return plain.test(value) ? value : JSON.stringify(value)
}

const field = /([a-z-]+) ("(?:[^"\\]|\\.)*"|[^\s",]*[^\s",:])(, |: |$)/y

/** What the entry of an action of this kind says behind it; null for any other entry. */
export function behindKind(kind: ActionKind, message: string): string | null {
  return message.startsWith(`${kind}: `) ? message.slice(kind.length + 2) : null
}

/** Null where the message is not written so: an older version did not say it. */
export function fieldsOf(message: string): EntryFields | null {
  const found = new Map<string, string[]>()
  field.lastIndex = 0
  for (;;) {
    const at = field.lastIndex
    const [whole, name = '', value = '', end] = field.exec(message) ?? []
    if (whole === undefined || !(fieldNames as readonly string[]).includes(name)) return null
    const text = value.startsWith('"') ? parsed(value) : value
    if (text === null) return null
    found.set(name, [...(found.get(name) ?? []), text])
    if (end !== ', ') return entryFields(found, message.slice(at + whole.length))
  }
}

function entryFields(found: ReadonlyMap<string, readonly string[]>, words: string): EntryFields {
  const all = (name: FieldName): readonly string[] => found.get(name) ?? []
  const one = (name: FieldName): string | null => all(name)[0] ?? null
  const number = (name: FieldName): number | null => {
    const text = one(name)
    return text === null || !/^\d+(\.\d+)?$/.test(text) ? null : Number(text)
  }
  return { one, number, all, words }
}

function parsed(text: string): string | null {
  try {
    return JSON.parse(text) as string
  } catch {
    return null
  }
}
