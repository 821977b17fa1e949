import { behindKind, fieldsOf, type EntryFields } from '../../domain/entry-fields.ts'
import { machineOf } from '../../domain/hosts.ts'
import { sameSubject } from '../../domain/subject.ts'
import { outcomes, type Subject } from '../../domain/words.ts'

/** What is read of an entry of the journal. */
export interface StoryEntry {
  sequence: number
  at: string
  actor: string
  revision: string
  type: string
  subject: Subject
  message: string
}

/** `fields`: null where it has none. `message`: of a step that Holdfast ran, without the kind of its action. */
export interface ReadEntry extends StoryEntry {
  fields: EntryFields | null
  isRun: boolean
}

const ends: ReadonlySet<string> = new Set(outcomes.map((outcome) => `action-${outcome}`))

export function readEntry(entry: StoryEntry): ReadEntry {
  const run = ends.has(entry.type) ? behindKind('recovery-step', entry.message) : null
  const [isRun, message] = [run !== null, run ?? entry.message]
  const hasFields = isRun || /^(recovery|step)-/.test(entry.type)
  return { ...entry, message, isRun, fields: hasFields ? fieldsOf(message) : null }
}

/** The end of a step that Holdfast ran for this flag. What an older version wrote does not name it: there the machine decides. */
export function ofRecoveryStep({ isRun, fields, subject }: ReadEntry, server: Subject): boolean {
  if (!isRun) return false
  const named = fields?.one('server') ?? null
  return named === null ? sameSubject(machineOf(subject), machineOf(server)) : sameSubject(named, server)
}
