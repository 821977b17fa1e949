import { z } from 'zod'
import { duration, port } from '../base/fields.ts'
import { secret } from './secrets.ts'

/** Names what nothing between here and there reads as anything else: no option, quote, variable or operator. */
const user = z
  .string()
  .regex(/^(?!-)[^\s\p{Cc}"'`$%&;|<>(){}[\]*?!]+(?<!\\)$/u, 'is not an account such as CONTOSO\\svc-holdfast')
const host = z
  .string()
  .regex(/^([A-Za-z0-9][A-Za-z0-9.-]*|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+)$/, 'is neither a name nor an address')
/** A path that the OpenSSH client, Git and a shell take as it is. */
export const localFile = z.string().regex(/^[^"$%~\p{Cc}]+$/u, 'is not a path, or contains quotes, $, % or ~')

/** What every shell that may be at the other end takes as it is, in double quotes where `sshCommandLine` puts them. */
const remoteWord = /^[\p{L}\p{N}_./:\\=,@+()~ -]+(?<!\\)$/u
const remoteFolder = /^([A-Za-z]:[\\/]|\/)(?!.*(^|[\\/])\.\.([\\/]|$))[^"*?<>|\p{Cc}]*$/u

export const shellSchema = z
  .strictObject({
    transport: z
      .enum(['local', 'ssh'])
      .prefault('local')
      .describe('`local`: the command runs on this machine. `ssh`: on another, by the OpenSSH client of this machine.'),
    command: z
      .array(z.string())
      .min(1, 'is empty')
      .describe(
        'Program and arguments of the shell host. With `local` relative paths count from the folder of this file.',
      ),
    scratch: z
      .string()
      .min(1, 'is empty')
      .describe(
        'Folder on the shell host for exports, emptied after use. With `ssh` an absolute path, which also shows whether Windows (`C:\\LyncBackup`) runs there.',
      ),
    deadline: duration
      .refine((seconds) => seconds >= 1, 'is shorter than 1s')
      .prefault('2h')
      .describe(
        'How long one cmdlet may take, whatever progress it reports. At the deadline its process is ended with everything it started, the item fails, and the run goes on.',
      ),
    host: host.optional().describe('`ssh` only: name or address of the management host.'),
    port: port.optional().describe('`ssh` only. Default 22.'),
    user: user.optional().describe('`ssh` only: the account, `CONTOSO\\svc-holdfast` or `svc-holdfast@contoso.com`.'),
    password: secret
      .optional()
      .describe('`ssh` only: the password of the account. The session then has credentials for the network.'),
    authentication: z
      .literal('kerberos')
      .optional()
      .describe('`ssh` only: by the Kerberos ticket of this process, which is delegated to the session.'),
    identityFile: localFile
      .optional()
      .describe(
        '`ssh` only: path of a private key without passphrase. On Windows such a session has no credentials for the network, and most cmdlets fail.',
      ),
    knownHosts: localFile
      .optional()
      .describe('`ssh` only: file with the key of the host. Left out: where the OpenSSH client looks by itself.'),
  })
  .superRefine((fields, context) => {
    const fault = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message })
    if (fields.transport === 'local') {
      for (const name of ofSsh) if (fields[name] !== undefined) fault([name], 'belongs to `transport: ssh`')
      return
    }
    for (const name of ['host', 'user'] as const) if (fields[name] === undefined) fault([name], 'is missing')
    const logins = [fields.password, fields.authentication, fields.identityFile].filter((one) => one !== undefined)
    if (logins.length !== 1) fault([], 'must have one of password, authentication and identityFile')
    if (!remoteFolder.test(fields.scratch)) fault(['scratch'], 'is not an absolute path on the management host')
    fields.command.forEach((word, index) => {
      if (!remoteWord.test(word))
        fault(['command', index], 'may hold letters, digits, spaces and _ . / : \\ = , @ + ( ) ~ - only')
    })
  })

const ofSsh = ['host', 'port', 'user', 'password', 'authentication', 'identityFile', 'knownHosts'] as const

export type ShellFields = z.output<typeof shellSchema>
