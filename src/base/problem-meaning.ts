/** What it proves of a subject that asking it ended in a problem, by the code. Codes of neither list: it was silent. */
import type { ProblemCode } from './problem-codes.ts'

/** Something of the subject answered, if only by refusing: it is there. */
const answers: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'database-encrypted',
  'file-busy',
  'file-denied',
  'location-identity-invalid',
  'sql-answer-too-large',
  'sql-backup-damaged',
  'sql-backup-failed',
  'sql-certificate-expired',
  'sql-certificate-name',
  'sql-certificate-not-trusted',
  'sql-consistency-errors',
  'sql-database-in-use',
  'sql-database-mirrored',
  'sql-database-missing',
  'sql-database-unavailable',
  'sql-deadlock',
  'sql-device-failed',
  'sql-domain-unreachable',
  'sql-edition',
  'sql-encryption',
  'sql-failed',
  'sql-instance-unknown',
  'sql-login-failed',
  'sql-login-untrusted-domain',
  'sql-newer-version',
  'sql-not-principal',
  'sql-not-ready',
  'sql-path-denied',
  'sql-path-missing',
  'sql-permission',
  'sql-server-full',
  'sql-share-full',
  'sql-tls-version',
])

/** It was never asked: the trouble is at our own end. */
const neverAsked: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'dns-failed',
  'interrupted',
  'path-not-mapped',
  'path-refused',
  'sql-driver-missing',
  'sql-name-not-found',
  'tcp-failed',
  'unexpected',
])

/** Whether somebody must have sent it. A refused connection proves nothing: a device between may have refused it. */
export function isAnswer(code: ProblemCode): boolean {
  return answers.has(code)
}

/** Whether it tells nothing of the subject, not even that it is silent. */
export function wasNeverAsked(code: ProblemCode): boolean {
  return neverAsked.has(code)
}
