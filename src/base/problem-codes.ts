/**
 * The closed list of problem codes: code -> what went wrong, in a few words. Codes are stable; each has a page
 * `docs/errors/<code>.md` (a test compares the two lists). Kept in alphabetical order.
 */
export const problemCodes = {
  'another-daemon': 'another daemon holds the lease',
  interrupted: 'the work was stopped before it was done',
  unexpected: 'an error that nobody foresaw',
  usage: 'the command line is wrong',
} as const satisfies Record<string, string>

export type ProblemCode = keyof typeof problemCodes
