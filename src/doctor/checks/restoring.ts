/** What a restore onto something that lives needs of it today. */
import { access, constants, lstat } from 'node:fs/promises'
import { Problem } from '../../base/problem.ts'
import { uncServer } from '../../base/fields.ts'
import { uncPath, type BackupSet, type ItemOutcome } from '../../domain/backup-set.ts'
import { lackingRights, rightsFor } from '../../domain/sql-rights.ts'
import { parseDatabase } from '../../domain/subject.ts'
import { fileProblem } from '../../drivers/files/problem.ts'
import { whyNotRestored } from '../../drivers/sql/contents.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import { echoOf, onlyAfter, type Check, type ChecksByHost } from '../check.ts'
import type { SqlChecks } from './sql.ts'

type Instance = SqlChecks['instances'][number]

/** The login may restore over a database of the instance. */
export function restoreRightCheck({ server, login }: Instance): Check {
  const { subject } = server
  return {
    ...{ name: 'sql-restore-rights', subject, group: 'sql', deadlineSeconds: 45 },
    ...onlyAfter([login]),
    async attempt(signal) {
      const { login: name, lacking } = await server.rights([], signal)
      const missing = lacking.filter(({ right }) => rightsFor('restore').includes(right))
      if (missing.length > 0) throw lackingRights(subject, name, missing)
      return `${name} may restore there`
    },
  }
}

/** The account of SQL Server reads the copy, and it is a whole backup of that database. */
export function readByServerCheck(
  { server, login }: Instance,
  { set, outcome }: { set: BackupSet; outcome: ItemOutcome },
): Check {
  const path = uncPath(set, outcome.path)
  return {
    ...{ name: 'sql-reads-copy', subject: outcome.subject, group: 'sql', deadlineSeconds: 300 },
    ...onlyAfter([login]),
    async attempt(signal) {
      const header = await server.header(path, signal)
      const why = whyNotRestored(parseDatabase(outcome.subject)?.database ?? '', header)
      if (why === null) return `${server.subject} reads ${path}, a full backup of ${header.finishedAt}`
      throw new Problem('sql-backup-wrong', {
        subject: outcome.subject,
        message: `Nothing could be restored from ${path}, for ${why}.`,
        hint: 'Look at what wrote into the set, and make a new one.',
      })
    },
  }
}

/** A file store that lives: its path leads somewhere from here, and is open for writing as far as that shows without writing. */
export function placeCheck(subject: string, smb: ChecksByHost, drivers: Pick<Drivers, 'localPath'>): Check {
  return {
    ...{ name: 'place', subject, group: 'files', deadlineSeconds: 60 },
    ...echoOf(smb.of(uncServer(subject))),
    async attempt() {
      const root = drivers.localPath(subject)
      try {
        if (!(await lstat(root)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' })
        await access(root, constants.R_OK | constants.W_OK)
      } catch (thrown) {
        throw fileProblem(thrown, root, 'Opening')
      }
      return `${subject} is there, and is not closed to writing; only writing shows more`
    },
  }
}
