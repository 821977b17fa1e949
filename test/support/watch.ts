import { addSeconds, type Time } from '../../src/base/time.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { Observed } from '../../src/domain/observation.ts'
import type { Memory, Plan } from '../../src/domain/plan.ts'
import { plan } from '../../src/plan/plan.ts'
import { memory } from './observed.ts'
import { failOver, healthyServers, observe, type Servers } from './servers.ts'

/** A world that is looked at once a minute by a daemon that remembers. */
export class Watch {
  readonly world: Servers
  now: Time = '2026-03-10T12:00:00.000Z'
  known: Memory = memory()
  observed: Observed | null = null
  readonly desired: Desired
  /** What the last look led to. */
  last!: Plan

  /** `seen`: one that looked at the same deployment when it was whole; its first look need not be taken again. */
  constructor(desired: Desired, graceSeconds = desired.deployment.graceSeconds, seen: Watch | null = null) {
    const { deployment } = desired
    this.desired =
      deployment.graceSeconds === graceSeconds ? desired : { ...desired, deployment: { ...deployment, graceSeconds } }
    this.world = healthyServers(desired)
    if (seen === null) this.look()
    else {
      this.known = seen.known
      this.observed = seen.observed
      this.last = seen.last
    }
  }

  look(): Plan {
    failOver(this.world)
    this.observed = observe(this.world, this.now, this.observed)
    const made = plan(this.desired, this.observed, this.known, this.now)
    this.known = memory({ standing: made })
    this.last = made
    return made
  }

  after(seconds: number): Plan {
    const end = addSeconds(this.now, seconds)
    let made: Plan | null = null
    while (this.now < end) {
      const next = addSeconds(this.now, 60)
      this.now = next < end ? next : end
      made = this.look()
    }
    return made ?? this.look()
  }

  off(...hosts: string[]): this {
    for (const host of hosts) this.machine(host).powered = false
    return this
  }
  on(...hosts: string[]): this {
    for (const host of hosts) this.machine(host).powered = true
    return this
  }
  machine(host: string) {
    return this.world.hosts.get(`${host}.contoso.com`)!
  }
  instance(subject: string) {
    return this.world.instances.get(subject)!
  }
  drop(subject: string, name: string): void {
    const instance = this.instance(subject)
    instance.databases = instance.databases.filter((one) => one.name !== name)
  }
}
