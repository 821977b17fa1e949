import { itemsOf, once, type Context } from './context.ts'
import type { RowRule } from './row.ts'

/**
 * "Preparing to restore": before anything is rebuilt, whatever was lost. What gives users service again from what is left (a
 * failover, a quorum) needs the rights alone: the surroundings of the set are of no use to it, and users wait.
 */
export const preparingRules: readonly RowRule[] = [
  {
    id: 'check-surroundings',
    actor: 'operator',
    minutes: 15,
    of: once(() => true),
    needs: [],
    title: () =>
      'Make sure that Active Directory, DNS, DHCP, addresses and share paths are as they were when the set was made',
    why: 'What comes back finds its partners by the names of that time.',
    proves: 'The environment is as the set recorded it.',
    source: 'Preparing to restore Lync Server 2013',
  },
  {
    id: 'check-restore-rights',
    actor: 'operator',
    minutes: 5,
    of: once(() => true),
    needs: [],
    title: (_, context) => `Make sure that your account may do all of it: ${rightsFor(context).join('; ')}`,
    why: 'A right that is missing is found now, and not when users wait.',
    command: () => 'whoami /groups',
    proves: 'The groups are in the list.',
    source: 'Preparing to restore Lync Server 2013',
  },
]

function rightsFor({ loss }: Context): string[] {
  const databases = itemsOf(loss, 'sql-database')
  const enables = itemsOf(loss, 'configuration', 'file-store').length > 0
  return [
    'RTCUniversalServerAdmins',
    ...(loss.machines.length > 0 ? [`local Administrators on ${loss.machines.join(', ')}`] : []),
    ...(databases.length > 0 ? ['sysadmin on the instance of each database that is restored'] : []),
    ...(enables ? ['Domain Admins, or what Grant-CsSetupPermission delegates, for Enable-CsTopology'] : []),
  ]
}
