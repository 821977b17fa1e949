/** What may happen to the house, in any order: losses, rebuilds, wrong acts, words in Git, crashes, and what nobody can see. */
import fc from 'fast-check'
import { addSeconds } from '../../../../src/base/time.ts'
import type { Acceptance, Recovery } from '../../../../src/domain/model.ts'
import { databases, partsOf, servers, type House } from './house.ts'
import type { Ending, Keeper as Daemon } from './keeper.ts'

type Keeper = Daemon<House>

/** What a person does or says before Holdfast restores (domain reference, sections 6.2 and 6.8). */
const preparing = [
  ...['check-surroundings', 'check-restore-rights', 'rebuild-machine', 'install-sql-server', 'take-image'],
  ...['download-topology', 'create-databases', 'update-databases'],
]

/** What happens twice in a history should mostly happen to the same. */
const server = fc.constantFrom(servers[1], servers[1], servers[1], servers[0])
const place = fc.constantFrom(databases[2]!, databases[2]!, databases[2]!, databases[0]!, databases[1]!)

/** Minutes before now: mostly none; long before the loss; ahead. */
const minutesAgo = fc.constantFrom(0, 0, 0, 0, 3000, -60)

/** `right`: exactly what the gate asks for. */
const acceptance = fc.record({
  what: fc.constantFrom('database-age-unknown' as const, 'environment-changed' as const, 'copy-incomplete' as const),
  subject: fc.constantFrom('right' as const, 'right' as const, 'any' as const, 'wrong' as const),
  fact: fc.constantFrom('right' as const, 'right' as const, 'none' as const, 'wrong' as const),
  minutesAgo,
})

const saying = fc.record({
  run: fc.constantFrom(
    'holdfast' as const,
    'holdfast' as const,
    'holdfast' as const,
    'holdfast' as const,
    'guide' as const,
  ),
  from: fc.constantFrom('latest' as const, 'latest' as const, 'latest' as const, 'oldest' as const, 'unknown' as const),
  accept: fc.array(acceptance, { maxLength: 2 }),
  unsaid: fc.option(fc.constantFrom(...preparing), { freq: 4 }),
  minutesAgo,
  isFinished: fc.constantFrom(false, false, false, false, false, false, true),
})
type Saying = typeof saying extends fc.Arbitrary<infer T> ? T : never
const well: Saying = { run: 'holdfast', from: 'latest', accept: [], unsaid: null, minutesAgo: 0, isFinished: false }

/** Each with a weight: what makes a history go on is likely. */
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('off' as const, 'wipe' as const, 'on' as const), server }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), place }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('create' as const), server }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('say' as const), server, saying }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      ending: fc.constantFrom<Ending[]>('done', 'done', 'failed', 'broken', 'unsaid'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('back-up' as const), gap: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('verify' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('network' as const), isOn: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('share' as const), isOn: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sql' as const), server, isOn: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edition' as const), server, isOther: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'mirror' as const,
        'hide-age' as const,
        'hide-family' as const,
        'suspect' as const,
        'restoring' as const,
      ),
      place,
    }),
  },
)
const happening = fc.record({ event, minutes: fc.constantFrom(1, 1, 5, 16, 40, 1500) })
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

/** How a loss goes that is handled: gone, made anew, said, restored; with a flaw or two on the way. */
const plot = fc
  .record({
    place,
    loss: fc.constantFrom('off' as const, 'wipe' as const, 'drop' as const, 'away' as const),
    before: fc.constantFrom('nothing' as const, 'nothing' as const, 'set' as const, 'proved' as const, 'gap' as const),
    flaw: fc.option(
      fc.constantFrom('mirror' as const, 'hide-age' as const, 'hide-family' as const, 'edition' as const),
    ),
    saying: fc.oneof(fc.constant(well), saying),
    acceptance: fc.option(acceptance, { freq: 3 }),
    isSaidFirst: fc.boolean(),
  })
  .map(({ place: where, loss, before, flaw, saying: said, acceptance: accepted, isSaidFirst }): Happening[] => {
    const [, of] = where
    const after = (minutes: Happening['minutes'], what: Happening['event']): Happening => ({ event: what, minutes })
    const made = after(1, { kind: 'create', server: of })
    // Mostly of what stands against it.
    const what =
      flaw === 'edition' ? 'environment-changed' : before === 'gap' ? 'copy-incomplete' : 'database-age-unknown'
    const accept = accepted === null ? said.accept : [...said.accept, { ...accepted, what } as const]
    const word = after(1, { kind: 'say', server: of, saying: { ...said, accept } })
    const copied = before === 'nothing' ? [] : [after(1, { kind: 'back-up', gap: before === 'gap' })]
    const proved = before === 'set' ? [] : [after(1, { kind: 'verify' })]
    const lost =
      loss === 'drop'
        ? [after(40, { kind: 'drop', place: where })]
        : loss === 'away'
          ? [
              after(40, { kind: 'off', server: of }),
              after(1, { kind: 'restoring', place: where }),
              after(1, { kind: 'on', server: of }),
            ]
          : [after(40, { kind: loss, server: of }), after(1, { kind: 'wipe', server: of })]
    const flawed =
      flaw === null
        ? []
        : [after(1, flaw === 'edition' ? { kind: flaw, server: of, isOther: true } : { kind: flaw, place: where })]
    return [
      ...copied,
      ...proved,
      ...lost,
      ...(isSaidFirst ? [word, made, ...flawed] : [made, ...flawed, word]),
      after(1, { kind: 'end', ending: 'done' }),
    ]
  })

/** A plot or two, and whatever else happens at any time between. */
export const history = fc
  .tuple(
    fc.array(plot, { minLength: 1, maxLength: 2, size: 'max' }),
    fc.array(fc.tuple(happening, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 4, size: 'max' }),
  )
  .map(([plots, others]) => {
    const all = plots.flat()
    for (const [one, at] of others) all.splice(Math.round(at * all.length), 0, one)
    return all
  })

/** What thousands of histories met once, with the fault that it showed. */
export const met: readonly Happening[][] = [
  // A database came back, was used, and its server was away for a while: it was restored over what it then held.
  [
    { event: { kind: 'off', server: servers[1] }, minutes: 40 },
    { event: { kind: 'wipe', server: servers[1] }, minutes: 1 },
    { event: { kind: 'create', server: servers[1] }, minutes: 1 },
    { event: { kind: 'hide-family', place: databases[2]! }, minutes: 1 },
    { event: { kind: 'say', server: servers[1], saying: well }, minutes: 1 },
    { event: { kind: 'end', ending: 'done' }, minutes: 1 },
    { event: { kind: 'off', server: servers[1] }, minutes: 40 },
    { event: { kind: 'restoring', place: databases[2]! }, minutes: 1 },
    { event: { kind: 'on', server: servers[1] }, minutes: 1 },
    { event: { kind: 'say', server: servers[1], saying: well }, minutes: 1 },
  ],
  // A database came back, and then its server was lost: the database was taken for restored.
  [
    { event: { kind: 'drop', place: databases[1]! }, minutes: 40 },
    { event: { kind: 'create', server: servers[0] }, minutes: 1 },
    { event: { kind: 'hide-family', place: databases[1]! }, minutes: 1 },
    { event: { kind: 'say', server: servers[0], saying: well }, minutes: 1 },
    { event: { kind: 'end', ending: 'done' }, minutes: 1 },
    { event: { kind: 'off', server: servers[0] }, minutes: 40 },
    { event: { kind: 'wipe', server: servers[0] }, minutes: 1 },
  ],
  // A database was lost while the one beside it was restored: that one was restored twice.
  [
    { event: { kind: 'verify' }, minutes: 1 },
    { event: { kind: 'off', server: servers[0] }, minutes: 40 },
    { event: { kind: 'wipe', server: servers[0] }, minutes: 1 },
    { event: { kind: 'create', server: servers[0] }, minutes: 1 },
    { event: { kind: 'hide-family', place: databases[1]! }, minutes: 1 },
    { event: { kind: 'say', server: servers[0], saying: well }, minutes: 1 },
    { event: { kind: 'drop', place: databases[0]! }, minutes: 40 },
    { event: { kind: 'create', server: servers[0] }, minutes: 1 },
    { event: { kind: 'say', server: servers[0], saying: well }, minutes: 1 },
    { event: { kind: 'end', ending: 'done' }, minutes: 1 },
  ],
]

export function happen(keeper: Keeper, { event: what }: Happening): void {
  const { house } = keeper
  switch (what.kind) {
    case 'off':
    case 'on':
      house.machine(what.server).powered = what.kind === 'on'
      if (what.kind === 'off') keeper.cut((one) => partsOf(one)[1] === what.server)
      break
    case 'wipe':
      house.wipe(what.server)
      keeper.cut((one) => partsOf(one)[1] === what.server)
      break
    case 'drop':
      if (!house.machine(what.place[1]).powered) break
      house.drop(what.place[1], what.place[2])
      keeper.cut(({ subject }) => subject === what.place[0])
      break
    case 'create':
      for (const [, of, name] of databases) if (of === what.server) house.create(of, name)
      break
    case 'say':
      declare(house, recoveryOf(keeper, flaggedOn(keeper, what.server), what.saying))
      break
    case 'withdraw':
      house.recoveries = []
      break
    case 'end':
      keeper.end(what.ending)
      break
    case 'back-up':
      house.backUp(keeper.flags.length > 0, what.gap)
      break
    case 'verify':
      house.verify()
      break
    case 'network':
      house.world.network = what.isOn
      break
    case 'share':
      house.isShareSeen = what.isOn
      break
    case 'sql':
      house.world.instances.get(what.server)!.running = what.isOn
      if (!what.isOn) keeper.cut((one) => partsOf(one)[1] === what.server)
      break
    case 'edition':
      house.editions.set(what.server, what.isOther ? 'Enterprise Edition' : 'Standard Edition')
      break
    case 'mirror':
      house.set(what.place[1], what.place[2], { mirroringRole: 'PRINCIPAL' })
      break
    case 'hide-age':
      house.set(what.place[1], what.place[2], { createdAt: null })
      break
    case 'hide-family':
      house.hideFamily(what.place[2])
      break
    case 'suspect':
    case 'restoring':
      house.set(what.place[1], what.place[2], { state: what.kind.toUpperCase() })
  }
}

/** What of it is flagged: the server, else one of its databases; where nothing is, its own name. */
function flaggedOn({ flags }: Keeper, of: string): string {
  return flags.find(({ subject }) => subject === of || subject.startsWith(`${of}/`))?.subject ?? of
}

/** There is one for each subject: a second one is a fault of the revision. */
function declare(house: House, recovery: Recovery): void {
  house.recoveries = [...house.recoveries.filter((one) => one.server !== recovery.server), recovery]
}

/** As an operator writes it who knows how. */
export function declareFor(keeper: Keeper, subject: string, accept: readonly Acceptance[]): void {
  declare(keeper.house, { ...recoveryOf(keeper, subject, well), accept })
}

function recoveryOf({ house }: Keeper, subject: string, said: Saying): Recovery {
  const at = (minutes: number): string => addSeconds(house.now, -60 * minutes)
  const word = { by: 'Jane', note: null }
  return {
    ...{
      name: `of ${subject}`,
      file: 'r.yaml',
      server: subject,
      scenario: 'archiving-monitoring',
      run: said.run,
      choose: [],
    },
    from: said.from === 'latest' ? 'latest' : said.from === 'oldest' ? (house.sets[0]?.id ?? '') : 'nightly/none',
    accept: said.accept.flatMap((one) =>
      acceptancesOf(one, subject).map((made) => ({ ...made, ...word, at: at(one.minutesAgo) })),
    ),
    acknowledge: preparing
      .filter((step) => step !== said.unsaid)
      .map((step) => ({ step, subject: null, ...word, at: at(said.minutesAgo) })),
    finished: said.isFinished ? { ...word, at: house.now } : null,
  }
}

/** An edition is of the server, the rest is of each of its databases. */
function acceptancesOf(
  { what, subject, fact }: Saying['accept'][number],
  of: string,
): Pick<Acceptance, 'what' | 'subject' | 'fact'>[] {
  const host = of.split('/')[0] ?? of
  const own =
    what === 'environment-changed' ? [host] : databases.flatMap(([one, place]) => (place === host ? [one] : []))
  const subjects = subject === 'right' ? own : [subject === 'any' ? null : 'pool01.contoso.com']
  const rightFact = what === 'environment-changed' ? 'SQL Server edition' : null
  const named = { right: rightFact, none: null, wrong: 'DNS' }[fact]
  return subjects.map((one) => ({ what, subject: one, fact: named }))
}
