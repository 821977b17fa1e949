import { z } from 'zod'
import { fqdn, words } from '../../base/fields.ts'
import { poolTypes, products } from '../../domain/model.ts'

const storeName = z.string().min(1, 'is empty').optional()

export const poolSpec = z
  .strictObject({
    site: words(200).describe('Name of the site as in Topology Builder.'),
    type: z
      .enum(poolTypes)
      .describe(
        '`front-end` is an Enterprise Edition pool. An `unsupported` pool (Lync 2010 and older, in coexistence) is listed and needs no backup.',
      ),
    product: z.enum(products).optional().describe('Product version, where it differs from that of the deployment.'),
    servers: z
      .array(fqdn)
      .optional()
      .describe(
        'FQDNs of the members, in the order of the published topology. May be left out for a Standard Edition pool: it is its own server.',
      ),
    applications: z
      .array(z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not an application such as response-group'))
      .prefault([])
      .describe(
        'Applications that run on the pool and hold data: `response-group`, `call-park`; others are allowed and ask for no backup.',
      ),
    userStore: storeName.describe('Name of the SqlStore with the user databases (the Back End).'),
    archiving: storeName.describe('Name of the SqlStore with `LcsLog`.'),
    monitoring: storeName.describe('Name of the SqlStore with `LcsCDR` and `QoEMetrics`.'),
    persistentChat: storeName.describe('Name of the SqlStore with `mgc`.'),
    compliance: storeName.describe('Name of the SqlStore with `mgccomp`, the Persistent Chat compliance queue.'),
    fileStore: z.string().min(1, 'is empty').optional().describe('Name of the FileStore that the pool uses.'),
    pairedWith: fqdn.optional().describe('FQDN of the pool that is paired with this one; that pool must say the same.'),
  })
  .describe('A pool of servers. Its name is its FQDN.')
