/**
 * The closed list of problem codes: code -> what went wrong, in a few words. Codes are stable; each has a page
 * `docs/errors/<code>.md` (a test compares the two lists). Kept in alphabetical order.
 */
export const problemCodes = {
  'another-daemon': 'another daemon holds the lease',
  'backup-failed': 'a run made no usable set',
  'daemon-gone': 'the daemon ended while a command waited for it',
  'desired-state-invalid': 'no valid desired state was ever read',
  'export-damaged': 'an export is no whole ZIP file',
  'export-empty': 'an export wrote an empty file',
  'export-reported-errors': 'a cmdlet ended but reported errors',
  interrupted: 'the work was stopped before it was done',
  'lease-lost': 'another process took the lease of the state store',
  'level-not-available': 'a level of verification is not available',
  'location-full': 'too little room on the share',
  refused: 'an action was refused before it began',
  'set-unknown': 'no such set',
  'source-unreachable': 'the repository could not be read',
  'sql-backup-wrong': 'a SQL backup is not what was asked for',
  'sql-no-principal': 'no partner holds the database as principal',
  'take-over-failed': 'a location was not taken over',
  unexpected: 'an error that nobody foresaw',
  'unknown-location': 'no such location',
  'unknown-policy': 'no such policy',
  usage: 'the command line is wrong',
  'verify-failed': 'a set could not be checked',
} as const satisfies Record<string, string>

export type ProblemCode = keyof typeof problemCodes
