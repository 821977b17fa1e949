/**
 * Any history of every kind of loss (domain reference, section 6.1): Standard Edition, Front End pool, Persistent Chat, Edge, and
 * pairs with their forks. As `histories.test.ts`, and of each open gate: what is checked follows from what physically happened
 * (`estate.ts`), never from a verdict.
 *
 * Shown to find within 50 histories, each planted by hand: steps that wait are run, what is restored now is restored once more,
 * what was never seen lost is restored, and what was only seen half-built.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addSeconds, type Time } from '../../../src/base/time.ts'
import type { Gate } from '../../../src/domain/gate.ts'
import type { Recovery } from '../../../src/domain/model.ts'
import type { Operation } from '../../../src/domain/procedures/operation.ts'
import type { Runbook, Step } from '../../../src/domain/runbook.ts'
import type { Item } from '../../../src/domain/words.ts'
import { Estate, keyOf } from './histories/estate.ts'
import { Keeper as Daemon } from './histories/keeper.ts'
import { Witness } from './histories/estate-witness.ts'
import { layouts, type Thing } from './histories/layouts.ts'
import { declare, happen, met, story, well, type Story } from './histories/misfortunes.ts'

type Keeper = Daemon<Estate>

/** Of these, whichever comes later needs the earlier one of the same place (domain reference, sections 6.2 to 6.12). */
const order: readonly (readonly [string, string])[] = [
  ['check-surroundings', 'rebuild-machine'],
  ['rebuild-machine', 'install-sql-server'],
  ['rebuild-machine', 'take-image'],
  ['take-image', 'share-file-store'],
  ['share-file-store', 'restore-file-store'],
  ['create-central-management-store', 'import-configuration'],
  ['create-databases', 'update-databases'],
  ['update-databases', 'restore-databases'],
  ['clear-active-chat-servers', 'restore-databases'],
  ['take-image', 'install-local-store'],
  ['install-local-store', 'install-components'],
  ['install-components', 'start-server'],
  ['start-server', 'stop-services'],
  ['check-contact-store', 'stop-services'],
  ['stop-services', 'import-user-data'],
  ['import-user-data', 'start-services'],
  ['start-services', 'import-response-groups'],
  ['start-server', 'fail-back-pool'],
  ['start-services', 'check-replication'],
]

/** A step that Holdfast would run now. */
interface Open {
  step: Step
  operation: Operation
  runbook: Runbook
}

function openGates({ runbooks }: Keeper): Open[] {
  return runbooks.flatMap((runbook) =>
    runbook.steps.flatMap((step) => {
      const { run, state } = step
      const isOpen = run && !run.isRunning && !run.done && state !== 'done' && state !== 'ended'
      return isOpen && run.refused.length === 0 ? [{ step, operation: run.operation, runbook }] : []
    }),
  )
}

const userData = (subject: string): Item => ({ kind: 'user-data', subject })

/** What is filled, or made way for. */
function itemOf({ operation: one }: Open): Item | null {
  if (one.kind === 'restore-item') return one.item
  return one.kind === 'fail-back-pool' || one.kind === 'start-services' ? userData(one.pool) : null
}

/** What is written over, or made way for. */
function filledBy({ operation, subject }: { operation: Operation; subject: string }): Item | null {
  if (operation.kind === 'stop-services') return userData(subject)
  return operation.kind === 'restore-item' ? operation.item : null
}

function checkGate(open: Open, keeper: Keeper, witness: Witness): void {
  const { house, inFlight } = keeper
  const { operation, step, runbook } = open
  const { subject } = step
  const [own] = house.layout.things.filter(({ item }) => item.subject === subject && item.kind === 'user-data')
  const item = operation.kind === 'stop-services' && own ? own.item : itemOf(open)
  const thing = item ? house.thing(item) : undefined
  const host = thing?.host ?? ''
  const servers = house.serversOf(subject)
  // The servers of a pool hold its conferences; what is on the others is theirs.
  const places = [...(item ? [keyOf(item)] : []), host, ...(thing?.database ? [] : servers)]
  const shares = house.layout.things.filter((one) => one.item.kind === 'file-store' && one.host === host)
  const isOfPair = operation.kind === 'fail-back-pool' || operation.kind === 'sync-conference-content'
  const lostAt = witness.lostAt(isOfPair ? [...places, ...servers, ...shares.map((one) => keyOf(one.item))] : places)
  const words = house.recoveries.filter(({ server, finished }) => finished === null && server === runbook.subject)
  const content = item ? house.contentOf(item) : undefined
  const isKept = item !== null && house.isKept(item)
  const isSince = ({ at }: { at: Time }): boolean => lostAt !== undefined && at >= lostAt && at <= house.now
  const isSaid = (id: string): boolean =>
    words.some(({ acknowledge }) => acknowledge.some((one) => one.step === id && isSince(one)))
  const isVouched = words.some(({ accept }) =>
    accept.some((one) => one.what === 'database-age-unknown' && isSince(one)),
  )
  const isFilled = operation.kind === 'restore-item' || operation.kind === 'stop-services'
  // A file store is filled up, and locations merge.
  const isOverwritten = isFilled && thing?.database !== undefined && item?.kind !== 'location-information'
  const set = house.sets.find(({ id }) => id === step.run?.set)
  const isFromSet = operation.kind === 'restore-item'
  const isOfMachine = house.hosts.includes(runbook.subject) && runbook.subject === host
  // Cut off in its failback, and Active already: what is run is a look, and nothing is fetched.
  const isProof = step.run?.tried?.outcome === 'interrupted' && !house.failedOver.has(subject)
  const isUserData = item?.kind === 'user-data' && isFilled
  const wrong = {
    'nobody saw it lost': lostAt === undefined,
    'nobody declared that Holdfast runs it': !words.some(({ run }) => run === 'holdfast'),
    'it is not its turn': step.state !== 'ready',
    'the same is under way': inFlight.some((other) => other.subject === subject),
    'it holds what must not go': isOverwritten && isKept && !(isVouched && house.isAgeless(thing)),
    'its place is not there': isFromSet && thing !== undefined && content === undefined && !isVouched,
    'its place cannot be seen':
      isFromSet && thing?.database !== undefined && !(house.world.network && house.machine(host).powered) && !isVouched,
    'its copy is of nothing': isFromSet && item !== null && set?.ok.some((one) => keyOf(one) === keyOf(item)) !== true,
    'its set is not proved': isFromSet && set?.verified.content === undefined,
    'the share cannot be seen': isFromSet && !house.isShareSeen,
    'its users work on the partner': isUserData && house.failedOver.has(subject),
    'the partner has nothing of it': operation.kind === 'fail-back-pool' && !house.isAtPartner(subject) && !isProof,
    'nobody chose to fetch it from the partner': isOfPair && !isChosen(operation, words, isSince),
    'what nobody can see was not said since the loss': unsaid(open, isOfMachine).some((id) => !isSaid(id)),
  }
  fail(Object.entries(wrong).flatMap(([why, isSo]) => (isSo ? [`${step.id} of ${subject} is run, and ${why}`] : [])))
}

/** Conference content is on the partner whichever way users go; they themselves come back by one way only. */
function isChosen({ kind }: Operation, words: readonly Recovery[], isSince: (word: { at: Time }) => boolean): boolean {
  const isWay = (branch: string): boolean => kind === 'sync-conference-content' || branch === 'failed-over'
  return words.some(({ choose }) =>
    choose.some((one) => one.step === 'fail-over-pool' && isWay(one.branch) && isSince(one)),
  )
}

/** Steps before it that leave nothing to be seen. */
function unsaid({ operation }: Open, isOfMachine: boolean): string[] {
  if (operation.kind === 'stop-services') return ['check-contact-store', 'check-restore-rights']
  if (operation.kind !== 'restore-item') return []
  return [
    ...(operation.item.kind === 'sql-database' ? ['check-restore-rights'] : []),
    ...(isOfMachine ? ['take-image'] : []),
  ]
}

const placeOf = (subject: string): string => subject.replace(/^\\\\/, '').split(/[\\/]/)[0] ?? ''

function checkSteps({ runbooks, house }: Keeper): void {
  for (const { subject: of, steps } of runbooks) {
    const concerns = (one: string, other: string): boolean =>
      one === of || placeOf(one) === placeOf(other) || house.serversOf(one).includes(placeOf(other))
    for (const [before, after] of order)
      for (const step of steps.filter(({ id, state }) => id === after && (state === 'done' || state === 'ready')))
        fail(
          steps
            .filter(({ id, subject }) => id === before && concerns(subject, step.subject))
            .filter(({ state }) => state !== 'done' && state !== 'ended')
            .map(
              ({ subject }) => `${after} of ${step.subject} is ${step.state}, and ${before} of ${subject} is not done`,
            ),
        )
  }
}

/**
 * What Holdfast brought back since the loss, and nobody lost again, is not to be brought back once more, and no pool is stopped
 * for that. A file store is: it is filled up, and what is there stays. So is what came back before a wider loss took over: that
 * has a runbook of its own, and its gate looks.
 */
function checkBroughtBack({ flags, runbooks, house }: Keeper): void {
  for (const { subject: of, since: flaggedAt, steps } of runbooks) {
    const since = flags.find((one) => one.subject === of)?.lostAgainAt ?? flaggedAt
    for (const { id, subject, state, run } of steps) {
      const item = run ? filledBy({ ...run, subject }) : null
      if (item === null || state !== 'ready') continue
      const thing = house.thing(item)
      const at = house.broughtBackAt(item)
      const isSeen = thing?.database && house.world.network && house.machine(thing.host).powered
      if (at !== undefined && at >= since && isSeen && !house.isAgeless(thing))
        fail([`${id} of ${subject} is ready, and it came back at ${at}`])
    }
  }
}

function fail(wrong: readonly string[]): void {
  if (wrong.length > 0) expect(wrong).toEqual([])
}

function pass(keeper: Keeper, witness: Witness, seconds: number): number {
  keeper.after(seconds)
  witness.look()
  const open = openGates(keeper)
  for (const one of open) checkGate(one, keeper, witness)
  checkSteps(keeper)
  checkBroughtBack(keeper)
  keeper.start()
  return open.length
}

const untouchable: ReadonlySet<Gate> = new Set<Gate>(['never-seen-lost', 'database-older'])

/**
 * What lives beside it, or nobody saw lost, is never touched: a person brings back by hand what waits for that. The same of what
 * came back, and was lost once more on a server that lives: its import counts as done.
 */
function isForHands({ steps }: Runbook): boolean {
  const isRefused = steps.some(
    ({ run }) => run?.tried?.code === 'import-came-short' || run?.refused.some(({ gate }) => untouchable.has(gate)),
  )
  return isRefused || steps.every(({ state }) => state === 'done' || state === 'ended')
}

/** An operator who knows how brings it to an end. */
function finish(keeper: Keeper, witness: Witness): void {
  const { house } = keeper
  const wait = (seconds: number): void => void pass(keeper, witness, seconds)
  keeper.end('failed')
  house.world.network = true
  house.isShareSeen = true
  house.showAges()
  house.verify()
  for (const host of house.hosts) {
    house.machine(host).powered = true
    for (const instance of house.world.instances.values()) if (instance.host === host) instance.running = true
  }
  // A loss that is seen only now is flagged after the grace.
  wait(16 * 60)
  wait(16 * 60)
  for (const host of house.hosts) {
    house.build(host)
    house.setServices([host], 'Running')
  }
  const lost = house.layout.things.filter(
    (one) => !/life|copy/.test(house.contentOf(one.item) ?? '') && isFlagged(one, keeper),
  )
  // What is empty, and older than the last loss around it, is made anew once more.
  keeper.end('failed')
  for (const one of lost) house.drop(one)
  wait(60)
  for (const { host } of lost) house.build(host)
  // Whose data are on the partner comes back from there, also once it was failed back.
  const isBack = (pool: string): boolean => house.contentOf(userData(pool)) === 'life'
  const over = new Set([
    ...[...house.failedOver].filter((pool) => house.isAtPartner(pool)),
    ...[...house.failedBack].filter(isBack),
  ])
  const goOn = (): void => {
    for (let round = 0; keeper.flags.length > 0 && round < 16; round++) {
      keeper.end('done')
      for (const pool of house.failedOver) if (!house.isAtPartner(pool)) house.endFailover(pool)
      for (const flag of keeper.flags) {
        declare(house, flag, { ...well, way: over.has(placeOf(flag.subject)) ? 'failed-over' : 'from-set' })
      }
      wait(60)
      heed(keeper)
      wait(3600)
    }
    keeper.end('done')
  }
  goOn()
  for (const { subject } of keeper.runbooks.filter(isForHands))
    for (const one of house.layout.things)
      if (isOf(one, subject) && !/life|copy/.test(house.contentOf(one.item) ?? '')) house.bringBack(one.item)
  // What came back, and Holdfast could not write down, or will not touch, a person says (decision 0029).
  house.recoveries = house.recoveries.map((one) => {
    const isWhole = house.layout.things.every(
      (thing) => !isOf(thing, one.server) || /life|copy/.test(house.contentOf(thing.item) ?? ''),
    )
    return isWhole ? { ...one, finished: { by: 'Jane', at: house.now, note: null } } : one
  })
  wait(60)
  // What waited for that: the data of a pool come from its partner, once that one is back.
  goOn()
  wait(60)
  fail(keeper.flags.map(({ subject, reason }) => `${subject} is still flagged: ${reason} ${leftOf(subject, keeper)}`))
  fail(
    lost.flatMap(({ item }) =>
      /life|copy/.test(house.contentOf(item) ?? '')
        ? []
        : [`${keyOf(item)} holds ${house.contentOf(item) ?? 'nothing'}`],
    ),
  )
}

/** As the refusals say: services that run are stopped by hand, and what is older than the last loss is made anew. */
function heed({ house, runbooks }: Keeper): void {
  for (const { run } of runbooks.flatMap(({ steps }) => steps)) {
    if (run?.operation.kind !== 'restore-item') continue
    const { item } = run.operation
    if (run.tried?.code === 'front-ends-not-stopped') house.setServices(house.serversOf(item.subject), 'Stopped')
    const thing = house.thing(item)
    const isOlder = run.refused.some(({ gate }) => gate === 'database-older')
    if (!isOlder || !thing || house.contentOf(item) === 'life') continue
    house.drop(thing)
    house.now = addSeconds(house.now, 60)
    house.build(thing.host)
  }
}

/** For whoever reads the failure. */
function leftOf(of: string, { runbooks }: Keeper): string {
  const steps = runbooks.find(({ subject }) => subject === of)?.steps ?? []
  const told = ({ id, subject, state, evidence = '', run }: Step): string =>
    [id, subject, state, evidence, ...(run?.refused ?? []).map(({ message }) => message), run?.tried?.code ?? ''].join(
      ' ',
    )
  return steps
    .filter(({ state }) => state === 'ready' || state === 'blocked')
    .map(told)
    .join('; ')
}

/** What is emptied and made anew before anybody could see it lost is a finding, and no flag. */
function isFlagged(thing: Thing, { flags }: Keeper): boolean {
  return flags.some(({ subject }) => isOf(thing, subject))
}

function isOf({ item, host, database }: Thing, flagged: string): boolean {
  return [item.subject, host, database ? `${database.instance}/${database.name}` : ''].includes(flagged)
}

/** How many gates opened before the operator brought it to its end. */
function live({ layout, all }: Story): number {
  const keeper = new Daemon(new Estate(layouts[layout]!))
  const witness = new Witness(keeper)
  pass(keeper, witness, 0)
  let opened = 0
  for (const one of all) {
    happen(keeper, one)
    // What lasts is looked at more than once.
    const parts = one.minutes > 5 ? 2 : 1
    for (let part = 0; part < parts; part++) opened += pass(keeper, witness, (one.minutes * 60) / parts)
  }
  finish(keeper, witness)
  return opened
}

/** Each takes some 90 ms; more find more. */
const numRuns = Number(process.env['HOLDFAST_HISTORIES'] ?? 60)

it(
  'of whatever is lost: the gate opens only on that, nothing is done out of turn, and all of it ends',
  { timeout: 3_600_000 },
  () => {
    let opened = 0
    fc.assert(
      fc.property(story, (one) => {
        if (live(one) > 0) opened++
      }),
      { numRuns, examples: met.map((one) => [one]) },
    )
    // Else nothing was tried.
    expect(opened / numRuns).toBeGreaterThan(0.15)
  },
)
