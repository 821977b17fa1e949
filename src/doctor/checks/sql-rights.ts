import type { Desired } from '../../domain/model.ts'
import { lackingRights, rightsFor, rightsPage, sqlRights, type SqlRightKey } from '../../domain/sql-rights.ts'
import type { Subject } from '../../domain/words.ts'
import type { SqlRights } from '../../drivers/sql/sql-server.ts'
import type { Check } from '../check.ts'

/** Throws `sql-permission` with the statements that grant what is missing. `backsUp`: some policy backs up a database of it. */
export function refuseMissingRights(subject: Subject, rights: SqlRights, backsUp: boolean): string {
  // Only groups ask a look for VIEW SERVER STATE, and then the login's own check has failed.
  const needed = backsUp ? rightsFor('look', 'back-up') : rightsFor('look').filter((key) => key !== 'viewServerState')
  refuse(subject, rights, needed)
  return `${rights.login} may do what is needed`
}

/** The same for an instance on which backups are restored for a test. */
export function refuseNoRestore(subject: Subject, rights: SqlRights): void {
  refuse(subject, rights, rightsFor('restore-test'))
}

function refuse(subject: Subject, { login, lacking }: SqlRights, needed: readonly SqlRightKey[]): void {
  const missing = lacking.filter(({ right }) => needed.includes(right))
  if (missing.length > 0) throw lackingRights(subject, login, missing)
}

/** What is left until somebody restores: named, so that nobody takes it for forgotten. */
export function restoreRightsCheck({ deployment }: Desired): Check {
  const names = rightsFor('restore')
    .filter((key) => !rightsFor('look', 'back-up').includes(key))
    .map((key) => sqlRights[key].name)
  const why = `Only a restore needs ${names.join(', ')} on the instances, for as long as it lasts: ${rightsPage}`
  return {
    ...{ name: 'sql-restore-rights', subject: deployment.name, group: 'local', deadlineSeconds: 10 },
    attempt: () => Promise.resolve({ leftOut: why }),
  }
}
