/** A deployment of any layout, as it physically is: what its things hold, who serves whose users, and what was done to it. */
import type { ProblemCode } from '../../../../src/base/problem-codes.ts'
import { addSeconds, type Time } from '../../../../src/base/time.ts'
import type { SetSummary } from '../../../../src/domain/backup-set.ts'
import type { DatabaseFacts, Facts } from '../../../../src/domain/facts.ts'
import type { Desired, Recovery } from '../../../../src/domain/model.ts'
import type { Observation, Observed } from '../../../../src/domain/observation.ts'
import type { Item, Subject } from '../../../../src/domain/words.ts'
import { notSeen, seen, summary, unseen } from '../../../support/observed.ts'
import { healthyServers, observe, wipe, type Machine, type Servers } from '../../../support/servers.ts'
import type { Content } from './house.ts'
import type { Place, Restore } from './keeper.ts'
import type { Layout, Thing } from './layouts.ts'

const started: Time = '2026-03-10T12:00:00.000Z'
const edition = 'Standard Edition'

export const keyOf = ({ kind, subject }: Item): string => `${kind} ${subject}`

export class Estate implements Place {
  now = started
  readonly layout: Layout
  readonly world: Servers
  readonly #whole: Servers
  /** By `keyOf`; what has no place any more is not in it. */
  readonly held: Map<string, Content>
  readonly sets: SetSummary[] = []
  /** Pools whose users work on their partner. */
  readonly failedOver = new Set<Subject>()
  /** Those that got them back from there. */
  readonly failedBack = new Set<Subject>()
  /** Of those that are failed over, the ones whose newest data are still on the partner. */
  readonly #atPartner = new Set<Subject>()
  isShareSeen = true
  recoveries: Recovery[] = []
  #observed: Observed | null = null
  #made = 0
  /** When Holdfast wrote down that it brought it back; what was written over since is not in it. */
  readonly #proved = new Map<string, Time>()
  readonly #ageless = new Set<string>()

  constructor(layout: Layout) {
    this.layout = layout
    this.world = healthyServers(layout.desired)
    this.#whole = healthyServers(layout.desired)
    for (const { hosts } of [this.world, this.#whole])
      for (const host of Object.keys(layout.partners)) hosts.get(host)!.services.set('LYNCBACKUP', 'Running')
    for (const { subject, databases } of this.world.instances.values())
      for (const one of databases) one.family = familyOf(subject, one.name)
    this.held = new Map(layout.things.map(({ item }) => [keyOf(item), 'life']))
    this.now = addSeconds(started, -36_000)
    this.backUp(false)
    this.verify()
    this.now = started
  }

  get desired(): Desired {
    return { ...this.layout.desired, recoveries: this.recoveries }
  }

  get hosts(): string[] {
    return [...this.world.hosts.keys()]
  }

  machine(host: string): Machine {
    return this.world.hosts.get(host)!
  }

  serversOf(pool: Subject): readonly string[] {
    return this.layout.desired.pools.find(({ fqdn }) => fqdn === pool)?.servers ?? []
  }

  thing(item: Item): Thing | undefined {
    return this.layout.things.find((one) => keyOf(one.item) === keyOf(item))
  }

  contentOf(item: Item): Content | undefined {
    return this.held.get(keyOf(item))
  }

  databaseOf({ database }: Thing): DatabaseFacts | undefined {
    if (!database) return undefined
    return this.world.instances.get(database.instance)?.databases.find(({ name }) => name === database.name)
  }

  isRunning(server: string): boolean {
    const { powered, services } = this.machine(server)
    return powered && services.size > 0 && [...services.values()].every((status) => status === 'Running')
  }

  isStopped(server: string): boolean {
    const { powered, services } = this.machine(server)
    return powered && [...services.values()].every((status) => status === 'Stopped')
  }

  /** Made anew under its name, with nothing on it. */
  wipe(host: string): void {
    this.machine(host).powered = true
    wipe(this.world, host)
    for (const one of this.world.shares.values()) if (one.host === host) one.there = false
    for (const one of this.layout.things) if (one.host === host) this.held.delete(keyOf(one.item))
    for (const pool of this.#atPartner) if (this.layout.partners[pool] === host) this.#atPartner.delete(pool)
  }

  drop({ item, database }: Thing): void {
    const instance = database && this.world.instances.get(database.instance)
    if (!instance || !this.machine(instance.host).powered || !instance.running) return
    instance.databases = instance.databases.filter(({ name }) => name !== database.name)
    this.held.delete(keyOf(item))
  }

  /** Setup and topology: its services, and whatever it should hold and does not, empty. */
  build(host: string): void {
    const [machine, fresh] = [this.machine(host), this.#whole.hosts.get(host)!]
    if (!machine.powered) return
    if (machine.services.size < fresh.services.size) {
      machine.services = new Map(fresh.services)
      machine.rolePorts = [...fresh.rolePorts]
    }
    for (const instance of this.world.instances.values()) {
      if (instance.host !== host) continue
      instance.running = true
      const missing = this.#whole.instances
        .get(instance.subject)!
        .databases.filter(({ name }) => !instance.databases.some((one) => one.name === name))
      const anew = missing.map((one) => ({ ...one, createdAt: this.now, family: `made anew ${++this.#made}` }))
      instance.databases = [...instance.databases, ...anew]
    }
    for (const [path, one] of this.world.shares)
      if (one.host === host && one.entries === 0) {
        const { folders } = this.#whole.shares.get(path)!
        Object.assign(one, { there: true, folders: [...folders], entries: 3, bornAt: this.now })
      }
    for (const { item, host: of } of this.layout.things)
      if (of === host && !this.held.has(keyOf(item))) this.held.set(keyOf(item), 'nothing')
  }

  /** What makes its role is gone, and nothing else (domain reference, section 8.5). */
  strip(host: string): void {
    const { services } = this.machine(host)
    for (const name of services.keys()) if (name !== 'REPLICA') services.delete(name)
  }

  setServices(servers: readonly string[], status: 'Running' | 'Stopped'): void {
    for (const server of servers) {
      const { powered, services } = this.machine(server)
      if (powered) for (const name of services.keys()) services.set(name, status)
    }
  }

  hideAge({ database }: Thing): void {
    if (database) this.#ageless.add(`${database.instance}/${database.name}`)
  }

  showAges(): void {
    this.#ageless.clear()
  }

  isAgeless({ database }: Thing): boolean {
    return database !== undefined && this.#ageless.has(`${database.instance}/${database.name}`)
  }

  /** By hand. */
  bringBack(item: Item): void {
    this.#fill(item, 'copy')
  }

  /** "Invoke-CsPoolFailover": the partner has the data as they were minutes ago. */
  failOver(pool: Subject): void {
    const partner = this.layout.partners[pool]
    if (partner === undefined || this.failedOver.has(pool) || this.failedOver.has(partner)) return
    // Nobody fails over to a pool that is being restored itself.
    if (!this.isRunning(partner) || this.contentOf({ kind: 'user-data', subject: partner }) !== 'life') return
    this.failedOver.add(pool)
    this.#atPartner.add(pool)
  }

  isAtPartner(pool: Subject): boolean {
    return this.#atPartner.has(pool)
  }

  /** "Invoke-CsPoolFailback -DisasterMode", of a pool whose partner is gone. */
  endFailover(pool: Subject): void {
    this.failedOver.delete(pool)
    this.#atPartner.delete(pool)
  }

  said({ operation }: Restore): void {
    if (operation.kind === 'restore-item') this.#proved.set(keyOf(operation.item), this.now)
  }

  /** It must not be written over: people made it, or Holdfast knows that it brought it back. */
  isKept(item: Item): boolean {
    const content = this.contentOf(item)
    return content === 'life' || this.broughtBackAt(item) !== undefined
  }

  /** Since when it holds what Holdfast knows that it brought back. */
  broughtBackAt(item: Item): Time | undefined {
    return this.contentOf(item) === 'copy' ? this.#proved.get(keyOf(item)) : undefined
  }

  begin({ operation }: Restore): void {
    if (operation.kind === 'stop-services') this.setServices(operation.servers, 'Stopped')
    if (operation.kind === 'restore-item' && operation.item.kind === 'sql-database') this.#fill(operation.item, 'half')
  }

  leave({ operation, set }: Restore, isWhole: boolean): true | ProblemCode {
    const failed = 'shell-call-failed'
    switch (operation.kind) {
      case 'stop-services':
        return operation.servers.every((server) => this.isStopped(server)) || failed
      case 'start-services': {
        if (!isWhole) return failed
        this.setServices(operation.servers, 'Running')
        if (set === null) return true
        const content = this.contentOf({ kind: 'user-data', subject: operation.pool })
        return content === 'copy' || content === 'life' || 'import-came-short'
      }
      case 'restore-item':
        return this.#bringBack(operation.item, isWhole)
      case 'fail-back-pool':
        return isWhole ? this.#failBack(operation.pool) : failed
      case 'sync-conference-content':
      case 'check-replication':
        return isWhole || failed
    }
  }

  #bringBack(item: Item, isWhole: boolean): true | ProblemCode {
    if (item.kind === 'user-data' && !this.serversOf(item.subject).every((one) => this.isStopped(one)))
      return 'front-ends-not-stopped'
    if (item.kind === 'sql-database') return this.#fill(item, isWhole ? 'copy' : 'half') || 'sql-restore-failed'
    if (!isWhole) return 'shell-call-failed'
    return this.#fill(item, 'copy') || 'shell-call-failed'
  }

  #fill(item: Item, content: 'half' | 'copy'): boolean {
    this.#proved.delete(keyOf(item))
    const one = this.thing(item)
    if (!one || !this.machine(one.host).powered || !this.held.has(keyOf(item))) return false
    if (!one.database) {
      // A file store is filled up: what is there stays.
      const share = this.world.shares.get(item.subject)
      if (!share?.there) return false
      Object.assign(share, { entries: 40 })
      if (this.contentOf(item) !== 'life') this.held.set(keyOf(item), content)
      return true
    }
    const { instance: of, name } = one.database
    const instance = this.world.instances.get(of)!
    if (!instance.running || !instance.databases.some((found) => found.name === name)) return false
    if (item.kind === 'sql-database') {
      const whole = { state: 'ONLINE', family: familyOf(of, name), createdAt: this.now }
      const made = content === 'copy' ? whole : { state: 'RESTORING' }
      instance.databases = instance.databases.map((found) => (found.name === name ? { ...found, ...made } : found))
    }
    this.held.set(keyOf(item), content)
    return true
  }

  /** A pool that is Active already is only counted. */
  #failBack(pool: Subject): true | ProblemCode {
    const item: Item = { kind: 'user-data', subject: pool }
    if (!this.failedOver.has(pool)) return this.contentOf(item) === 'life' || 'failback-came-short'
    const isUp = this.serversOf(pool).every((server) => this.isRunning(server))
    if (!this.#atPartner.has(pool) || !isUp || !this.held.has(keyOf(item))) return 'shell-call-failed'
    this.held.set(keyOf(item), 'life')
    this.endFailover(pool)
    this.failedBack.add(pool)
    return true
  }

  /** A copy of all that can be read; `isFlagged`: of what may be an emptied server, and so suspect. */
  backUp(isFlagged: boolean): void {
    const readable = this.layout.things.filter(
      ({ item, host }) => this.machine(host).powered && this.held.has(keyOf(item)),
    )
    const isGood = ({ item }: Thing): boolean => !isFlagged && /life|copy/.test(this.contentOf(item) ?? '')
    const set = summary(this.now, {
      state: readable.every(isGood) ? 'complete' : 'partial',
      ok: [...readable.filter(isGood).map(({ item }) => item), { kind: 'environment', subject: 'contoso' }],
      flawed: readable
        .filter((one) => !isGood(one))
        .map(({ item }) => ({ ...item, outcome: 'suspect' as const, code: 'flagged' as const })),
    })
    this.sets.push(set)
  }

  verify(): void {
    for (const [index, set] of this.sets.entries()) this.sets[index] = { ...set, verified: { content: this.now } }
  }

  look(): Observed {
    const { facts } = observe(this.world, this.now, this.#observed)
    const record = Object.fromEntries<Record<string, string>>([
      ['contoso', { product: 'lync-server-2013' }],
      ...[...this.world.instances.keys()].map((one) => [one, { version: '12.0.6024.0', edition }] as const),
      ...this.layout.things.flatMap(({ item, database }) =>
        database && item.kind === 'sql-database'
          ? [[item.subject, { family: familyOf(database.instance, database.name) }] as const]
          : [],
      ),
    ])
    const instances = [...facts.sqlInstance].map(([subject, one]) => [subject, this.#asTold(subject, one)] as const)
    const pools = Object.keys(this.layout.partners)
    const states = pools.map((fqdn) => ({ fqdn, state: this.failedOver.has(fqdn) ? 'FailedOver' : 'Active' }))
    const isTold = this.world.network && this.world.shell
    const pairing = pools.map((pool) => {
      const isUp = isTold && this.serversOf(pool).some((server) => this.isRunning(server))
      const told = isUp
        ? seen(pool, { partner: this.layout.partners[pool] ?? null, modules: [] }, this.now)
        : { subject: pool, at: this.now, since: this.now, source: 'test', ...unseen('shell-call-failed') }
      return [pool, told] as const
    })
    const deployment = 'contoso'
    this.#observed = {
      facts: {
        ...facts,
        sqlInstance: new Map(instances),
        ...(pools.length > 0 && {
          poolStates: new Map(isTold ? [[deployment, seen(deployment, { pools: states }, this.now)]] : []),
          pairing: new Map(pairing),
        }),
        location: this.isShareSeen
          ? facts.location
          : new Map([['main', { ...notSeen('main', 'no route to host'), at: this.now }]]),
        environmentRecord: new Map(this.sets.map(({ id }) => [id, seen(id, { record }, this.now)])),
      },
      sets: [...this.sets],
    }
    return this.#observed
  }

  #asTold(subject: string, one: Observation<Facts['sqlInstance']>): Observation<Facts['sqlInstance']> {
    if (!one.known) return one
    const databases = one.value.databases.map((found) =>
      this.#ageless.has(`${subject}/${found.name}`) ? { ...found, createdAt: null } : found,
    )
    return { ...one, value: { ...one.value, edition, databases } }
  }
}

/** A database keeps it through every backup and RESTORE. */
function familyOf(instance: string, name: string): string {
  return `family of ${instance}/${name}`
}
