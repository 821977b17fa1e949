import { foldSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** Databases that are there and not in use: suspect, offline, recovering, ... */
export const databasesNotOnline: FindingRule = {
  codes: ['database-not-online'],
  find,
  isDark: ({ subject }, { classes }) => classes.databases.get(foldSubject(subject))?.class === 'unknown',
}

function find({ classes }: Digest): Fresh<Finding>[] {
  return [...classes.databases.values()]
    .filter((verdict) => verdict.class === 'degraded')
    .map(({ subject, reason }) => ({
      code: 'database-not-online',
      severity: 'error',
      subject,
      desired: 'ONLINE',
      observed: reason,
      message: `${reason} It serves nobody, and no backup can be taken of it.`,
    }))
}
