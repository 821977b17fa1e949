import { nearest } from '../base/nearest.ts'
import { Problem } from '../base/problem.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { meant, shortForm } from '../domain/meant.ts'
import { sameSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'

/** A name that leads to no subject, or to several: says which was most likely meant, or which there are. */
export function unknownSubject(typed: string, known: readonly string[]): Problem {
  const several = meant(typed, known)
  if (several.length > 1)
    return new Problem('unknown-subject', {
      subject: typed,
      message: `Several have this short name: ${several.join(', ')}.`,
      hint: 'Write the name in full.',
    })
  const near = nearest(typed, [...known, ...known.map(shortForm)])
  return new Problem('unknown-subject', {
    subject: typed,
    message: 'Nothing in the deployment has this name.',
    hint: near === null ? 'holdfast status lists servers and items, holdfast sets the sets.' : `Did you mean ${near}?`,
  })
}

/** The subject of what was typed. `known` need not be everything: a name that is not among them is handed back as it is. */
export function subjectNamed(typed: string, known: readonly Subject[]): Subject {
  const [only = typed, ...others] = meant(typed, known)
  if (others.length > 0) throw unknownSubject(typed, known)
  return only
}

/** The policy of what was typed, whatever its case. Throws Problem `unknown-policy`. */
export function policyNamed(typed: string, known: readonly string[]): string {
  const found = known.find((name) => sameSubject(name, typed))
  if (found !== undefined) return found
  throw new Problem('unknown-policy', {
    subject: typed,
    message: 'There is no backup policy of that name.',
    hint: `The policies are: ${known.join(', ') || 'none'}.`,
  })
}

/** The set of this id, whatever its case. Throws Problem `set-unknown`. */
export function setNamed(id: string, sets: readonly BackupSet[]): BackupSet {
  const found = sets.find((one) => sameSubject(one.id, id))
  if (found) return found
  throw new Problem('set-unknown', {
    subject: id,
    message: 'No location holds such a set.',
    hint: 'holdfast sets lists them.',
  })
}
