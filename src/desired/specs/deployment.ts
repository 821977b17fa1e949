import { z } from 'zod'
import { duration, fqdn, words } from '../../base/fields.ts'
import { products } from '../../domain/model.ts'

/** What Holdfast does not back up (domain reference, section 3.3). */
export const keptElsewhereKinds = [
  'active-directory',
  'certificates',
  'gateways',
  'network',
  'exchange',
  'media',
] as const

const keptElsewhere = z.strictObject({
  what: z.enum(keptElsewhereKinds).describe('The component that somebody else backs up.'),
  where: words(500).describe('Where its backup or record is kept, for the person who restores.'),
  responsible: words(500).describe('Who answers for it: a team or a person with a way to reach them.'),
  checkedOn: z.iso
    .date('is not a calendar date such as 2026-11-02')
    .describe('Day on which somebody last made sure, `YYYY-MM-DD`. After 90 days it counts as stale.'),
})

export const deploymentSpec = z
  .strictObject({
    product: z.enum(products).describe('Product version of every pool that does not name its own.'),
    domain: fqdn.describe('Active Directory domain, such as `contoso.com`.'),
    sipDomains: z.array(fqdn).min(1, 'does not name a SIP domain').describe('SIP domains, the default one first.'),
    centralManagementStore: z
      .string()
      .min(1, 'is empty')
      .optional()
      .describe(
        'Where the Central Management store is: name of a SqlStore, a SQL instance as `host\\instance`, or FQDN of the pool whose user store holds it.',
      ),
    flagging: z
      .strictObject({
        grace: duration
          .prefault('15m')
          .describe(
            'How long a server must be gone, clean or half built before it is flagged for a rebuild. `0s` is valid.',
          ),
      })
      .prefault({})
      .describe('When a server is flagged for a rebuild.'),
    keptElsewhere: z
      .array(keptElsewhere)
      .prefault([])
      .describe(
        'What Holdfast does not back up, and who does. A restore needs all six: `active-directory`, `certificates`, `gateways`, `network`, `exchange`, `media`; where one does not apply, say so in `where`.',
      ),
  })
  .describe('The whole Lync or Skype for Business deployment. There is exactly one.')
