import { z } from 'zod'
import { fqdn, size, uncPath } from '../../base/fields.ts'

export const locationSpec = z
  .strictObject({
    host: fqdn.describe('FQDN of the machine with the share. It must belong to no pool and hold no store.'),
    share: uncPath.describe('The share as SQL Servers and shell hosts see it, in single quotes.'),
    minimumFree: size
      .prefault('0B')
      .describe(
        'Space that must be free before a run and each of its items starts, and that a copy leaves free, such as `500GiB`.',
      ),
    copies: z
      .array(z.strictObject({ share: uncPath.describe('Where the copies go, as a UNC path.') }))
      .prefault([])
      .describe('Further places, off-site, to which finished sets are copied.'),
  })
  .describe('A share that holds backup sets. It belongs to one deployment and one daemon.')
