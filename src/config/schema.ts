import { z } from 'zod'
import { duration, fqdn, port, uncPath } from '../base/fields.ts'
import { gitUrlFault } from './git-url.ts'
import { shellSchema } from './schema-shell.ts'
import { secret } from './secrets.ts'

const textOrSecret = z.union([z.string().min(1, 'is empty'), secret])

const login = {
  authentication: z
    .literal('integrated')
    .optional()
    .describe(
      '`integrated`: the account of this process, on Windows. It is what holds when no user is given anywhere.',
    ),
  user: textOrSecret.optional().describe('Login name: a text, `{ env: NAME }` or `{ file: PATH }`.'),
  password: secret.optional().describe('Its password: `{ env: NAME }` or `{ file: PATH }`, never the password itself.'),
  domain: textOrSecret
    .optional()
    .describe('Windows domain of the user; with it the login is NTLM, without it SQL Server’s own.'),
  encrypt: z.boolean().optional().describe('Whether the connection is encrypted. Default `true`.'),
  ca: z
    .string()
    .min(1, 'is empty')
    .optional()
    .describe('Path of the PEM file of the authority that signed the servers’ certificates: then no other is trusted.'),
  trustServerCertificate: z.boolean().optional().describe('Accept any certificate. Default `false`; know what you do.'),
}

function whole(fields: { user?: unknown; password?: unknown; domain?: unknown; authentication?: unknown }): boolean {
  const { user, password, domain, authentication } = fields
  if (authentication !== undefined) return user === undefined && password === undefined && domain === undefined
  return (user === undefined) === (password === undefined) && (domain === undefined || user !== undefined)
}
const wholeError = { error: 'must have user and password (and domain, for NTLM), or none of them' }

const sqlDefaults = z.strictObject(login).refine(whole, wholeError)

const sqlOfHost = z
  .strictObject({
    instances: z
      .record(z.string().max(16, 'is no instance name'), port)
      .optional()
      .describe('Instance name -> TCP port, where SQL Browser cannot be asked. The default instance is `MSSQLSERVER`.'),
    allowOldTls: z
      .boolean()
      .optional()
      .describe(
        'Accept TLS 1.0 and 1.1 and their weak ciphers, for builds of SQL Server that speak nothing newer. A finding says so as long as it holds. Default `false`. With `integrated` Windows decides, whatever stands here.',
      ),
    ...login,
  })
  .refine(whole, wholeError)

const host = z.strictObject({
  address: z.string().min(1, 'is empty').optional().describe('Name or address to connect to instead of the FQDN.'),
  ports: z
    .record(z.string().regex(/^\d{1,5}$/, 'is no port'), port)
    .prefault({})
    .describe('Published port -> port to connect to instead.'),
  sql: sqlOfHost.optional().describe('SQL Server on this host: what is not given here is taken from `sql` at the top.'),
})

const git = z.strictObject({
  url: z
    .string()
    .min(1, 'is empty')
    .superRefine((url, context) => {
      const fault = gitUrlFault(url)
      if (fault !== null) context.addIssue({ code: 'custom', message: fault })
    })
    .describe(
      'The repository: a path, `file:///path`, `https://host/path`, `ssh://user@host/path` or `user@host:path`.',
    ),
  branch: z
    .string()
    .regex(/^(?![-./])(?!.*(\.\.|\/\/|@\{|\.lock$|[./]$))[^\s~^:?*[\\\p{Cc}]+$/u, 'is no name of a branch')
    .prefault('main')
    .describe('The branch that says what should be.'),
  path: z
    .string()
    .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\\:\p{Cc}]*$/u, 'is no path below the root of the repository')
    .prefault('.')
    .describe('Folder of the repository with the desired state, with `/`.'),
  interval: duration
    .refine((seconds) => seconds >= 1, 'is shorter than 1s')
    .prefault('60s')
    .describe('How often a remote repository is asked. A local one is watched, and asked as well.'),
})

const limit = z.int('is no whole number').min(1, 'is less than 1')

const limits = z.strictObject({
  sqlInstance: limit.prefault(1).describe('Items at a time on one SQL Server instance.'),
  share: limit.prefault(4).describe('Items at a time on one share.'),
  shellHost: limit.prefault(1).describe('Cmdlets at a time.'),
  overall: limit.prefault(8).describe('Items at a time in all.'),
})

const dnsServer = z
  .string()
  .regex(
    /^(\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?|[0-9A-Fa-f:]+|\[[0-9A-Fa-f:]+\](:\d{1,5})?)$/,
    'is no address, nor address:port',
  )

export const configSchema = z
  .strictObject({
    git: git.describe('Where the desired state is.'),
    state: z
      .string()
      .min(1, 'is empty')
      .prefault('./state.db')
      .describe('The state store. Beside it, with `.mirror` at its end, stands the copy of the repository.'),
    listen: z
      .string()
      .regex(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'is no host:port')
      .refine((text) => Number(text.split(':').at(-1)) <= 65_535, 'has no port (0 to 65535)')
      .prefault('127.0.0.1:8443')
      .describe('Where the API and the page answer.'),
    pathMap: z
      .record(uncPath, z.string().min(1, 'is empty'))
      .prefault({})
      .describe('UNC prefix -> the same folder as this machine reaches it. The longest prefix that fits is taken.'),
    shell: shellSchema.optional().describe('The machine with the Management Shell. Without it no cmdlet can run.'),
    dns: z
      .strictObject({
        servers: z.array(dnsServer).prefault([]).describe('Name servers, as `10.0.0.1` or `10.0.0.1:53`.'),
      })
      .prefault({})
      .describe('Whom to ask for names; left out: whom the system asks.'),
    looks: z
      .strictObject({
        atLeastEvery: duration
          .refine((seconds) => seconds >= 1, 'is shorter than 1s')
          .optional()
          .describe(
            'No fact is looked at less often. Each look is a question to a server, so think before you shorten it.',
          ),
      })
      .prefault({})
      .describe('How often the world is looked at; left out: each fact at its own pace (observations.md).'),
    limits: limits.prefault({}).describe('How much is done at the same time.'),
    sql: sqlDefaults.prefault({}).describe('How to log in to SQL Servers, unless `hosts` says otherwise for one.'),
    hosts: z
      .record(fqdn, host)
      .prefault({})
      .describe('FQDN -> how this host is reached: NAT, tunnels, fixed ports, logins.'),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).prefault('info').describe('The least that is logged.'),
      })
      .prefault({})
      .describe('The log, as lines of JSON on standard error.'),
  })
  .describe(
    '`holdfast.yaml`: what the daemon needs to reach the world. It stands outside the repository of desired state.',
  )

export type ConfigFields = z.output<typeof configSchema>
export type LoginFields = z.output<typeof sqlDefaults>
