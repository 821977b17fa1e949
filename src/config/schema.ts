import { z } from 'zod'
import { duration, fqdn, port, uncPath } from '../base/fields.ts'
import { gitSchema } from './schema-git.ts'
import { shellSchema } from './schema-shell.ts'
import { secret } from './secrets.ts'

const textOrSecret = z.union([z.string().min(1, 'is empty'), secret])

const login = {
  authentication: z
    .literal('integrated')
    .optional()
    .describe('`integrated`: the account of this process, by ODBC. It is the default where no user is given.'),
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
  trustServerCertificate: z.boolean().optional().describe('Accept any certificate. Default `false`; use with care.'),
  odbcDriver: z
    .string()
    .regex(/^[^{}]+$/, 'is not the name of an ODBC driver')
    .optional()
    .describe(
      'The ODBC driver by which `integrated` connects, by the name under which this machine knows it. Default `ODBC Driver 18 for SQL Server`.',
    ),
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
      .record(z.string().max(16, 'is not an instance name'), port)
      .optional()
      .describe('Instance name -> TCP port, where SQL Browser cannot be asked. The default instance is `MSSQLSERVER`.'),
    allowOldTls: z
      .boolean()
      .optional()
      .describe(
        'Accept TLS 1.0 and 1.1 and their weak ciphers, for builds of SQL Server that speak nothing newer. A finding says so as long as this is set. Default `false`. With `integrated` Windows decides, whatever is set here.',
      ),
    ...login,
  })
  .refine(whole, wholeError)

const host = z.strictObject({
  address: z.string().min(1, 'is empty').optional().describe('Name or address to connect to instead of the FQDN.'),
  ports: z
    .record(z.string().regex(/^\d{1,5}$/, 'is not a port'), port)
    .prefault({})
    .describe('Published port -> port to connect to instead.'),
  sql: sqlOfHost.optional().describe('SQL Server on this host: what is not given here is taken from `sql` at the top.'),
})

const limit = z.int('is not a whole number').min(1, 'is less than 1')

const limits = z.strictObject({
  sqlInstance: limit.prefault(1).describe('Items at a time on one SQL Server instance.'),
  share: limit.prefault(4).describe('Items read at a time from one share, and sets checked at a time on it.'),
  shellHost: limit
    .max(1, 'is more than 1')
    .prefault(1)
    .describe('Cmdlets at a time: 1, since one session runs all of them, one after the other.'),
  overall: limit.prefault(8).describe('Items at a time in all.'),
})

const dnsServer = z
  .string()
  .regex(
    /^(\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?|[0-9A-Fa-f:]+|\[[0-9A-Fa-f:]+\](:\d{1,5})?)$/,
    'is neither an address nor address:port',
  )

export const configSchema = z
  .strictObject({
    git: gitSchema.describe('Where the desired state is.'),
    state: z
      .string()
      .min(1, 'is empty')
      .prefault('./state.db')
      .describe('The state store. The copy of the repository is beside it, with `.mirror` at the end of its name.'),
    listen: z
      .string()
      .regex(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'is not host:port')
      .refine((text) => Number(text.split(':').at(-1)) <= 65_535, 'has no port (0 to 65535)')
      .prefault('127.0.0.1:8443')
      .describe('Where the API and the page will answer. Not acted on yet: nothing listens.'),
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
      .describe('The name servers to ask; left out: those of the system.'),
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
    sql: sqlDefaults
      .prefault({})
      .describe('How to log in to SQL Servers, unless `hosts` has its own settings for one.'),
    hosts: z
      .record(fqdn, host)
      .prefault({})
      .describe('FQDN -> how this host is reached: NAT, tunnels, fixed ports, logins.'),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).prefault('info').describe('The lowest level that is logged.'),
      })
      .prefault({})
      .describe('The log, as lines of JSON on standard error.'),
  })
  .describe('`holdfast.yaml`: what the daemon needs to reach the world. It is outside the repository of desired state.')

export type ConfigFields = z.output<typeof configSchema>
export type LoginFields = z.output<typeof sqlDefaults>
