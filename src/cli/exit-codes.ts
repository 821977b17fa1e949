/** The exit codes of every command (design, section 9). */
export const exitCode = {
  done: 0,
  failed: 1,
  invalidInput: 2,
  partly: 3,
  refused: 4,
  changesPresent: 5,
  interrupted: 130,
} as const
