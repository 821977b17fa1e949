import { z } from 'zod'
import { duration, uncPath } from '../../base/fields.ts'
import { itemKinds } from '../../domain/words.ts'

const count = z.int('is not a whole number').min(0, 'is negative').prefault(0)

const include = z.union([
  z.literal('all'),
  z
    .strictObject({
      kinds: z.array(z.enum(itemKinds)).prefault([]).describe('Kinds of items, such as `file-store`.'),
      pools: z.array(z.string()).prefault([]).describe('FQDNs of pools.'),
      stores: z.array(z.string()).prefault([]).describe('Names of SqlStores and FileStores.'),
    })
    .refine(({ kinds, pools, stores }) => kinds.length + pools.length + stores.length > 0, {
      error: 'includes nothing',
    }),
])

const schedule = z.strictObject({
  cron: z
    .string()
    .min(1, 'is empty')
    .describe('Five fields: minute, hour, day of month, month, day of week. `0 2 * * *` is every night at two.'),
  timeZone: z.string().min(1, 'is empty').prefault('UTC').describe('IANA name, such as `Europe/Berlin`.'),
  window: duration
    .optional()
    .describe(
      'How long after a slot a scheduled run may still start, and what failed be tried again; left out: until the next slot.',
    ),
  jitter: duration
    .prefault('0s')
    .describe(
      'Up to how long a run waits after its slot, so that not everything starts at once. The same slot always waits the same time.',
    ),
  catchUp: z
    .boolean()
    .optional()
    .describe(
      'Whether the newest missed slot is made up for after downtime, also when its window is over. Left out: yes without a window, no with one.',
    ),
})

const days = z.int('is not a whole number').min(1, 'is less than one day').optional()

const restoreTest = z
  .strictObject({
    sqlStore: z
      .string()
      .optional()
      .describe('Name of a SqlStore used for nothing else, on which backups are restored for a test.'),
    folder: z
      .string()
      .min(1, 'is empty')
      .optional()
      .describe('Folder on that server for the files of the restored databases.'),
    files: uncPath
      .optional()
      .describe('UNC path of a folder used for nothing else, in which file stores are restored for a test.'),
    imports: z
      .boolean()
      .prefault(false)
      .describe(
        'Whether the exports of user data are tried too, with `Update-CsUserData -TestMode` (2015 and later), which changes nothing. What it says warns, and decides nothing.',
      ),
    everyDays: days.describe(
      'Days after which the newest set, and an older one that chance picks, are tested again; left out: as `verification.everyDays`.',
    ),
    validDays: days.describe('Days for which such a proof holds; left out: for ever.'),
  })
  .refine(({ sqlStore, folder }) => (sqlStore === undefined) === (folder === undefined), {
    error: 'needs sqlStore and folder together',
  })
  .refine(({ sqlStore, files }) => sqlStore !== undefined || files !== undefined, {
    error: 'tests nothing: it names neither sqlStore and folder, nor files',
  })
  .refine(({ everyDays = 0, validDays = everyDays }) => everyDays <= validDays, {
    error: 'lets a proof expire (validDays) before the next test is made (everyDays)',
  })

const verification = z.strictObject({
  onCreate: z
    .enum(['structure', 'checksum', 'content'])
    .prefault('checksum')
    .describe('Level at which a new set is read back: `structure`, `checksum` or `content`.'),
  everyDays: days.describe('Days after which sets are verified again; left out: never by themselves.'),
  restoreTest: restoreTest.optional().describe('Where restore tests are made.'),
})

const retention = z.strictObject({
  keepLast: count.describe('How many of the newest good copies of each item are kept.'),
  daily: count.describe('For how many days the newest good copy of the day is kept.'),
  weekly: count.describe('For how many weeks the newest good copy of the week is kept.'),
  monthly: count.describe('For how many months the newest good copy of the month is kept.'),
  yearly: count.describe('For how many years the newest good copy of the year is kept.'),
  keepWithin: duration.prefault('0s').describe('Everything younger than this is kept.'),
  minimumVerified: count.describe('Never fewer verified copies of each item than this.'),
  enforce: z.boolean().prefault(false).describe('True: what no rule keeps is deleted. False: it is only shown.'),
})

export const policySpec = z
  .strictObject({
    location: z.string().min(1, 'is empty').describe('Name of the BackupLocation.'),
    include: include
      .prefault('all')
      .describe(
        '`all`, or a map of `kinds`, `pools` and `stores`: what any of the three names. The environment is always recorded.',
      ),
    persistentChat: z
      .enum(['sql', 'cmdlet'])
      .prefault('sql')
      .describe('How Persistent Chat is backed up: by SQL Server (`.bak`), or by the export cmdlet (far smaller).'),
    schedule: schedule.describe('When it runs.'),
    recoveryPointObjective: duration
      .optional()
      .describe('How much may be lost at most, as a time: a condition says when a good copy gets older.'),
    afterConfigurationChange: z
      .boolean()
      .prefault(false)
      .describe('Whether the configuration is exported again after each change of it, between the slots.'),
    verification: verification.prefault({}).describe('How sets are proved.'),
    retention: retention.prefault({}).describe('How long sets are kept: the union of the rules.'),
  })
  .describe('What is backed up, when, where to and for how long.')
