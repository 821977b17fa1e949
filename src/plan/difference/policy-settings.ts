import { formatDuration } from '../../base/units.ts'
import type { BackupPolicy, RestoreTest } from '../../domain/model.ts'

/** The settings of a policy in words, by what a reviewer calls them. */
export function policySettings(policy: BackupPolicy): Record<string, string> {
  const { schedule, verification, include } = policy
  return {
    location: `${policy.location.name} (${policy.location.share})`,
    include: include === null ? 'all' : listed({ kinds: include.kinds, pools: include.pools, stores: include.stores }),
    'persistent-chat': policy.persistentChat,
    schedule: [
      `${schedule.cron} ${schedule.timeZone}`,
      schedule.windowSeconds === null ? 'no window' : `window ${formatDuration(schedule.windowSeconds)}`,
      `jitter ${formatDuration(schedule.jitterSeconds)}`,
      schedule.catchUp ? 'a missed slot is made up for' : 'a missed slot is left out',
    ].join(', '),
    objective:
      policy.recoveryPointObjectiveSeconds === null ? 'none' : formatDuration(policy.recoveryPointObjectiveSeconds),
    'after-configuration-change': policy.afterConfigurationChange ? 'a run of its own' : 'no run of its own',
    verification: [
      `${verification.onCreate} when made`,
      verification.everyDays === null ? 'not again' : `again every ${verification.everyDays} days`,
      verification.restoreTest === null ? 'no restore test' : restoreTestInWords(verification.restoreTest),
    ].join(', '),
    retention: retentionInWords(policy),
  }
}

function restoreTestInWords({ databases, files, imports, everyDays, validDays }: RestoreTest): string {
  const places = [databases?.sqlStore.name, files].filter((place) => typeof place === 'string')
  return [
    `restore test on ${places.join(' and ')}`,
    ...(imports ? ['trial imports of user data'] : []),
    everyDays === null ? 'by hand' : `each ${everyDays} days`,
    ...(validDays === null ? [] : [`a proof holds for ${validDays} days`]),
  ].join(', ')
}

function retentionInWords({ retention }: BackupPolicy): string {
  const { keepLast, daily, weekly, monthly, yearly, keepWithinSeconds, minimumVerified, enforce } = retention
  const rules = listed({ keepLast, daily, weekly, monthly, yearly, minimumVerified })
  const within = keepWithinSeconds === 0 ? '' : `keepWithin ${formatDuration(keepWithinSeconds)}`
  return [rules, within, enforce ? 'enforced' : 'only shown'].filter((part) => part !== '').join(', ')
}

/** `daily 7, weekly 4`: what is zero or empty is left out. */
function listed(values: Record<string, number | readonly string[]>): string {
  return Object.entries(values)
    .filter(([, value]) => (typeof value === 'number' ? value > 0 : value.length > 0))
    .map(([name, value]) => `${name} ${typeof value === 'number' ? value : value.join(' ')}`)
    .join(', ')
}
