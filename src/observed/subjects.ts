import { parseDatabase, sameSubject, sqlSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'

/** Whether a look at `seen` answers for `asked`: the same, or a database of that instance. */
export function isAbout(asked: Subject, seen: Subject): boolean {
  if (sameSubject(asked, seen)) return true
  const database = parseDatabase(asked)
  return database !== null && sameSubject(sqlSubject(database), seen)
}
