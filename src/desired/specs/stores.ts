import { z } from 'zod'
import { fqdn, port, uncPath, words } from '../../base/fields.ts'
import { instanceField } from './names.ts'

const sqlServer = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}\.[A-Za-z0-9_-]*[A-Za-z_][A-Za-z0-9_-]*(\\[\p{L}_&#][\p{L}\p{N}_&#$]{0,15})?$/u,
    String.raw`is neither an FQDN nor an FQDN\instance`,
  )

const mirror = z.strictObject({
  partner: sqlServer.describe('The other partner: its FQDN, or `fqdn\\instance` where its instance has another name.'),
  witness: sqlServer.optional().describe('The witness: FQDN or `fqdn\\instance`.'),
})

const availabilityGroup = z.strictObject({
  listener: fqdn.describe('FQDN of the listener, which must use port 1433.'),
  replicas: z.array(fqdn).prefault([]).describe('FQDNs of the nodes, the primary first.'),
})

const failoverCluster = z.strictObject({
  nodes: z
    .array(fqdn)
    .min(1, 'does not name a node')
    .describe('FQDNs of the nodes; `host` is the name of the cluster.'),
})

const highAvailability = z.union([
  z.literal('none'),
  z
    .strictObject({
      mirror: mirror.optional().describe('Synchronous mirroring (not on 2019 and later).'),
      'availability-group': availabilityGroup.optional().describe('Always On availability group (from 2015).'),
      'failover-cluster': failoverCluster.optional().describe('Failover cluster instance.'),
    })
    .refine((modes) => Object.values(modes).filter((mode) => mode !== undefined).length === 1, {
      error: 'must have exactly one of mirror, availability-group and failover-cluster',
    })
    .meta({ minProperties: 1, maxProperties: 1 }),
])

/** Years of SQL Server that any supported product knows, and the later ones. */
const versions = ['2008 R2', '2012', '2014', '2016', '2017', '2019', '2022', '2025'] as const

export const sqlStoreSpec = z
  .strictObject({
    host: fqdn.describe('FQDN as published; of a cluster or availability group, its virtual name.'),
    instance: instanceField
      .prefault('')
      .describe('Instance name. Left out, empty and `MSSQLSERVER` all mean the default instance.'),
    port: port.optional().describe('TCP port, where it is fixed; without it SQL Browser is asked.'),
    version: z
      .union([z.literal(versions), z.int()])
      .transform(String)
      .pipe(z.literal(versions))
      .optional()
      .describe(`SQL Server version as the year: ${versions.join(', ')}. Checked against what the product supports.`),
    highAvailability: highAvailability
      .prefault('none')
      .describe('`none`, or a map with exactly one of `mirror`, `availability-group`, `failover-cluster`.'),
  })
  .describe(
    'A SQL Server instance that holds databases of one or more pools. A mirror partner is not a SqlStore of its own.',
  )

/** Of a name relative to the share. What means everything is refused: a store of which nothing is kept is a mistake. */
const excludePattern = z
  .string()
  .regex(
    /^[^\\/\p{Cc}]+(?:\/[^\\/\p{Cc}]+)*$/u,
    'is not a pattern such as */DeviceUpdateLogs/**: relative, with / and not \\',
  )
  .max(260)
  .refine((pattern) => !/^[*?/]+$/.test(pattern), 'leaves out everything, or nearly so')
  .describe(
    'A name relative to the share, without case: `*` any characters, `?` one, `**` any number of folders. A folder that matches goes with all that is in it.',
  )

export const fileStoreSpec = z
  .strictObject({
    path: uncPath.describe(
      'The share as `\\\\server\\share`, in single quotes. The server is an FQDN; of a DFS namespace, the domain.',
    ),
    serviceFolders: z
      .array(z.string().regex(/^\d+-[A-Za-z]+-\d+$/, 'is not a service folder such as 1-WebServices-1'))
      .prefault([])
      .describe('The `<n>-<Role>-<n>` folders that the topology gives it, as the import writes them.'),
    exclude: z
      .array(z.strictObject({ pattern: excludePattern, reason: words(500).describe('Why nobody needs it back.') }))
      .prefault([])
      .describe('What is left out of every copy. Each set names and counts what it left out.'),
  })
  .describe(
    'A file store: the SMB share with meeting content, audio files and address books. Every file store is backed up.',
  )
