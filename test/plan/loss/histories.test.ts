import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addSeconds, secondsBetween, type Time } from '../../../src/base/time.ts'
import type { Plan } from '../../../src/domain/plan.ts'
import { desiredState, fileStore, pool, sqlStore } from '../../support/desired.ts'
import { healthyServers, wipe, type Servers } from '../../support/servers.ts'
import { Watch } from '../../support/watch.ts'

// Any history of a small deployment. What is checked follows from what physically happened, never from a verdict.
const grace = 900
const share = (host: string) => String.raw`\\${host}.contoso.com\LyncShare`
const backEnd = sqlStore('sql1.contoso.com', 'rtc', {
  highAvailability: {
    kind: 'mirror',
    partner: { host: 'sql2.contoso.com', instance: 'rtc' },
    witness: 'sql3.contoso.com',
  },
})
const local = sqlStore('se1.contoso.com')
const monitoring = sqlStore('sql3.contoso.com', '')
const files = fileStore(share('fs1'), { serviceFolders: ['1-WebServices-1'] })
const own = fileStore(share('se1'), { serviceFolders: ['1-WebServices-2'] })
const base = desiredState()
const desired = desiredState({
  deployment: { ...base.deployment, graceSeconds: grace, centralManagementStore: backEnd },
  locations: [],
  policies: [],
  pools: [
    pool('pool1.contoso.com', 'front-end', {
      servers: ['fe1.contoso.com', 'fe2.contoso.com', 'fe3.contoso.com'],
      applications: ['response-group'],
      stores: { user: backEnd, monitoring },
      fileStore: files,
    }),
    pool('se1.contoso.com', 'standard-edition', { stores: { user: local }, fileStore: own }),
    pool('edge.contoso.com', 'edge', { servers: ['edge1.contoso.com', 'edge2.contoso.com'] }),
  ],
  sqlStores: [backEnd, local, monitoring],
  fileStores: [files, own],
})
const names = ['fe1', 'fe2', 'fe3', 'sql1', 'sql2', 'sql3', 'fs1', 'se1', 'edge1', 'edge2'].map(
  (n) => `${n}.contoso.com`,
)
const databases: [instance: string, name: string][] = [
  [String.raw`sql1.contoso.com\rtc`, 'xds'],
  [String.raw`sql2.contoso.com\rtc`, 'rtcxds'],
  ['sql3.contoso.com', 'LcsCDR'],
  [String.raw`se1.contoso.com\rtc`, 'rtcxds'],
]

const host = fc.constantFrom(...names)
const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('off' as const), host }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('on' as const), host }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wipe' as const), host }) },
  fc.record({ kind: fc.constant('rebuild' as const), host }),
  fc.record({ kind: fc.constant('cut' as const), host }),
  fc.record({ kind: fc.constant('joined' as const), host }),
  fc.record({ kind: fc.constant('stop-service' as const), host }),
  fc.record({ kind: fc.constant('stop-sql' as const), place: fc.constantFrom(...databases) }),
  fc.record({ kind: fc.constant('drop' as const), place: fc.constantFrom(...databases) }),
  fc.record({ kind: fc.constant('empty-share' as const), host: fc.constantFrom('fs1', 'se1') }),
  fc.record({ kind: fc.constant('network' as const), works: fc.boolean() }),
  fc.record({ kind: fc.constant('shell' as const), works: fc.boolean() }),
  fc.record({ kind: fc.constant('back' as const), minutes: fc.integer({ min: 2, max: 120 }) }),
)
const history = fc.array(fc.record({ event, minutes: fc.constantFrom(1, 5, 14, 16, 40) }), {
  minLength: 1,
  maxLength: 5,
})
type Step = (typeof history extends fc.Arbitrary<infer T> ? T : never)[number]

const first = new Watch(desired, grace)
const whole = first.world

/** Does what happened; data that setup makes anew are as old as `now`. */
function happen(watch: Watch, { event: what }: Step): void {
  const { world, now } = watch
  const machine = 'host' in what ? world.hosts.get(what.host) : undefined
  const instance = 'place' in what ? world.instances.get(what.place[0]) : undefined
  switch (what.kind) {
    case 'off':
    case 'on':
      machine!.powered = what.kind === 'on'
      break
    case 'cut':
    case 'joined':
      machine!.reachable = what.kind === 'joined'
      break
    case 'wipe':
      wipe(world, what.host)
      break
    case 'rebuild':
      rebuild(watch, what.host)
      break
    case 'stop-service':
      if (machine!.services.has('RTCCAA')) machine!.services.set('RTCCAA', 'Stopped')
      break
    case 'stop-sql':
      instance!.running = false
      break
    case 'drop':
      instance!.databases = instance!.databases.filter(({ name }) => name !== what.place[1])
      break
    case 'empty-share':
      Object.assign(world.shares.get(share(what.host))!, { folders: [], entries: 0 })
      break
    case 'network':
      world.network = what.works
      break
    case 'shell':
      world.shell = what.works
      break
    case 'back':
      watch.now = addSeconds(now, -60 * what.minutes)
  }
}

/** Setup and topology are done, and no data came back. */
function rebuild({ world, now }: Watch, fqdn: string): void {
  const as = healthyServers(desired)
  const [machine, fresh] = [world.hosts.get(fqdn)!, as.hosts.get(fqdn)!]
  if (machine.services.size > 0 || !machine.powered) return
  Object.assign(machine, { services: fresh.services, rolePorts: fresh.rolePorts })
  for (const instance of world.instances.values())
    if (instance.host === fqdn && instance.partner === null && instance.databases.length === 0) {
      const made = as.instances.get(instance.subject)!.databases
      Object.assign(instance, { running: true, databases: made.map((one) => ({ ...one, createdAt: now })) })
    }
  for (const one of world.shares.values())
    if (one.host === fqdn && one.folders.length === 0)
      Object.assign(one, { folders: [...(as.shares.get(share('se1'))?.folders ?? [])], entries: 3, bornAt: now })
}

const age = (one: { createdAt: Time | null } | undefined): Time | null => one?.createdAt ?? null

/** Whether the machine is gone or is not what it was: no services, data missing or made anew. */
function isHarmed(world: Servers, fqdn: string): boolean {
  const machine = world.hosts.get(fqdn)!
  if (!machine.powered || machine.services.size < whole.hosts.get(fqdn)!.services.size) return true
  return isRobbed(world, fqdn)
}

/** Data that it held are missing or made anew. */
function isRobbed(world: Servers, fqdn: string): boolean {
  const databasesGone = [...world.instances.values()].some(
    (instance) =>
      instance.host === fqdn &&
      whole.instances
        .get(instance.subject)!
        .databases.some((was) => age(instance.databases.find(({ name }) => name === was.name)) !== was.createdAt),
  )
  return (
    databasesGone ||
    [...world.shares.values()].some((one) => one.host === fqdn && one.bornAt !== bornOf(fqdn)) ||
    [...world.shares.values()].some((one) => one.host === fqdn && one.entries === 0)
  )
}

function bornOf(fqdn: string): Time | null {
  return [...whole.shares.values()].find((one) => one.host === fqdn)?.bornAt ?? null
}

/** Somebody but us sees that the machine lives: the shell host, or the other end of a mirroring session. */
function isWitnessed(world: Servers, fqdn: string): boolean {
  const machine = world.hosts.get(fqdn)!
  const isLinked = [...world.instances.values()].some(({ host: place, partner, running, databases: held }) => {
    const other = partner === null ? undefined : world.instances.get(partner)
    if (place !== fqdn || other === undefined) return false
    return running && held.length > 0 && other.running && other.databases.length > 0 && isInSight(world, other.host)
  })
  return machine.powered && ((world.shell && machine.services.size > 0) || isLinked)
}

function isInSight(world: Servers, fqdn: string): boolean {
  const machine = world.hosts.get(fqdn)!
  return world.network && machine.powered && machine.reachable
}

/** To us it may well be gone: it is harmed, or nobody could tell. */
function isGone(world: Servers, fqdn: string): boolean {
  return isHarmed(world, fqdn) || (!isInSight(world, fqdn) && !isWitnessed(world, fqdn))
}

const holderOf = (subject: string): string => subject.replace(/^\\\\/, '').split(/[\\/]/)[0] ?? ''

/** Machines of which a flag speaks. */
function hostsOf(subject: string): string[] {
  const named = desired.pools.find(({ fqdn, servers }) => fqdn === subject && servers.length > 1)
  return named ? [...named.servers] : [holderOf(subject)]
}

const none = (wrong: readonly string[]): void => {
  if (wrong.length > 0) expect(wrong).toEqual([])
}

function check(watch: Watch, before: Plan, after: Plan, goneSince: Map<string, Time>): void {
  const { world, now } = watch
  const known = new Set(before.flags.flatMap(({ subject }) => hostsOf(subject)))
  const subjects = after.flags.map(({ subject }) => subject)
  for (const flag of after.flags) {
    for (const fqdn of hostsOf(flag.subject)) {
      if (known.has(fqdn)) continue
      // Never while a witness sees it whole; never before the grace period is over.
      const since = goneSince.get(fqdn)
      const lasted = since === undefined ? 'never gone' : secondsBetween(since, now) >= grace
      if (lasted !== true) expect([flag.subject, lasted]).toEqual([flag.subject, true])
    }
    // Never two for one cause.
    const wider = subjects.filter((other) => other !== flag.subject && hostsOf(other).includes(holderOf(flag.subject)))
    const isWide = hostsOf(flag.subject).length > 1 || flag.subject === holderOf(flag.subject)
    if (!isWide) none(wider.filter((other) => hostsOf(other).length > 1 || other === holderOf(other)))
    else if (hostsOf(flag.subject).length > 1)
      none(subjects.filter((other) => other !== flag.subject && hostsOf(flag.subject).includes(other)))
  }
  // What was flagged and is not what it was stays flagged: an emptied server never clears its own flag.
  for (const fqdn of known)
    if (isHarmed(world, fqdn) && !subjects.flatMap(hostsOf).includes(fqdn)) expect(subjects).toContain(fqdn)
  if (!world.network) none(subjects.filter((one) => !before.flags.some(({ subject }) => subject === one)))
}

it('flags are right through 10,000 random histories', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(history, (steps) => {
      const watch = new Watch(desired, grace, first)
      const goneSince = new Map<string, Time>()
      let before = watch.last
      for (const step of steps) {
        happen(watch, step)
        const clock = watch.now
        for (const fqdn of names) {
          const since = goneSince.get(fqdn)
          if (!isGone(watch.world, fqdn)) goneSince.delete(fqdn)
          else if (since === undefined || since > clock) goneSince.set(fqdn, clock)
        }
        for (const seconds of [0, 60 * step.minutes]) {
          watch.now = addSeconds(watch.now, seconds)
          const after = watch.look()
          check(watch, before, after, goneSince)
          before = after
        }
      }
      // All is as it was, and the clock is right again: whatever was opened closes.
      watch.now = '2026-03-12T12:00:00.000Z'
      Object.assign(watch.world, healthyServers(desired))
      const last = watch.after(60)
      expect([last.flags, last.findings]).toEqual([[], []])
    }),
    { numRuns: 10_000 },
  )
})
