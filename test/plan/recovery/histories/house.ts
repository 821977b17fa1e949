/** Two database servers beside a Front End pool, as they physically are: what their databases hold, and what was done to them. */
import { addSeconds, type Time } from '../../../../src/base/time.ts'
import type { SetSummary } from '../../../../src/domain/backup-set.ts'
import type { DatabaseFacts, Facts } from '../../../../src/domain/facts.ts'
import type { Desired, Recovery } from '../../../../src/domain/model.ts'
import type { Observation, Observed } from '../../../../src/domain/observation.ts'
import type { Item } from '../../../../src/domain/words.ts'
import { desiredState, pool, sqlStore } from '../../../support/desired.ts'
import { notSeen, seen, summary } from '../../../support/observed.ts'
import { healthyServers, observe, type Servers } from '../../../support/servers.ts'
import type { Place, Restore } from './keeper.ts'

export const servers = ['sql05.contoso.com', 'sql06.contoso.com'] as const
/** Each with the server that holds it. */
export const databases: readonly (readonly [subject: string, server: (typeof servers)[number], name: string])[] = [
  ['sql05.contoso.com/LcsCDR', 'sql05.contoso.com', 'LcsCDR'],
  ['sql05.contoso.com/QoEMetrics', 'sql05.contoso.com', 'QoEMetrics'],
  ['sql06.contoso.com/LcsLog', 'sql06.contoso.com', 'LcsLog'],
]

const [monitoring, archiving] = servers.map((host) => sqlStore(host, ''))
const members = ['fe01.contoso.com', 'fe02.contoso.com', 'fe03.contoso.com']
const deployment: Desired = desiredState({
  pools: [
    pool('pool01.contoso.com', 'front-end', {
      servers: members,
      stores: { monitoring: monitoring!, archiving: archiving! },
    }),
  ],
  sqlStores: [monitoring!, archiving!],
})

/**
 * `life`: what the users made, and nobody lost. `nothing`: setup made it anew. `half`: a restore broke off. `copy`: it came
 * back from a set, whole.
 */
export type Content = 'life' | 'nothing' | 'half' | 'copy'

const started: Time = '2026-03-10T12:00:00.000Z'
const edition = 'Standard Edition'

export class House implements Place {
  now = started
  readonly world: Servers = healthyServers(deployment)
  /** By subject; what is not there is not in it. */
  readonly held = new Map<string, Content>(databases.map(([subject]) => [subject, 'life']))
  /** By server. */
  readonly editions = new Map<string, string>(servers.map((server) => [server, edition]))
  readonly sets: SetSummary[] = []
  /** By set: the editions when it was made. */
  readonly #recorded = new Map<string, ReadonlyMap<string, string>>()
  isShareSeen = true
  recoveries: Recovery[] = []
  observed: Observed | null = null
  /** By name: of which nobody may see the family. */
  readonly #hidden = new Set<string>()
  #made = 0

  constructor() {
    for (const [, server, name] of databases) this.#change(server, name, { family: familyOf(name) })
    this.now = addSeconds(started, -36_000)
    this.backUp(false)
    this.verify()
    this.now = started
  }

  get desired(): Desired {
    return { ...deployment, recoveries: this.recoveries }
  }

  machine(server: string) {
    return this.world.hosts.get(server)!
  }

  database(server: string, name: string): DatabaseFacts | undefined {
    return this.world.instances.get(server)?.databases.find((one) => one.name === name)
  }

  /** Made anew under its name, with SQL Server and nothing on it. */
  wipe(server: string): void {
    this.machine(server).powered = true
    for (const [, place, name] of databases) if (place === server) this.drop(server, name)
  }

  drop(server: string, name: string): void {
    const instance = this.world.instances.get(server)!
    instance.databases = instance.databases.filter((one) => one.name !== name)
    this.held.delete(`${server}/${name}`)
  }

  /** Where it is missing, and the server runs. */
  create(server: string, name: string): void {
    const instance = this.world.instances.get(server)!
    if (!this.machine(server).powered || this.held.has(`${server}/${name}`)) return
    const fresh = { guid: null, state: 'ONLINE', recoveryModel: 'SIMPLE', mirroringRole: null, replicaRole: null }
    const family = `made anew ${++this.#made}`
    instance.databases = [...instance.databases, { ...fresh, name, createdAt: this.now, family }]
    this.held.set(`${server}/${name}`, 'nothing')
  }

  hideFamily(name: string, isHidden = true): void {
    if (isHidden) this.#hidden.add(name)
    else this.#hidden.delete(name)
  }

  set(server: string, name: string, facts: Partial<DatabaseFacts>): void {
    this.#change(server, name, facts)
  }

  /** What a RESTORE leaves in a database that is there: whole, or broken off. False: there is none. */
  fill(server: string, name: string, content: 'half' | 'copy'): boolean {
    if (!this.machine(server).powered || !this.held.has(`${server}/${name}`)) return false
    const whole = { state: 'ONLINE', family: familyOf(name), createdAt: this.now }
    this.#change(server, name, content === 'copy' ? whole : { state: 'RESTORING' })
    this.held.set(`${server}/${name}`, content)
    return true
  }

  /** Whoever uses the database is put out, and it is RESTORING. */
  begin(one: Restore): void {
    const [, server, name] = partsOf(one)
    this.fill(server, name, 'half')
  }

  leave(one: Restore, isWhole: boolean): true | 'sql-restore-failed' {
    const [, server, name] = partsOf(one)
    return this.fill(server, name, isWhole ? 'copy' : 'half') || 'sql-restore-failed'
  }

  /** A copy of each database that can be read. `isFlagged`: then what was made anew is suspect, as a run marks it. */
  backUp(isFlagged: boolean, gap = false): void {
    const item = (subject: string): Item => ({ kind: 'sql-database', subject })
    const readable = databases.filter(([subject, server, name]) => {
      const isOpen = this.machine(server).powered && this.database(server, name)?.state === 'ONLINE'
      return isOpen && this.held.has(subject)
    })
    const good = readable.filter(([subject]) => !isFlagged && /life|copy/.test(this.held.get(subject) ?? ''))
    const suspect = readable.filter(([subject]) => !good.some(([one]) => one === subject))
    const missing = { count: 1, names: ['a.ldf'] }
    const set = summary(this.now, {
      state: gap || suspect.length > 0 ? 'partial' : 'complete',
      ok: [...(gap ? [] : good.map(([subject]) => item(subject))), { kind: 'environment', subject: 'contoso' }],
      flawed: [
        ...suspect.map(([subject]) => ({ ...item(subject), outcome: 'suspect' as const, code: 'flagged' as const })),
        ...(gap ? good.map(([subject]) => ({ ...item(subject), outcome: 'suspect' as const, missing })) : []),
      ],
    })
    this.#recorded.set(set.id, new Map(this.editions))
    this.sets.push(set)
  }

  /** All sets, at the level that the gate asks for. */
  verify(): void {
    for (const [index, set] of this.sets.entries()) this.sets[index] = { ...set, verified: { content: this.now } }
  }

  recordedEdition(set: string, server: string): string | undefined {
    return this.#recorded.get(set)?.get(server)
  }

  look(): Observed {
    const { facts } = observe(this.world, this.now, this.observed)
    const instances = new Map([...facts.sqlInstance].map(([subject, one]) => [subject, this.#asTold(subject, one)]))
    const records = [...this.#recorded].map(([id, editions]) => {
      const of = servers.map((server) => [server, { version: '12.0.6024.0', edition: editions.get(server) ?? edition }])
      const families = databases.map(([subject, , name]) => [subject, { family: familyOf(name) }])
      const record = Object.fromEntries([['contoso', { product: 'lync-server-2013' }], ...of, ...families]) as Record<
        string,
        Record<string, string>
      >
      return [id, seen(id, { record }, this.now)] as const
    })
    const location = this.isShareSeen
      ? facts.location
      : new Map([['main', { ...notSeen('main', 'no route to host'), at: this.now }]])
    const observed = {
      facts: { ...facts, sqlInstance: instances, location, environmentRecord: new Map(records) },
      sets: [...this.sets],
    }
    this.observed = observed
    return observed
  }

  #asTold(server: string, one: Observation<Facts['sqlInstance']>): Observation<Facts['sqlInstance']> {
    if (!one.known) return one
    const told = one.value.databases.map((database) =>
      this.#hidden.has(database.name) ? { ...database, family: null } : database,
    )
    return { ...one, value: { ...one.value, edition: this.editions.get(server) ?? edition, databases: told } }
  }

  #change(server: string, name: string, facts: Partial<DatabaseFacts>): void {
    const instance = this.world.instances.get(server)!
    instance.databases = instance.databases.map((one) => (one.name === name ? { ...one, ...facts } : one))
  }
}

export function partsOf({ subject }: Pick<Restore, 'subject'>): (typeof databases)[number] {
  const found = databases.find(([one]) => one === subject)
  if (!found) throw new Error(`${subject} is no database of the house`)
  return found
}

/** A database keeps it through every backup and RESTORE. */
function familyOf(name: string): string {
  return `family of ${name}`
}
