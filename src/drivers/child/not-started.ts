import { existsSync } from 'node:fs'
import { systemCode } from '../../base/problem.ts'

/** Why the system did not start a program, for people. Whoever wanted it has the code for that. */
export interface NotStarted {
  message: string
  hint: string
  cause: unknown
}

/** What `thrown` says of `program`, which was to be started in `folder`. */
export function notStarted(program: string, folder: string, thrown: unknown): NotStarted {
  const [why, hint] = reason(program, folder, thrown)
  return { message: `${program} cannot be started: ${why}.`, hint, cause: thrown }
}

function reason(program: string, folder: string, thrown: unknown): [why: string, hint: string] {
  const code = systemCode(thrown)
  if (code === 'EINVAL' && /\.(cmd|bat)$/i.test(program))
    return [
      `it is a batch file, which Windows runs only through cmd.exe (${code})`,
      `Name the program that the batch file starts, or write the command as  [cmd.exe, /d, /c, '${program}']`,
    ]
  if (code === 'ENOENT' && !existsSync(folder))
    return [`its folder ${folder} does not exist (${code})`, 'Make that folder, or correct its name.']
  if (code === 'ENOENT')
    return [
      `${/[/\\]/.test(program) ? 'there is no such file' : 'no folder in PATH holds it'} (${code})`,
      'Install it or correct its name. A service has a PATH of its own, and reads it when it starts.',
    ]
  if (code === 'EACCES' || code === 'EPERM')
    return [`this account may not run it (${code})`, 'Allow the account of the daemon to execute that file.']
  return [
    thrown instanceof Error ? thrown.message : String(thrown),
    'Start it by hand, under the account of the daemon.',
  ]
}
