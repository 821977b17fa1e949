import type { ProblemCode } from '../../base/problem-codes.ts'
import type { Subject } from '../../domain/words.ts'

/** What lowers a verdict, from grave to slight. */
export const verdictStates = ['not-ok', 'unknown', 'attention', 'ok'] as const
export type VerdictState = (typeof verdictStates)[number]

/** One ground of a verdict, with what to do about it. */
export interface Reason {
  /** Has a page in `docs/errors/`. */
  code: ProblemCode
  subject: Subject
  message: string
  remedy: string
}

/** A reason with what it means for the verdict. */
export interface Weighed extends Reason {
  state: Exclude<VerdictState, 'ok'>
}

/** What to do first, by code; the page of a code says more. */
const remedies: Readonly<Partial<Record<ProblemCode, string>>> = {
  'rebuild-required': 'holdfast recoverability SUBJECT shows what comes back, from where, and how.',
  'loss-seen': 'Look at the machine. holdfast explain SUBJECT shows what was tried.',
  'set-vanished':
    'Find out who deletes backups. If it was meant: commit a Suspension with findings: [set-vanished] that names the sets.',
  'history-rewritten':
    'Find out who pushed it. If it was meant: commit a Suspension with findings: [history-rewritten] that names the deployment.',
  'item-failed': 'Fix what the reason names. holdfast backup with the name of the policy then takes it anew.',
  'item-incomplete':
    'Close what holds the files, or give the right to read them; holdfast doctor finds them all. The next run takes them.',
  'item-suspect': 'Compare with the copy before it; nothing is restored from this one.',
  'set-damaged': 'Make a new set with holdfast backup and the name of the policy. Then find out what damaged this one.',
  'never-backed-up': 'Make the first set: holdfast backup POLICY',
  'recovery-point-missing': 'holdfast explain SUBJECT shows what failed, and why.',
  'objective-missed': 'holdfast explain SUBJECT shows why no newer copy was made.',
  'run-failed': 'holdfast explain SUBJECT shows what failed, and why.',
  'slot-missed': 'Make up for it by hand: holdfast backup POLICY',
  'set-not-verified': 'holdfast verify checks it now.',
  'restore-not-tested': 'holdfast verify --level restore tries it now.',
  'desired-state-invalid': 'holdfast validate shows each fault with its place; commit the correction.',
  'daemon-not-running': 'Start it: holdfast run',
  'daemon-silent': 'Look at its log: it may wait for its state store. If it says nothing, start it again.',
  'not-seen-lately': 'Wait a minute after a start. holdfast doctor tries every way from here.',
}

/** `SUBJECT` and `POLICY` in a remedy are the subject of the reason. */
function remedyOf(code: ProblemCode, subject: Subject): string {
  const remedy = remedies[code] ?? `holdfast explain ${code} says what to do.`
  return remedy.replace(/SUBJECT|POLICY/, () => subject)
}

export function weighed(state: Weighed['state'], code: ProblemCode, subject: Subject, message: string): Weighed {
  return { state, code, subject, message, remedy: remedyOf(code, subject) }
}
