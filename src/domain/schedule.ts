import { Cron } from 'croner'
import { hashOf } from '../base/hash.ts'
import { addSeconds, millisecondsOf, timeOf, type Time } from '../base/time.ts'
import type { BackupPolicy, Schedule } from './model.ts'

type Scheduled = Pick<BackupPolicy, 'name' | 'schedule'>

/** Schedules as the library reads them, by expression and zone: reading one costs more than asking it. */
const opened = new Map<string, Cron>()

/** The newest slot that is not later than `now`; null for a schedule that never fell due. */
export function lastSlot({ schedule }: Pick<BackupPolicy, 'schedule'>, now: Time): Time | null {
  const slot = cronOf(schedule).previousRuns(1, new Date(millisecondsOf(now) + 1))[0]
  return slot ? timeOf(slot.getTime()) : null
}

/** The first slot later than `after`; null for a schedule that never falls due again. */
export function nextSlot({ schedule }: Pick<BackupPolicy, 'schedule'>, after: Time): Time | null {
  const slot = cronOf(schedule).nextRun(new Date(millisecondsOf(after)))
  return slot ? timeOf(slot.getTime()) : null
}

/** When the run of a slot may start: a stable delay, other for each policy and slot, so that runs spread out. */
export function startOfRun({ name, schedule }: Scheduled, slot: Time): Time {
  if (schedule.jitterSeconds <= 0) return slot
  const share = Number.parseInt(hashOf([name, slot]).slice(0, 8), 16) / 2 ** 32
  return addSeconds(slot, Math.floor(share * schedule.jitterSeconds))
}

/** Where no window is given and nothing is made up for, a run that starts later than this was missed. */
const promptSeconds = 900

/** Whether a scheduled run of `slot` may start at `now`: not before its delay, not after its window. */
export function isWithinWindow(policy: Scheduled, slot: Time, now: Time): boolean {
  const start = startOfRun(policy, slot)
  if (now < start) return false
  const { windowSeconds, catchUp } = policy.schedule
  if (windowSeconds !== null) return now <= addSeconds(slot, windowSeconds)
  return catchUp || now <= addSeconds(start, promptSeconds)
}

const gaps = new Map<string, number | null>()
const reference = '2024-01-01T00:00:00.000Z'
const slotsLookedAt = 250

/**
 * The longest time between two slots in seconds, looked up in a fixed stretch of the calendar (so it does not depend on
 * the day it is asked) of 250 slots; null when the schedule has no two slots.
 */
export function longestGap({ schedule }: Pick<BackupPolicy, 'schedule'>): number | null {
  const known = gaps.get(keyOf(schedule))
  if (known !== undefined) return known
  const slots = cronOf(schedule).nextRuns(slotsLookedAt, new Date(reference))
  const gap = slots.reduce<number | null>((longest, slot, index) => {
    const before = slots[index - 1]
    return before ? Math.max(longest ?? 0, (slot.getTime() - before.getTime()) / 1000) : longest
  }, null)
  gaps.set(keyOf(schedule), gap)
  return gap
}

/**
 * A time in a gap of daylight saving runs once at the gap's end, a repeated one once. Only "every hour" counts real
 * hours. The library does so for plain numbers, so steps are written out before.
 */
function cronOf(schedule: Schedule): Cron {
  const known = opened.get(keyOf(schedule))
  if (known) return known
  const cron = new Cron(withoutSteps(schedule.cron), {
    timezone: schedule.timeZone,
    fixedTimeRule: 'no-wildcard',
    paused: true,
  })
  opened.set(keyOf(schedule), cron)
  return cron
}

function keyOf({ cron, timeZone }: Schedule): string {
  return `${timeZone} ${cron}`
}

function withoutSteps(cron: string): string {
  const fields = cron.trim().split(/\s+/)
  const hour = fields.length - 4
  if (fields.length < 5 || fields[hour] === '*') return cron
  const expanded = fields.map((field, index) => {
    if (index === hour) return expand(field, 23)
    return index < hour ? expand(field, 59) : field
  })
  return expanded.join(' ')
}

/** `*`, `a-b`, `*` and `a-b` with a step, in a list or alone -> plain numbers; anything else stays. */
function expand(field: string, last: number): string {
  return field
    .split(',')
    .map((part) => {
      const match = /^(?:\*|(\d+)-(\d+))(?:\/(\d+))?$/.exec(part)
      if (!match) return part
      const [from, to, step] = [Number(match[1] ?? 0), Number(match[2] ?? last), Number(match[3] ?? 1)]
      if (step < 1 || from > to) return part
      return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, n) => from + n * step).join(',')
    })
    .join(',')
}
