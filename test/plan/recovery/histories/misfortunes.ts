/** What may happen to a deployment of any layout, in any order: losses, rebuilds, wrong acts, words in Git, and crashes. */
import fc from 'fast-check'
import { addSeconds } from '../../../../src/base/time.ts'
import type { Recovery } from '../../../../src/domain/model.ts'
import { knownSteps } from '../../../../src/domain/procedures/procedures.ts'
import type { Flag } from '../../../../src/domain/statement.ts'
import { layouts } from './layouts.ts'
import type { Estate } from './estate.ts'
import type { Ending, Keeper } from './keeper.ts'

/** Steps that leave nothing to be seen (domain reference, section 8): what stands on them waits for a word. */
const unseen = ['check-restore-rights', 'take-image', 'check-contact-store'] as const

const chance = fc.nat(997)
const saying = fc.record({
  run: fc.constantFrom(...(['holdfast', 'holdfast', 'holdfast', 'holdfast', 'guide'] as const)),
  unsaid: fc.option(fc.constantFrom(...unseen), { freq: 4 }),
  minutesAgo: fc.constantFrom(0, 0, 0, 0, 3000, -60),
  way: fc.constantFrom('from-set' as const, 'failed-over' as const),
  isAgeAccepted: fc.constantFrom(false, false, false, true),
})
type Saying = typeof saying extends fc.Arbitrary<infer T> ? T : never
export const well: Saying = {
  ...{ run: 'holdfast', unsaid: null, minutesAgo: 0, way: 'from-set', isAgeAccepted: false },
}

const atHost = (
  ...kinds: ('off' | 'on' | 'wipe' | 'build' | 'strip' | 'start' | 'stop' | 'fail-over' | 'end-failover')[]
) => fc.record({ kind: fc.constantFrom(...kinds), at: chance })
const event = fc.oneof(
  { weight: 4, arbitrary: atHost('off', 'on', 'wipe', 'build') },
  { weight: 3, arbitrary: atHost('strip', 'start', 'stop', 'fail-over', 'end-failover') },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'hide-age' as const), at: chance }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('say' as const), at: chance, saying }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('withdraw' as const, 'verify' as const, 'back-up' as const) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      ending: fc.constantFrom<Ending[]>('done', 'done', 'done', 'failed', 'broken', 'unsaid'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('network' as const, 'share' as const), isOn: fc.boolean() }),
  },
)
export type Event = typeof event extends fc.Arbitrary<infer T> ? T : never
export interface Misfortune {
  event: Event
  minutes: number
}
const misfortune = fc.record({ event, minutes: fc.constantFrom(1, 1, 5, 16, 40, 1500) })

/** How a loss goes that is handled, and how one goes that was none: a server that lost its role, and holds all that it held. */
const plot = fc
  .record({
    at: chance,
    loss: fc.constantFrom(...(['wipe', 'wipe', 'drop', 'two', 'strip', 'away'] as const)),
    saying: fc.oneof(fc.constant(well), saying),
    isFailedOver: fc.constantFrom(false, false, true),
    isSaidFirst: fc.boolean(),
    ends: fc.array(fc.constantFrom<Ending[]>('done', 'done', 'done', 'broken', 'unsaid', 'failed'), { maxLength: 4 }),
  })
  .map(({ at, loss, saying: said, isFailedOver, isSaidFirst, ends }): Misfortune[] => {
    const after = (minutes: number, what: Event): Misfortune => ({ event: what, minutes })
    const word = after(1, { kind: 'say', at, saying: said })
    const made = after(1, { kind: 'build', at })
    const lost: Record<typeof loss, Misfortune[]> = {
      wipe: [after(40, { kind: 'off', at }), after(1, { kind: 'wipe', at })],
      drop: [after(40, { kind: 'drop', at })],
      // Two things of one owner, one soon after the other.
      two: [
        after(40, { kind: 'drop', at }),
        after(1, { kind: 'build', at }),
        word,
        after(40, { kind: 'drop', at: at + 1 }),
      ],
      strip: [after(40, { kind: 'strip', at })],
      away: [after(40, { kind: 'off', at }), after(1, { kind: 'on', at }), after(1, { kind: 'stop', at })],
    }
    return [
      ...lost[loss],
      ...(isFailedOver ? [after(1, { kind: 'fail-over', at })] : []),
      ...(isSaidFirst ? [word, made] : [made, word]),
      ...ends.map((ending) => after(1, { kind: 'end', ending })),
    ]
  })

export const story = fc.record({
  layout: fc.nat(layouts.length - 1),
  all: fc
    .tuple(
      fc.array(plot, { minLength: 1, maxLength: 2, size: 'max' }),
      fc.array(fc.tuple(misfortune, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 5, size: 'max' }),
    )
    .map(([plots, others]) => {
      const all = plots.flat()
      for (const [one, at] of others) all.splice(Math.round(at * all.length), 0, one)
      return all
    }),
})
export type Story = typeof story extends fc.Arbitrary<infer T> ? T : never

/** The same number means the same machine, what is on it, and its pool. */
export function happen(keeper: Keeper<Estate>, { event: what }: Misfortune): void {
  const { house } = keeper
  const { things } = house.layout
  const one = 'at' in what ? things[what.at % things.length]! : things[0]!
  const isMember = 'at' in what && what.at % 5 === 4
  // Machines that hold nothing are lost too.
  const host = isMember ? house.hosts[what.at % house.hosts.length]! : one.host
  const isOn = (server: string): boolean => server === host
  switch (what.kind) {
    case 'off':
      house.machine(host).powered = false
      keeper.cut((run) => placesOf(run, house).some(isOn))
      break
    case 'on':
      house.machine(host).powered = true
      break
    case 'wipe':
      house.wipe(host)
      keeper.cut((run) => placesOf(run, house).some(isOn))
      break
    case 'build':
    case 'strip':
      house[what.kind](host)
      break
    case 'start':
    case 'stop':
      house.setServices([host], what.kind === 'start' ? 'Running' : 'Stopped')
      break
    case 'drop':
      house.drop(one)
      keeper.cut(({ operation }) => operation.kind === 'restore-item' && house.thing(operation.item) === one)
      break
    case 'hide-age':
      house.hideAge(one)
      break
    case 'fail-over':
      house.failOver(host)
      break
    case 'end-failover':
      house.endFailover(host)
      break
    case 'say':
      for (const flag of keeper.flags.filter(({ subject }, index) => subject.includes(host) || index === 0))
        declare(house, flag, what.saying)
      break
    case 'withdraw':
      house.recoveries = []
      break
    case 'end':
      keeper.end(what.ending)
      break
    case 'back-up':
      house.backUp(keeper.flags.length > 0)
      break
    case 'verify':
      house.verify()
      break
    case 'network':
      house.world.network = what.isOn
      break
    case 'share':
      house.isShareSeen = what.isOn
  }
}

/** Machines that a run needs. */
function placesOf({ operation }: Parameters<Estate['begin']>[0], house: Estate): readonly string[] {
  switch (operation.kind) {
    case 'restore-item':
      return [house.thing(operation.item)?.host ?? '']
    case 'stop-services':
    case 'start-services':
      return operation.servers
    case 'fail-back-pool':
    case 'sync-conference-content':
      return [...house.serversOf(operation.pool), ...house.serversOf(operation.partner)]
    case 'check-replication':
      return [operation.server]
  }
}

const forks: Readonly<Record<string, string>> = {
  ...{ 'choose-configuration': 'from-set', 'decide-on-quorum': 'wait', 'check-fabric': 'serves' },
  ...{ 'fail-over-central-management': 'restore', 'fail-over-chat': 'from-set' },
}

/** As an operator writes it who says that all was done that comes before a restore. One for each subject. */
export function declare(house: Estate, { subject, scenario }: Pick<Flag, 'subject' | 'scenario'>, said: Saying): void {
  const word = { by: 'Jane', note: null, at: addSeconds(house.now, -60 * said.minutesAgo) }
  const recovery: Recovery = {
    ...{ name: `of ${subject}`, file: 'r.yaml', server: subject, scenario, run: said.run, from: 'latest' },
    acknowledge: [...knownSteps]
      .filter(([step, ways]) => ways.length === 0 && step !== said.unsaid)
      .map(([step]) => ({ step, subject: null, ...word })),
    choose: Object.entries({ ...forks, 'fail-over-pool': said.way }).map(([step, branch]) => ({
      ...{ step, branch, subject: null, ...word },
    })),
    accept: said.isAgeAccepted ? [{ what: 'database-age-unknown', subject: null, fact: null, ...word }] : [],
    finished: null,
  }
  house.recoveries = [...house.recoveries.filter(({ server }) => server !== subject), recovery]
}

type Act = 'drop' | 'off' | 'wipe' | 'build' | 'strip'
const words = {
  ...{ say: well, forget: { ...well, unsaid: 'check-restore-rights' } },
} as const satisfies Record<string, Saying>

function eventOf(one: Act | keyof typeof words | 'done', at: number): Event {
  if (one === 'done') return { kind: 'end', ending: 'done' }
  if (one === 'say' || one === 'forget') return { kind: 'say', at, saying: words[one] }
  if (one === 'drop') return { kind: 'drop', at }
  return { kind: one, at }
}

/** One thing after the other; a loss lasts for 40 minutes. */
function told(layout: number, at: number, ...all: Parameters<typeof eventOf>[0][]): Story {
  const isLoss = (one: string): boolean => one === 'off' || one === 'strip'
  return { layout, all: all.map((one) => ({ event: eventOf(one, at), minutes: isLoss(one) ? 40 : 1 })) }
}

/** What thousands of histories met once, with the fault that it showed. */
export const met: readonly Story[] = [
  // A database was lost, then its server lost its role: the share beside it, which was there all the time, was filled.
  told(0, 0, 'drop', 'strip', 'build', 'say'),
  // The server was lost once more after the pool had been stopped: it was never stopped again, and the import waited.
  told(1, 0, 'off', 'wipe', 'build', 'say', 'off', 'wipe', 'build', 'forget', 'done'),
  // A database was lost while the pool was started: that start counted, and after the next import it stayed stopped.
  startedTooEarly(),
  // The users were lost again while Response Groups came back: started again for the users, the pool took those back.
  told(
    ...([1, 0] as const),
    ...(['off', 'wipe', 'build', 'say', 'done', 'done', 'done', 'drop', 'build', 'say'] as const),
    ...(['done', 'done', 'done', 'done'] as const),
  ),
  // The Response Groups were lost again after the users had come back: the pool was to be stopped for those, and never was.
  {
    layout: 1,
    all: [
      ...told(1, 0, 'off', 'wipe', 'build', 'say', 'done', 'done', 'done').all,
      ...told(1, 1, 'drop', 'build', 'say', 'done').all,
    ],
  },
  // A server was away for a while after the users had come back: they were to come back once more, and never did.
  told(1, 0, 'off', 'wipe', 'build', 'say', 'done', 'done', 'off', 'say'),
  // A server lost its role, and then a database: what was said between counted for the new one.
  told(2, 1, 'strip', 'say', 'drop', 'build'),
  // A server lost its role, and then was made anew: an image from before that counted.
  told(0, 0, 'strip', 'say', 'wipe'),
  // The database of the locations was lost, and then out of sight: they were imported on a word alone.
  {
    layout: 0,
    all: [
      { event: eventOf('drop', 1), minutes: 40 },
      { event: { kind: 'network', isOn: false }, minutes: 1 },
      { event: eventOf('say', 1), minutes: 1 },
    ],
  },
]

function startedTooEarly(): Story {
  const { layout, all } = told(3, 0, 'off', 'wipe', 'build', 'say', 'done', 'done', 'done')
  const lost = { event: eventOf('drop', 67), minutes: 40 }
  const late: Event = { kind: 'say', at: 67, saying: { ...well, minutesAgo: 3000 } }
  const rest = [eventOf('build', 67), late, eventOf('done', 0)].map((event) => ({ event, minutes: 1 }))
  return { layout, all: [...all, lost, ...rest] }
}
