import { Cron } from 'croner'
import { formatDuration } from '../../base/units.ts'
import { fault, type Judgement } from '../judgement.ts'
import type { Resource, Resources } from '../resources.ts'

/** Slots are looked for from a fixed day, so that the same file always gets the same answer. */
const start = new Date('2024-01-01T00:00:00Z')
const slotsLookedAt = 100

/** The schedule can be read, falls due, and leaves room for its delay. */
export function scheduleFires(resources: Resources): Judgement[] {
  return resources.all('BackupPolicy').flatMap((policy) => {
    const { cron, timeZone } = policy.spec.schedule
    return [...(isTimeZone(timeZone) ? [] : [unknownZone(policy)]), ...faultsOfCron(policy, cron)]
  })
}

function faultsOfCron(policy: Resource<'BackupPolicy'>, cron: string): Judgement[] {
  const slots = slotsOf(cron)
  if (typeof slots === 'string') return [unreadable(policy, slots)]
  return slots.length === 0 ? [neverFires(policy)] : roomForDelay(policy, slots)
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** The first slots of a cron expression in UTC, or why it cannot be read. */
function slotsOf(cron: string): Date[] | string {
  if (cron.trim().split(/\s+/).length !== 5) return 'it does not have five fields'
  try {
    return new Cron(cron, { timezone: 'UTC', paused: true }).nextRuns(slotsLookedAt, start)
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.replace(/^CronPattern: /, '') : String(thrown)
  }
}

function roomForDelay(policy: Resource<'BackupPolicy'>, slots: readonly Date[]): Judgement[] {
  const { window, jitter } = policy.spec.schedule
  const gaps = slots.slice(1).map((slot, index) => (slot.getTime() - (slots[index]?.getTime() ?? 0)) / 1000)
  const shortest = Math.min(...gaps)
  const nonsense = (field: string, message: string, hint: string): Judgement =>
    fault('schedule-window', policy.at(['spec', 'schedule', field]), { message, hint })
  if (window === 0)
    return [nonsense('window', 'In a window of 0s no run can start.', 'Give it some minutes, or leave it out.')]
  if (window !== undefined && jitter >= window)
    return [
      nonsense(
        'jitter',
        `A delay of up to ${formatDuration(jitter)} does not fit into a window of ${formatDuration(window)}.`,
        'Make jitter smaller than window.',
      ),
    ]
  if (jitter < shortest) return []
  return [
    nonsense(
      'jitter',
      `A delay of up to ${formatDuration(jitter)} reaches the next slot, which may come after ${formatDuration(shortest)}.`,
      'Make jitter smaller than the time between two slots.',
    ),
  ]
}

function unknownZone(policy: Resource<'BackupPolicy'>): Judgement {
  return fault('time-zone-unknown', policy.at(['spec', 'schedule', 'timeZone']), {
    message: `${policy.spec.schedule.timeZone} is not a known time zone.`,
    hint: 'Use an IANA name, such as Europe/Berlin, America/New_York or UTC (not a Windows name, not an offset).',
  })
}

function unreadable(policy: Resource<'BackupPolicy'>, why: string): Judgement {
  return fault('schedule-invalid', policy.at(['spec', 'schedule', 'cron']), {
    message: `The schedule "${policy.spec.schedule.cron}" cannot be read: ${why}`,
    hint: 'Five fields: minute, hour, day of month, month, day of week. "0 2 * * *" is every night at two.',
  })
}

function neverFires(policy: Resource<'BackupPolicy'>): Judgement {
  return fault('schedule-never-fires', policy.at(['spec', 'schedule', 'cron']), {
    message: `The schedule "${policy.spec.schedule.cron}" never falls due.`,
    hint: 'Is there such a day in that month? "0 2 * * *" is every night at two.',
  })
}
