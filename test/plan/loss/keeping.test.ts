import { beforeAll, describe, expect, it } from 'vitest'
import { addSeconds } from '../../../src/base/time.ts'
import type { Desired } from '../../../src/domain/model.ts'
import type { Plan } from '../../../src/domain/plan.ts'
import { contoso } from '../../support/contoso.ts'
import { healthyServers, observe, wipe } from '../../support/servers.ts'
import { memory } from '../../support/observed.ts'
import { plan } from '../../../src/plan/plan.ts'
import { Watch } from '../../support/watch.ts'

// How flags stay, move and clear (design, section 6).
const grace = 15 * 60
const flagged = ({ flags }: Plan): string[] => flags.map(({ subject, scenario }) => `${scenario} ${subject}`).sort()
const se01 = String.raw`se01.contoso.com\rtc`
const sql12 = String.raw`sql12.contoso.com\rtc`
const share = String.raw`\\se01.contoso.com\LyncShare`

let desired: Desired
beforeAll(async () => {
  desired = await contoso()
})

/** Setup ran on a wiped Standard Edition server: all is there, made now, and holds nothing of before. */
function setUpAnew(watch: Watch): void {
  const whole = healthyServers(desired)
  watch.world.hosts.set('se01.contoso.com', whole.hosts.get('se01.contoso.com')!)
  const instance = whole.instances.get(se01)!
  for (const one of instance.databases) one.createdAt = watch.now
  watch.world.instances.set(se01, instance)
  Object.assign(watch.world.shares.get(share)!, {
    folders: whole.shares.get(share)!.folders,
    entries: 3,
    bornAt: watch.now,
  })
}

describe('a flag stays', () => {
  it('on a server that was wiped and set up again, for it does not hold what it held', () => {
    const watch = new Watch(desired)
    wipe(watch.world, 'se01.contoso.com')
    expect(flagged(watch.after(grace + 60))).toEqual(['standard-edition se01.contoso.com'])
    setUpAnew(watch)
    const { flags } = watch.after(600)
    expect(flags.map(({ subject, seen }) => [subject, seen])).toEqual([['se01.contoso.com', ['clean', 'half-built']]])
  })

  it('on a server that came back without the content of its share', () => {
    const watch = new Watch(desired).off('se01')
    const [flag] = watch.after(grace + 60).flags
    watch.on('se01')
    Object.assign(watch.world.shares.get(share)!, { folders: [], entries: 0 })
    const after = watch.after(60)
    expect(flagged(after)).toEqual(['standard-edition se01.contoso.com'])
    expect(after.flags[0]).toMatchObject({
      ...{ since: flag!.since, seen: ['healthy', 'absent'] },
      seenOf: [{ subject: share.toLowerCase(), seen: ['clean'] }],
    })
  })

  it('on a single database that is made anew, however long that takes: its server lives, and holds the others', () => {
    const watch = new Watch(desired)
    const databases = watch.instance('sql05.contoso.com').databases
    watch.instance('sql05.contoso.com').databases = databases.filter(({ name }) => name !== 'LcsCDR')
    const lost = ['archiving-monitoring sql05.contoso.com/LcsCDR']
    expect(flagged(watch.after(grace + 60))).toEqual(lost)
    watch.instance('sql05.contoso.com').databases = databases.map((one) =>
      one.name === 'LcsCDR' ? { ...one, createdAt: watch.now } : one,
    )
    expect(flagged(watch.after(60))).toEqual(lost)
    expect(flagged(watch.after(2 * grace))).toEqual(lost)
  })

  it('while nobody can tell: our network is out, nobody looked, or what was seen is old', () => {
    const watch = new Watch(desired).off('fe01')
    watch.after(grace + 60)
    watch.world.network = false
    expect(flagged(watch.after(3600))).toEqual(['member-server fe01.contoso.com'])
    const { standing } = watch.known
    const nothing = observe({ ...watch.world, hosts: new Map(), instances: new Map(), shares: new Map() }, watch.now)
    expect(flagged(plan(desired, nothing, memory({ standing }), watch.now))).toEqual(['member-server fe01.contoso.com'])
    const healthy = observe(healthyServers(desired), watch.now)
    const late = addSeconds(watch.now, 4 * 3600)
    expect(flagged(plan(desired, healthy, memory({ standing }), late))).toEqual(['member-server fe01.contoso.com'])
  })

  it('when the clock goes back, and what was seen lies in the future', () => {
    const watch = new Watch(desired).off('fe01')
    const made = watch.after(grace + 60)
    const healthy = observe(healthyServers(desired), watch.now)
    const earlier = addSeconds(watch.now, -7200)
    const back = plan(desired, healthy, memory({ standing: made }), earlier)
    expect(flagged(back)).toEqual(['member-server fe01.contoso.com'])
    expect(
      flagged(plan(desired, observe(healthyServers(desired), earlier), memory({ standing: made }), earlier)),
    ).toEqual(['member-server fe01.contoso.com'])
  })
})

it('keeps the time of the loss when the clock goes back: what lived then is not taken for newer', () => {
  const watch = new Watch(desired).off('fe01')
  const [flag] = watch.after(grace + 60).flags
  watch.now = addSeconds(watch.now, -7200)
  expect(watch.look().flags).toMatchObject([{ subject: 'fe01.contoso.com', since: flag!.since }])
  expect(watch.after(120).flags).toMatchObject([{ since: flag!.since }])
})

describe('a flag clears', () => {
  it('when a rebuilt mirror partner is in step with the principal again, however new its copies are', () => {
    const watch = new Watch(desired)
    wipe(watch.world, 'sql12.contoso.com')
    expect(flagged(watch.after(grace + 60))).toEqual(['mirror-partner sql12.contoso.com'])
    const copies = healthyServers(desired).instances.get(sql12)!.databases
    watch.instance(sql12).databases = copies.map((one) => ({ ...one, createdAt: watch.now }))
    expect(flagged(watch.after(60))).toEqual([])
  })

  it('when a member server runs again, for it held nothing', () => {
    const watch = new Watch(desired)
    wipe(watch.world, 'fe01.contoso.com')
    watch.after(grace + 60)
    watch.world.hosts.set('fe01.contoso.com', healthyServers(desired).hosts.get('fe01.contoso.com')!)
    expect(flagged(watch.after(60))).toEqual([])
  })

  it('when somebody finished the restore of what is there, and not for what is made anew after that', () => {
    const watch = new Watch(desired)
    wipe(watch.world, 'se01.contoso.com')
    watch.after(grace + 60)
    setUpAnew(watch)
    expect(flagged(watch.after(600))).toEqual(['standard-edition se01.contoso.com'])
    const finished = { by: 'Jane', at: watch.now, note: null }
    const recovery = {
      name: 'r',
      file: 'r.yaml',
      server: 'se01.contoso.com',
      scenario: 'standard-edition',
      from: 'latest',
    }
    Object.assign(watch, {
      desired: { ...watch.desired, recoveries: [{ ...recovery, acknowledge: [], choose: [], finished }] },
    })
    expect(flagged(watch.after(60))).toEqual([])
    expect(flagged(watch.after(600))).toEqual([])
    wipe(watch.world, 'se01.contoso.com')
    watch.after(grace + 60)
    setUpAnew(watch)
    expect(flagged(watch.after(600))).toEqual(['standard-edition se01.contoso.com'])
  })

  it('when its subject is no longer part of the topology', () => {
    const watch = new Watch(desired).off('med01')
    const made = watch.after(grace + 60)
    const smaller = { ...desired, pools: desired.pools.filter(({ type }) => type !== 'mediation') }
    expect(flagged(plan(smaller, watch.observed!, memory({ standing: made }), watch.now))).toEqual([])
  })
})

describe('a flag moves', () => {
  it('from a member to its pool and back, and keeps since and seen', () => {
    const watch = new Watch(desired)
    wipe(watch.world, 'fe01.contoso.com')
    const [first] = watch.after(grace + 60).flags
    watch.off('fe02', 'fe03')
    expect(flagged(watch.after(grace))).toEqual(['member-server fe01.contoso.com'])
    const [whole] = watch.after(120).flags
    expect(whole).toMatchObject({ subject: 'pool01.contoso.com', scenario: 'pool', since: first!.since })
    expect(whole!.seen).toEqual(['absent', 'clean'])
    watch.on('fe02', 'fe03')
    const back = watch.after(60)
    expect(back.flags).toMatchObject([{ subject: 'fe01.contoso.com', since: first!.since, seen: ['absent', 'clean'] }])
  })

  it('from a database to its server, of which, and of what is beside it, that says nothing', () => {
    const watch = new Watch(desired)
    watch.drop(se01, 'rtcxds')
    watch.after(grace + 60)
    const { services } = watch.machine('se01')
    for (const name of services.keys()) if (name !== 'REPLICA') services.delete(name)
    const [whole] = watch.after(grace + 60).flags
    expect(whole).toMatchObject({
      subject: 'se01.contoso.com',
      seen: expect.not.arrayContaining(['absent']) as unknown,
    })
    expect(whole?.seenOf).toEqual([{ subject: `${se01}/rtcxds`, seen: ['absent'] }])
    Object.assign(watch.world.shares.get(share)!, { folders: [], entries: 0 })
    expect(watch.after(60).flags[0]).toMatchObject({
      seen: expect.not.arrayContaining(['absent', 'clean']) as unknown,
      seenOf: [{ subject: `${se01}/rtcxds` }, { subject: share.toLowerCase(), seen: ['clean'] }],
    })
  })

  it('from a database to its server, which keeps it until it holds the database again', () => {
    const watch = new Watch(desired)
    watch.drop('sql05.contoso.com', 'LcsCDR')
    const [first] = watch.after(grace + 60).flags
    watch.off('sql05')
    expect(flagged(watch.after(grace + 60))).toEqual(['archiving-monitoring sql05.contoso.com'])
    watch.on('sql05')
    const [back] = watch.after(60).flags
    expect(back).toMatchObject({ subject: 'sql05.contoso.com', since: first!.since })
    watch.instance('sql05.contoso.com').databases =
      healthyServers(desired).instances.get('sql05.contoso.com')!.databases
    expect(flagged(watch.after(60))).toEqual([])
  })
})

it('a network that comes back, one machine after another, flags nobody, whatever the grace', () => {
  const watch = new Watch(desired, 0)
  for (const machine of watch.world.hosts.values()) machine.reachable = false
  watch.world.shell = false
  watch.after(3600)
  for (const machine of watch.world.hosts.values()) {
    machine.reachable = true
    // Looked at in turn: the others were last tried before this one came back.
    watch.now = addSeconds(watch.now, 1)
    const { facts } = observe(watch.world, watch.now, watch.observed)
    const turn = {
      ...watch.observed!,
      facts: { ...watch.observed!.facts, ports: new Map(watch.observed!.facts.ports) },
    }
    turn.facts.ports.set(machine.fqdn, facts.ports.get(machine.fqdn)!)
    watch.observed = turn
    expect(flagged(plan(watch.desired, turn, watch.known, watch.now))).toEqual([])
  }
})
