import { foldSubject, parseDatabase, sameSubject, sqlSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'

/** Each subject once, as it was first written, whatever its case. */
export function distinct(subjects: readonly Subject[]): Subject[] {
  const found = new Map<string, Subject>()
  for (const subject of subjects) if (!found.has(foldSubject(subject))) found.set(foldSubject(subject), subject)
  return [...found.values()]
}

/** Whether a look at `seen` answers for `asked`: the same, or a database of that instance. */
export function isAbout(asked: Subject, seen: Subject): boolean {
  if (sameSubject(asked, seen)) return true
  const database = parseDatabase(asked)
  return database !== null && sameSubject(sqlSubject(database), seen)
}
