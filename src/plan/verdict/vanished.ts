import type { Snapshot } from '../../domain/plan.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { VanishedSet } from '../../domain/vanished-set.ts'
import { openlyMissing } from '../findings/vanished-sets.ts'
import { weighed, type Weighed } from './reasons.ts'

/**
 * Findings of vanished sets as reasons. Many at once are one reason for each location, and the loudest there is:
 * somebody deletes backups.
 */
export function vanishedReasons(snapshot: Snapshot): Weighed[] {
  const many = [...openlyMissing(snapshot)].filter(([, sets]) => sets.length > 1)
  const told = new Set(many.flatMap(([location, sets]) => [location, ...sets.map(({ id }) => id)]).map(foldSubject))
  return [
    ...many.map(([location, sets]) => weighed('not-ok', 'set-vanished', location, messageOf(sets))),
    ...snapshot.plan.findings
      .filter(({ code, subject }) => code === 'set-vanished' && !told.has(foldSubject(subject)))
      .map(({ subject, message }) => weighed('not-ok', 'set-vanished', subject, message)),
  ]
}

const namesShown = 3

function messageOf(sets: readonly VanishedSet[]): string {
  const times = sets.map(({ vanishedAt }) => vanishedAt).sort()
  const [first, last] = [times[0], times.at(-1)]
  const when = first === last ? `by the look at ${first}` : `between ${first} and ${last}`
  const names = sets.slice(0, namesShown).map(({ id }) => id)
  const more = sets.length > namesShown ? ` and ${sets.length - namesShown} more` : ''
  return (
    `${sets.length} BACKUP SETS VANISHED, and Holdfast removed none of them: somebody deletes backups, or the storage lost them. ` +
    `First missed ${when}: ${names.join(', ')}${more}.`
  )
}
