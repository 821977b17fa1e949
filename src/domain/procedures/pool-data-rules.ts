import { cmdlet } from '../cmdlet-text.ts'
import { updateUserData } from '../restore-commands.ts'
import { fileOr, lost, poolOf, type Context } from './context.ts'
import { fromSet, readyStores } from './pair-rules.ts'
import type { RowRule } from './row.ts'

const readyForData = [
  ...['@start-server', '=reset-pool', '=renew-kerberos-account', '=update-databases', '=create-local-databases'],
  ...['?=restart-front-ends', 'download-topology'],
]
const userPools = ({ userPools: pools }: Context): string[] => pools.map(({ fqdn }) => fqdn)

/** User data, locations and Response Groups, in the order of the vendor's chapter. */
export const poolDataRules: readonly RowRule[] = [
  {
    id: 'check-contact-store',
    actor: 'operator',
    minutes: 10,
    in: fromSet,
    of: userPools,
    needs: ['check-surroundings'],
    title: (pool) =>
      `Compare who of ${pool} keeps contacts in Exchange (unified contact store) now with who did when the set was made`,
    why: 'An export from before or after such a move can corrupt the contact list of the user who was moved.',
    proves: 'Each user who was moved since is written down; their contacts are rolled back or left out.',
    source: 'Roll back migrated users (unified contact store)',
  },
  {
    id: 'stop-services',
    actor: 'holdfast',
    minutes: 5,
    in: fromSet,
    of: userPools,
    needs: [...readyForData, '=check-contact-store', '=end-failover'],
    after: readyStores,
    title: (pool) => `Stop the services of every Front End of ${pool}`,
    why: 'A server that still runs, or is restarted alone, overwrites what is imported.',
    operation: (pool, context) => ({ kind: 'stop-services', servers: poolOf(context, pool).servers }),
    proves: 'No service of any of them runs.',
    source: 'Import-CsUserData',
  },
  {
    id: 'import-user-data',
    actor: 'holdfast',
    minutes: 10,
    in: fromSet,
    of: userPools,
    needs: ['=stop-services'],
    title: (pool) => `Import the user data of ${pool}, while all of them are stopped`,
    why: 'Contacts and conferences of the users come back.',
    operation: (subject) => ({ kind: 'restore-item', item: { kind: 'user-data', subject } }),
    proves: 'The cmdlet ends without an error; after the start, users see their contacts.',
    risks: 'It overwrites what is there. After a partial stop of the pool it reports no error and brings no data.',
    source: 'Import-CsUserData',
    restores: (subject) => [{ kind: 'user-data', subject }],
  },
  {
    id: 'start-services',
    actor: 'holdfast',
    minutes: 15,
    in: fromSet,
    of: userPools,
    needs: ['=import-user-data'],
    title: (pool) => `Start ${pool} together: only then do the imported data take effect`,
    why: 'A first Front End waits for the quorum that the others give.',
    operation: (pool, context) => {
      const { fqdn, type, product, servers } = poolOf(context, pool)
      const how = type === 'front-end' && product !== 'lync-server-2013' ? 'pool' : 'servers-together'
      return { kind: 'start-services', pool: fqdn, servers, how }
    },
    proves: 'All services of all servers run.',
    source: 'Import-CsUserData; Start-CsPool; Start-CsWindowsService',
  },
  {
    id: 'import-locations',
    actor: 'holdfast',
    minutes: 5,
    of: lost('location-information'),
    needs: [
      ...['enable-topology', 'import-configuration', 'import-local-replica', 'fail-over-central-management'],
      ...['create-central-management-store', '?update-databases', '?start-server', '?point-directory-at-mirror'],
    ],
    title: () => 'Import the locations for emergency calls, and publish them',
    why: 'No pair replicates them; clients see nothing before they are published.',
    operation: (subject) => ({ kind: 'restore-item', item: { kind: 'location-information', subject } }),
    proves: 'Get-CsLisLocation shows them.',
    risks: 'It merges: rows that were added later stay.',
    source: 'Import-CsLisConfiguration; Publish-CsLisConfiguration',
    restores: (subject) => [{ kind: 'location-information', subject }],
  },
  {
    id: 'import-response-groups',
    actor: 'holdfast',
    minutes: 10,
    of: lost('response-groups'),
    needs: ['=start-services', '=fail-back-pool', ...readyForData],
    after: readyStores,
    title: (pool) => `Import the Response Groups of ${pool}`,
    why: 'The directory still holds the old contact objects: the new owner is set whatever the name.',
    operation: (subject) => ({ kind: 'restore-item', item: { kind: 'response-groups', subject } }),
    proves: 'The counts of workflows, queues and agent groups are those of the set.',
    source: 'Restoring Response Group settings; Import-CsRgsConfiguration',
    restores: (subject) => [{ kind: 'response-groups', subject }],
  },
  {
    id: 'check-response-groups',
    actor: 'operator',
    minutes: 10,
    of: lost('response-groups'),
    needs: ['=import-response-groups'],
    title: (pool) => `Check the Response Groups of ${pool}, and call one`,
    why: 'Only a call shows that agents are reached.',
    command: (pool) => cmdlet('Get-CsRgsWorkflow', { Identity: `service:ApplicationServer:${pool}`, ShowAll: true }),
    proves: 'The call is answered.',
    source: 'Restoring Response Group settings',
  },
  {
    id: 'merge-one-user',
    actor: 'operator',
    minutes: 10,
    late: true,
    of: userPools,
    needs: ['=start-services', '=fail-back-pool'],
    title: (pool) => `Where one user of ${pool} misses contacts or meetings, merge those of that user from a set`,
    why: 'It goes into the living pool; nobody else notices. holdfast restore user shows whom it touches, and prints the Recovery by which Holdfast does it.',
    command: (pool, context) => updateUserData(fileOr(context, { kind: 'user-data', subject: pool })),
    proves: 'The user sees them after the next sign-in.',
    risks: 'Who keeps contacts in Exchange (unified contact store) now is left out.',
    source: 'Update-CsUserData',
  },
]
