import { z } from 'zod'
import { duration } from '../base/fields.ts'
import { gitUrlFault, transportOf } from './git-url.ts'
import { localFile } from './schema-shell.ts'
import { secret } from './secrets.ts'

export const gitSchema = z
  .strictObject({
    url: z
      .string()
      .min(1, 'is empty')
      .superRefine((url, context) => {
        const fault = gitUrlFault(url)
        if (fault !== null) context.addIssue({ code: 'custom', message: fault })
      })
      .describe(
        'The repository: a path, `file:///path`, `https://host/path`, `ssh://user@host/path` or `user@host:path`. It never holds a token or a password.',
      ),
    branch: z
      .string()
      .regex(/^(?![-./])(?!.*(\.\.|\/\/|@\{|\.lock$|[./]$))[^\s~^:?*[\\\p{Cc}]+$/u, 'is not the name of a branch')
      .prefault('main')
      .describe('The branch that says what should be.'),
    path: z
      .string()
      .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\\:\p{Cc}]*$/u, 'is not a path below the root of the repository')
      .prefault('.')
      .describe('Folder of the repository with the desired state, with `/`.'),
    interval: duration
      .refine((seconds) => seconds >= 1, 'is shorter than 1s')
      .prefault('60s')
      .describe('How often a remote repository is asked. A local one is watched, and asked as well.'),
    username: z
      .string()
      .regex(/^[^\p{Cc}]+$/u, 'is empty, or holds a control character')
      .optional()
      .describe(
        '`https` only: the user that logs in. Where a token is the whole login, any name that the server takes.',
      ),
    password: secret.optional().describe('`https` only: the password or token, handed to Git by an askpass helper.'),
    ca: localFile
      .optional()
      .describe(
        '`https` only: PEM file of the authority that signed the certificate of the server, where it is private.',
      ),
    ssh: z
      .strictObject({
        key: localFile.describe('Private key without passphrase, which only this account can read.'),
        knownHosts: localFile
          .optional()
          .describe('File with the key of the server. Left out: where the OpenSSH client looks by itself.'),
      })
      .optional()
      .describe(
        '`ssh` only: how to log in. Left out: as the OpenSSH client of this account is set up. With it, its settings (`~/.ssh/config`) and its agent do not count.',
      ),
  })
  .superRefine((fields, context) => {
    const fault = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message })
    const transport = transportOf(fields.url)
    for (const name of ['username', 'password', 'ca'] as const)
      if (fields[name] !== undefined && transport !== 'https') fault([name], 'needs a url that begins with https://')
    if (fields.ssh && transport !== 'ssh') fault(['ssh'], 'needs a url such as ssh://git@host/path or git@host:path')
    if ((fields.username === undefined) !== (fields.password === undefined))
      fault([], 'must have username and password, or neither')
  })

export type GitFields = z.output<typeof gitSchema>
